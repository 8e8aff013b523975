import { defineNode, socket } from '../define-node.ts'
import { neverFromCache, uploadPicture } from './uploads.ts'

/** Uploads the first picture of a batch and gives the name a cloud node takes (ComfyUI_RH_APICall: ImageUploaderNode). */
export const imageUploader = defineNode({
  type: 'RH_ImageUploaderNode',
  displayName: 'RH Image Uploader',
  category: 'RunningHub',
  module: 'custom_nodes.ComfyUI_RH_APICall',
  aliases: ['ImageUploaderNode', 'RH Upload Image'],
  inputs: { apiConfig: socket('STRUCT'), image: socket('IMAGE') },
  outputs: { filename: 'STRING' },
  ...neverFromCache,
  uploads: () => ['image'],
  execute: async ({ inputs, ...context }) => ({
    filename: await uploadPicture(inputs.apiConfig, inputs.image, context),
  }),
})
