import type { Audio } from '../values.ts'
import { openMedia } from './engine.ts'
import { probeAudio } from './probe.ts'
import { unreadable } from './unreadable.ts'

/** A stretch of decoded sound: 32-bit samples between -1 and 1, the channels of each moment side by side. */
export type Sound = {
  readonly data: Float32Array
  readonly channels: number
  readonly sampleRate: number
}

/** Seconds of a sound, its span applied. */
export async function audioLength(audio: Audio): Promise<number> {
  const { duration } = await probeAudio(audio.asset)
  return Math.max(0, Math.min(audio.to ?? duration, duration) - (audio.from ?? 0))
}

/**
 * Decodes a sound piece by piece, cut to its span to the sample. What an encoder put before the start is left out. Throws NodeError
 * `audio-unreadable` naming the file.
 */
export async function* soundOf(
  audio: Audio,
  signal: AbortSignal | undefined,
): AsyncGenerator<Sound, void, undefined> {
  const { asset } = audio
  const { sampleRate, channels } = await probeAudio(asset)
  using media = await openMedia(asset)
  try {
    const track = await media.input.getPrimaryAudioTrack()
    if (!track) throw unreadable(asset, 'audio')
    const zero = Math.max(await track.getFirstTimestamp(), 0)
    const first = Math.round((audio.from ?? 0) * sampleRate)
    const end = audio.to === undefined ? Number.POSITIVE_INFINITY : Math.round(audio.to * sampleRate)
    const sink = new media.engine.bunny.AudioSampleSink(track)
    for await (const sample of sink.samples(zero + (audio.from ?? 0))) {
      using _closed = sample
      signal?.throwIfAborted()
      const start = Math.round((sample.timestamp - zero) * sampleRate)
      if (start >= end) return
      const skip = Math.max(0, first - start, start < 0 ? -start : 0)
      const count = Math.min(sample.numberOfFrames, end - start) - skip
      if (count <= 0) continue
      const data = new Float32Array(count * sample.numberOfChannels)
      sample.copyTo(data, { planeIndex: 0, format: 'f32', frameOffset: skip, frameCount: count })
      yield { data: mixed(data, sample.numberOfChannels, channels), channels, sampleRate }
    }
  } catch (cause) {
    throw unreadable(asset, 'audio', cause)
  }
}

/** The same sound on another number of channels: the first ones, the last repeated; several to one are averaged. */
export function mixed(data: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return data
  const count = data.length / from
  const result = new Float32Array(count * to)
  for (let index = 0; index < count; index++) {
    if (to === 1) {
      let sum = 0
      for (let channel = 0; channel < from; channel++) sum += data[index * from + channel] as number
      result[index] = sum / from
      continue
    }
    for (let channel = 0; channel < to; channel++) {
      result[index * to + channel] = data[index * from + Math.min(channel, from - 1)] as number
    }
  }
  return result
}

/** Silence, a second at a time. */
export function* silence(seconds: number, sampleRate: number, channels: number): Generator<Sound> {
  let left = Math.round(seconds * sampleRate)
  while (left > 0) {
    const count = Math.min(left, sampleRate)
    left -= count
    yield { data: new Float32Array(count * channels), channels, sampleRate }
  }
}
