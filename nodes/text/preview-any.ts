import { defineNode, socket } from '../define-node.ts'
import { describeValue } from './describe-value.ts'

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
    const text = describeValue(inputs.source, linkedType('source'))
    return { STRING: text, ui: { text: [text] } }
  },
})
