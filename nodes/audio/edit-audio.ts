import { NodeError } from '../context.ts'
import { defineNode, float, int, oneOf, socket } from '../define-node.ts'
import { probeAudio } from '../media/probe.ts'
import { audioLength, mixed, resampled, type Sound, silence, soundOf } from '../media/sound.ts'
import { stemOf } from '../media/video.ts'
import { writeMedia } from '../media/write-media.ts'
import type { Audio } from '../values.ts'

const common = { category: 'audio', module: 'comfy_extras.nodes_audio', outputs: { AUDIO: 'AUDIO' } } as const

/** A part of a sound; a negative start counts from the end. Nothing is decoded (ComfyUI: TrimAudioDuration). */
const trimAudio = defineNode({
  ...common,
  type: 'TrimAudioDuration',
  displayName: 'Trim Audio Duration',
  inputs: {
    audio: socket('AUDIO'),
    start_index: float({
      default: 0,
      min: -18446744073709552000,
      max: 18446744073709552000,
      step: 0.01,
      tooltip: 'Start time in seconds; negative counts from the end.',
    }),
    duration: float({ default: 60, min: 0, step: 0.01, tooltip: 'Seconds.' }),
  },
  execute: async ({ inputs }) => {
    const { audio } = inputs
    const length = await audioLength(audio)
    const start = inputs.start_index < 0 ? Math.max(0, length + inputs.start_index) : inputs.start_index
    const end = Math.min(start + inputs.duration, length)
    if (start >= end) {
      throw new NodeError(
        `Nothing is left of "${audio.asset.name}": it is ${length.toFixed(2)} seconds long.`,
        {
          code: 'empty-sound',
          hint: 'Let the part start inside the sound, and last longer than 0 seconds.',
        },
      )
    }
    const zero = audio.from ?? 0
    return { AUDIO: { kind: 'audio', asset: audio.asset, from: zero + start, to: zero + end } }
  },
})

/** Silence (ComfyUI: EmptyAudio). */
const emptyAudio = defineNode({
  ...common,
  type: 'EmptyAudio',
  displayName: 'Empty Audio',
  inputs: {
    duration: float({ default: 60, min: 0, max: 86_400, step: 0.01, tooltip: 'Seconds.' }),
    sample_rate: int({ default: 44_100, min: 1, max: 192_000 }),
    channels: int({ default: 2, min: 1, max: 2 }),
  },
  execute: async ({ inputs, assets, signal }) => {
    const sound = silence(inputs.duration, Number(inputs.sample_rate), Number(inputs.channels))
    const asset = await assets.produce('silence.flac', path =>
      writeMedia(path, { format: 'flac', signal, sound: { encoder: 'flac', sound } }),
    )
    return { AUDIO: { kind: 'audio', asset } }
  },
})

/** One sound after the other, at the higher rate of the two; mono becomes stereo beside stereo (ComfyUI: AudioConcat). */
const concatAudio = defineNode({
  ...common,
  type: 'AudioConcat',
  displayName: 'Concatenate Audio',
  inputs: {
    audio1: socket('AUDIO'),
    audio2: socket('AUDIO'),
    direction: oneOf(['after', 'before'], { default: 'after', tooltip: 'Where the second goes.' }),
  },
  execute: async ({ inputs, assets, signal }) => {
    const { audio1, audio2, direction } = inputs
    const facts = await Promise.all([audio1, audio2].map(audio => probeAudio(audio.asset)))
    const sampleRate = Math.max(...facts.map(fact => fact.sampleRate))
    const channels = Math.max(...facts.map(fact => fact.channels))
    const order = direction === 'after' ? [audio1, audio2] : [audio2, audio1]
    const asset = await assets.produce(`${stemOf(audio1.asset)}_${stemOf(audio2.asset)}.flac`, path =>
      writeMedia(path, {
        format: 'flac',
        signal,
        sound: { encoder: 'flac', bits: 24, sound: joined(order, sampleRate, channels, signal) },
      }),
    )
    return { AUDIO: { kind: 'audio', asset } }
  },
})

async function* joined(
  audios: readonly Audio[],
  sampleRate: number,
  channels: number,
  signal: AbortSignal,
): AsyncGenerator<Sound> {
  for (const audio of audios) {
    for await (const piece of resampled(soundOf(audio, signal), sampleRate)) {
      yield { data: mixed(piece.data, piece.channels, channels), channels, sampleRate }
    }
  }
}

export const editAudioNodes = [trimAudio, emptyAudio, concatAudio]
