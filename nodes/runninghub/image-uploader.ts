import { NodeError } from '../context.ts'
import { defineNode, socket } from '../define-node.ts'
import { encodePng, imageAsset } from '../media/pixels.ts'

/** Formats the cloud takes as they are (RunningHub: upload, formats); all else is sent as PNG. */
const passedOn = new Set(['image/png', 'image/jpeg', 'image/webp'])

/** How long RunningHub keeps an upload is not documented; its link lives a day. */
const uploadLifeMs = 20 * 3600_000

/** Uploads the first picture of a batch and gives the name a cloud node takes (ComfyUI_RH_APICall: ImageUploaderNode). */
export const imageUploader = defineNode({
  type: 'RH_ImageUploaderNode',
  displayName: 'RH Image Uploader',
  category: 'RunningHub',
  module: 'custom_nodes.ComfyUI_RH_APICall',
  aliases: ['ImageUploaderNode', 'RH Upload Image'],
  inputs: { apiConfig: socket('STRUCT'), image: socket('IMAGE') },
  outputs: { filename: 'STRING' },
  cacheForMs: uploadLifeMs,
  execute: async ({ inputs, ...context }) => {
    const image = inputs.image[0]
    if (!image)
      throw new NodeError('There is no picture to upload: the batch is empty.', { code: 'empty-batch' })
    const own = await imageAsset(image, context.assets)
    const asset = passedOn.has(own.mediaType)
      ? own
      : await context.assets.keep(await encodePng(image), own.name.replace(/(\.[^.]+)?$/, '.png'))
    return { filename: await context.cloud.upload(inputs.apiConfig, asset, context) }
  },
})
