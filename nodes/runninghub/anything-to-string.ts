import { defineNode, socket } from '../define-node.ts'
import { pythonInteger, pythonText } from '../text/python-text.ts'

/** Any value as text; integers written loosely are normalised (ComfyUI_RH_APICall: AnyToStringNode). */
export const anythingToString = defineNode({
  type: 'RH_Utils',
  displayName: 'RH Anything to String',
  category: 'RunningHub',
  module: 'custom_nodes.ComfyUI_RH_APICall',
  aliases: ['AnyToStringNode', 'RH_AnythingToString'],
  inputs: { anything: socket('*') },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs, linkedType }) => {
    const { anything } = inputs
    if (typeof anything === 'string') return { STRING: pythonInteger(anything) ?? anything }
    return { STRING: pythonText(anything, linkedType('anything')) }
  },
})
