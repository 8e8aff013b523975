import { defineNode, socket } from '../define-node.ts'
import { encodePng, pixels } from '../media/pixels.ts'

/** Sends pictures to the client as PNG preview frames, and keeps nothing (ComfyUI: websocket_image_save). Never answered from the cache. */
export const saveImageWebsocket = defineNode({
  type: 'SaveImageWebsocket',
  displayName: 'Save Image (Websocket)',
  category: 'image',
  module: 'custom_nodes.websocket_image_save',
  description: 'Sends the pictures to the program that queued this, over its WebSocket. Nothing is saved.',
  isOutput: true,
  inputs: { images: socket('IMAGE') },
  outputs: {},
  cacheForMs: 0,
  fingerprint: async ({ work }) => `${work.runId} ${work.nodeId}`,
  execute: async ({ inputs: { images }, signal, report, preview }) => {
    let done = 0
    for await (const raw of pixels(images, signal)) {
      const bytes = await encodePng(raw)
      report({ phase: 'working', done: ++done, of: images.length })
      preview({ bytes, mediaType: 'image/png' })
    }
    return {}
  },
})
