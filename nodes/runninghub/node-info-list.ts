import { defineNode, int, socket, string } from '../define-node.ts'

/** Adds one field of the cloud workflow to the list of values to set (ComfyUI_RH_APICall: NodeInfoListNode). */
export const nodeInfoList = defineNode({
  type: 'RH_NodeInfoListNode',
  displayName: 'RH Node Info List',
  category: 'RunningHub',
  module: 'custom_nodes.ComfyUI_RH_APICall',
  aliases: ['NodeInfoListNode'],
  inputs: {
    // Ids inside subgraphs (`57:8`) are no numbers; API prompts and pasted lists bring them as text.
    nodeId: int({ default: 0, min: 0, max: 999999, step: 1 }, { acceptsText: /^\d+(:\d+)+$/ }),
    fieldName: string({ default: '' }),
    // The pack hands a linked number on as a number; ComfyUI's type check would not let it through.
    fieldValue: string({ default: '' }, { acceptsLinks: ['INT', 'FLOAT', 'BOOLEAN'] }),
    previousNodeInfoList: socket('ARRAY', { optional: true }),
  },
  outputs: { ARRAY: 'ARRAY' },
  isPure: true,
  infoInputs: { nodeId: 'nodeId', fieldName: 'fieldName', value: 'fieldValue' },
  execute: async ({ inputs }) => ({
    ARRAY: [
      ...(inputs.previousNodeInfoList ?? []),
      {
        nodeId: String(inputs.nodeId),
        fieldName: inputs.fieldName.trim(),
        fieldValue: inputs.fieldValue as unknown,
      },
    ],
  }),
})
