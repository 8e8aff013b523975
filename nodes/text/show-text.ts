import { defineNode, listOf, string } from '../define-node.ts'

/** Nodes that show a text; both take and give lists (ComfyUI-Custom-Scripts, ComfyUI-GR85). */
function showText(type: string, displayName: string, category: string, module: string) {
  return defineNode({
    type,
    displayName,
    category,
    module,
    isOutput: true,
    inputIsList: true,
    inputs: { text: string({ forceInput: true }) },
    outputs: { STRING: listOf('STRING') },
    execute: async ({ inputs }) => ({ STRING: inputs.text, ui: { text: inputs.text.map(String) } }),
  })
}

export const showTextNodes = [
  showText('ShowText|pysssss', 'Show Text 🐍', 'utils', 'custom_nodes.ComfyUI-Custom-Scripts'),
  showText('GR85_ShowText', 'Show Text', 'GR85/Logging', 'custom_nodes.ComfyUI-GR85'),
]
