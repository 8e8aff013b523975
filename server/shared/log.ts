import pino, { type Logger } from 'pino'
import { scrub } from './secrets.ts'

export type Log = Logger

/** Values under these names never reach a line; Rh-Comfy-Auth is a socket credential (RunningHub: WebSocket). */
const hidden = [
  'apiKey',
  'apikey',
  'api_key',
  'key',
  'token',
  'authorization',
  'cookie',
  'netWssUrl',
  'socketUrl',
]

/**
 * The log, one JSON object a line on standard error. `level` by RH_BRIDGE_LOG (`debug`, `info`, `warn`, `error`, `silent`).
 * Everything passes `secrets`: keys and tokens leave at most their last four characters.
 */
export function createLog(options: {
  level: string
  secrets: () => Iterable<string>
  write?: (line: string) => void
}): Log {
  const write = options.write ?? (line => void process.stderr.write(line))
  return pino(
    {
      level: options.level in pino.levels.values || options.level === 'silent' ? options.level : 'info',
      base: null,
      redact: { paths: hidden.flatMap(name => [name, `*.${name}`]), censor: '…' },
      serializers: {
        error: (error: unknown) =>
          error instanceof Error ? { message: error.message, name: error.name, stack: error.stack } : error,
      },
    },
    {
      write: line =>
        write(
          scrub(line, options.secrets())
            .replace(/Rh-Comfy-Auth=[^"&\s\\]+/g, 'Rh-Comfy-Auth=…')
            .replace(/([?&](?:apiKey|token)=)[^"&\s\\]+/g, '$1…'),
        ),
    },
  )
}
