import { defineNode, oneOf, string } from '../define-node.ts'

/** Saves a text as a file; as .json it is laid out when it is JSON, and a JSON string when it is not. */
export const saveText = defineNode({
  type: 'RHB_SaveText',
  displayName: 'Save Text',
  category: 'utilities',
  isOutput: true,
  inputs: {
    text: string({ forceInput: true }),
    filename_prefix: string({ default: 'text/ComfyUI' }),
    format: oneOf(['txt', 'json', 'md']),
  },
  outputs: { text: 'STRING' },
  execute: async ({ inputs, assets }) => {
    const { text, format, filename_prefix: prefix } = inputs
    const written = format === 'json' ? asJson(text) : text
    const files = await assets.save({
      folder: 'output',
      prefix,
      trailingUnderscore: false,
      items: [{ bytes: new TextEncoder().encode(written), extension: format }],
    })
    return { text, ui: { files, text: [text] } }
  },
})

/** Numbers keep their digits: only the space between is laid out anew. */
function asJson(text: string): string {
  try {
    const value: unknown = JSON.parse(text, keepDigits)
    return `${JSON.stringify(value, null, 2)}\n`
  } catch {
    // Not JSON: the text itself becomes a value that is.
    return `${JSON.stringify(text)}\n`
  }
}

type Reviver = (this: unknown, key: string, value: unknown, context?: { source: string }) => unknown

const keepDigits: Reviver = (_key, value, context) =>
  typeof value === 'number' && context !== undefined ? JSON.rawJSON(context.source) : value
