/**
 * Types that exist only in the editor (ComfyUI_frontend: virtual nodes): they shape the prompt and are never in it.
 * `pass` hands its input on, `value` gives its own value, `named` sends a link through a name, `none` is only to be read.
 */
export const virtualNodes: ReadonlyMap<string, 'pass' | 'value' | 'set' | 'get' | 'none'> = new Map([
  ['Reroute', 'pass'],
  ['PrimitiveNode', 'value'],
  ['SetNode', 'set'],
  ['GetNode', 'get'],
  ['Note', 'none'],
  ['MarkdownNote', 'none'],
])
