import { audioFile, defineNode, float, string } from '../define-node.ts'
import { loadsFile, loadsPath } from '../media/loads-file.ts'
import { audioLength } from '../media/sound.ts'
import type { Asset, Audio } from '../values.ts'

const common = {
  category: 'Video Helper Suite 🎥🅥🅗🅢/audio',
  module: 'custom_nodes.ComfyUI-VideoHelperSuite',
  outputs: { audio: 'AUDIO', duration: 'FLOAT' },
} as const

const seconds = float({ default: 0, min: 0, step: 0.01, optional: true, tooltip: 'Seconds.' })
const length = float({
  default: 0,
  min: 0,
  step: 0.01,
  optional: true,
  tooltip: 'Seconds; 0 means to the end.',
})

/** A sound by its path, within the folders the user allowed (ComfyUI-VideoHelperSuite). */
const loadAudioPath = defineNode({
  ...common,
  type: 'VHS_LoadAudio',
  displayName: 'Load Audio (Path)🎥🅥🅗🅢',
  inputs: { audio_file: string({ default: 'input/' }), seek_seconds: seconds, duration: length },
  ...loadsPath('audio_file'),
  execute: async ({ inputs, assets }) =>
    part(await assets.findPath(inputs.audio_file), inputs.seek_seconds, inputs.duration),
})

/** A sound of the input folder. */
const loadAudioUpload = defineNode({
  ...common,
  type: 'VHS_LoadAudioUpload',
  displayName: 'Load Audio (Upload)🎥🅥🅗🅢',
  inputs: { audio: audioFile(), start_time: seconds, duration: length },
  ...loadsFile('audio', 'audio'),
  execute: async ({ inputs, assets }) =>
    part(await assets.find(inputs.audio), inputs.start_time, inputs.duration),
})

async function part(asset: Asset, from = 0, duration = 0): Promise<{ audio: Audio; duration: number }> {
  const audio: Audio = {
    kind: 'audio',
    asset,
    ...(from > 0 && { from }),
    ...(duration > 0 && { to: from + duration }),
  }
  return { audio, duration: await audioLength(audio) }
}

export const vhsAudioNodes = [loadAudioPath, loadAudioUpload]
