import { defineNode, listOf, socket, string } from '../define-node.ts'
import { describeValue } from './describe-value.ts'

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

/** Shows whatever comes; of one value hands on that, of several the list of them (ComfyUI-Easy-Use). */
const easyShowAnything = defineNode({
  type: 'easy showAnything',
  displayName: 'Show Any',
  category: 'EasyUse/Logic',
  module: 'custom_nodes.ComfyUI-Easy-Use',
  isOutput: true,
  inputIsList: true,
  inputs: { anything: socket('*', { optional: true }) },
  outputs: { output: '*' },
  execute: async ({ inputs, linkedType }) => {
    const values = inputs.anything ?? []
    const text = values.map(value => describeValue(value, linkedType('anything')))
    return { output: values.length === 1 ? values[0] : values, ui: { text } }
  },
})

const displayAny = defineNode({
  type: 'Display Any (rgthree)',
  displayName: 'Display Any (rgthree)',
  category: 'rgthree',
  module: 'custom_nodes.rgthree-comfy',
  isOutput: true,
  inputs: { source: socket('*') },
  outputs: {},
  execute: async ({ inputs, linkedType }) => ({
    ui: { text: [describeValue(inputs.source, linkedType('source'))] },
  }),
})

export const showTextNodes = [
  showText('ShowText|pysssss', 'Show Text 🐍', 'utils', 'custom_nodes.ComfyUI-Custom-Scripts'),
  showText('GR85_ShowText', 'Show Text', 'GR85/Logging', 'custom_nodes.ComfyUI-GR85'),
  easyShowAnything,
  displayAny,
]
