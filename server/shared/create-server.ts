/** Node's own, taken without an import: an import reads every name of node:http, WebSocket too, and with it loads all of undici, a tenth of the start. */
export const { createServer } = process.getBuiltinModule('node:http')
