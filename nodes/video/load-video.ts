import { defineNode, videoFile } from '../define-node.ts'
import { loadsFile } from '../media/loads-file.ts'
import { probeVideo } from '../media/probe.ts'

/** Loads a video from the input folder; an animated GIF or WEBP is one too (ComfyUI: LoadVideo). */
export const loadVideo = defineNode({
  type: 'LoadVideo',
  displayName: 'Load Video',
  category: 'video',
  module: 'comfy_extras.nodes_video',
  inputs: { file: videoFile('clip') },
  outputs: { VIDEO: 'VIDEO' },
  ...loadsFile('file', 'video'),
  givesFile: 'file',
  execute: async ({ inputs, assets }) => {
    const asset = await assets.find(inputs.file)
    await probeVideo(asset)
    return { VIDEO: { kind: 'video', asset } }
  },
})
