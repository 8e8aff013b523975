import { autogrow, defineNode, string } from '../define-node.ts'
import { formatText } from './python-format.ts'

/** Python's str.format over values called a to z (ComfyUI: comfy_extras.nodes_string). */
export const stringFormat = defineNode({
  type: 'StringFormat',
  displayName: 'Format Text',
  category: 'text',
  module: 'comfy_extras.nodes_string',
  description: "Same as Python's string format method: {a}, {b:.2f}, {c:>10}.",
  inputs: {
    values: autogrow('*', { item: 'value', names: [...'abcdefghijklmnopqrstuvwxyz'], min: 0 }),
    f_string: string({ default: '{a}', multiline: true }),
  },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs, linkedType }) => {
    const values = Object.entries(inputs.values).map(
      ([name, value]) => [name, { value, type: linkedType(`values.${name}`) }] as const,
    )
    return { STRING: formatText(inputs.f_string, new Map(values)) }
  },
})
