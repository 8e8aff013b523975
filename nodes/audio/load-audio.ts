import { audioFile, defineNode } from '../define-node.ts'
import { loadsFile } from '../media/loads-file.ts'
import { probeAudio } from '../media/probe.ts'

/** Loads a sound, or the sound of a video, from the input folder (ComfyUI: LoadAudio). */
export const loadAudio = defineNode({
  type: 'LoadAudio',
  displayName: 'Load Audio',
  category: 'audio',
  module: 'comfy_extras.nodes_audio',
  inputs: { audio: audioFile() },
  outputs: { AUDIO: 'AUDIO' },
  ...loadsFile('audio', 'audio'),
  givesFile: 'audio',
  execute: async ({ inputs, assets }) => {
    const asset = await assets.find(inputs.audio)
    await probeAudio(asset)
    return { AUDIO: { kind: 'audio', asset } }
  },
})
