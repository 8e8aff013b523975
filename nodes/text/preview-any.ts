import { defineNode, socket } from '../define-node.ts'
import { pythonNumber, pythonText } from './python-text.ts'

/** Shows any value as text, in Python's spelling (ComfyUI: comfy_extras.nodes_preview_any). */
export const previewAny = defineNode({
  type: 'PreviewAny',
  displayName: 'Preview as Text',
  category: 'utilities',
  module: 'comfy_extras.nodes_preview_any',
  isOutput: true,
  inputs: { source: socket('*') },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs, linkedType }) => {
    const text = describe(inputs.source, linkedType('source'))
    return { STRING: text, ui: { text: [text] } }
  },
})

function describe(value: unknown, type: string | undefined): string {
  if (typeof value !== 'object' || value === null) return pythonText(value, type)
  if (type === 'IMAGE' && Array.isArray(value)) {
    return value.map(image => (image as { asset: { name: string } }).asset.name).join('\n')
  }
  return asciiJson(value)
}

/** json.dumps(value, indent=4): non-ASCII characters escaped. */
function asciiJson(value: object): string {
  const text = JSON.stringify(
    value,
    (_key, item: unknown) => (typeof item === 'bigint' ? JSON.rawJSON(pythonNumber(item)) : item),
    4,
  )
  return text.replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
