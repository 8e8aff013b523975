import type { Frame } from 'node-av'
import type { Asset, Audio } from '../values.ts'
import { engine, openMedia } from './engine.ts'
import { audioFrame, throughAtOnce } from './libav.ts'
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
  const { asset, from = 0, to } = audio
  const { sampleRate, channels, codec, duration } = await probeAudio(asset)
  const first = Math.round(from * sampleRate)
  const end = to === undefined ? Number.POSITIVE_INFINITY : Math.round(to * sampleRate)
  const isFlacFile = codec === 'flac' && /flac/.test(asset.mediaType)
  let isEmpty = true
  try {
    for await (const piece of isFlacFile ? flacPieces(asset.path) : pieces(asset, from, duration)) {
      signal?.throwIfAborted()
      isEmpty = false
      const { start } = piece
      if (start >= end) return
      const count = piece.data.length / piece.channels
      const skip = Math.max(0, first - start, -start)
      const keep = Math.min(count, end - start)
      if (keep <= skip) continue
      const data = piece.data.subarray(skip * piece.channels, keep * piece.channels)
      yield { data: mixed(data, piece.channels, channels), channels, sampleRate }
    }
    // Nothing could be decoded at all.
    if (isEmpty) throw unreadable(asset, 'audio')
  } catch (cause) {
    throw unreadable(asset, 'audio', cause)
  }
}

/** Decoded sound and where it begins, in samples from the start; before it when negative. */
type Piece = { readonly start: number; readonly channels: number; readonly data: Float32Array }

async function* pieces(asset: Asset, from: number, duration: number): AsyncGenerator<Piece> {
  using media = await openMedia(asset)
  const track = await media.input.getPrimaryAudioTrack()
  if (!track) throw unreadable(asset, 'audio')
  const zero = Math.max(await track.getFirstTimestamp(), 0)
  let end = Number.NEGATIVE_INFINITY
  for await (const sample of new media.engine.bunny.AudioSampleSink(track).samples(zero + from)) {
    using _closed = sample
    const data = new Float32Array(sample.numberOfFrames * sample.numberOfChannels)
    sample.copyTo(data, { planeIndex: 0, format: 'f32' })
    const start = Math.round((sample.timestamp - zero) * sample.sampleRate)
    // In place of damaged sound the last good piece comes again, see decoders.ts.
    if (start + sample.numberOfFrames <= end) continue
    // What is missing in between is silence: sound and pictures stay together.
    const { numberOfChannels: channels, sampleRate } = sample
    const next = Math.min(start, Math.ceil(duration * sampleRate))
    while (next - end > sampleRate / 20 && end > Number.NEGATIVE_INFINITY) {
      const count = Math.min(next - end, sampleRate)
      yield { start: end, channels, data: new Float32Array(count * channels) }
      end += count
    }
    end = start + sample.numberOfFrames
    yield { start, channels: sample.numberOfChannels, data }
  }
}

/** mediabunny loses the end of FLAC files whose last frames are tiny (silence); FFmpeg, told that it is FLAC and nothing else, does not. */
async function* flacPieces(path: string): AsyncGenerator<Piece> {
  const { av } = await engine()
  await using file = await av.Demuxer.open(path, { format: 'flac' })
  const stream = file.audio()
  if (!stream) return
  using decoder = await av.Decoder.create(stream)
  let start = 0
  const piecesOf = (frames: readonly Frame[]): Piece[] =>
    frames.map(frame => {
      const piece = {
        start,
        channels: frame.channels,
        data: integersToFloats(frame.toBuffer(), frame.nbSamples * frame.channels),
      }
      start += frame.nbSamples
      frame.free()
      return piece
    })
  for await (const packet of file.packets(stream.index)) {
    if (packet) yield* piecesOf(decoder.decodeAllSync(packet))
    packet?.free()
  }
  yield* piecesOf(decoder.decodeAllSync(null))
}

/** FLAC's samples, 16 or 32 bits each, as floats. */
function integersToFloats(bytes: Buffer, count: number): Float32Array {
  const isWide = bytes.length >= count * 4
  const own = Uint8Array.from(bytes).buffer
  const integers = isWide ? new Int32Array(own, 0, count) : new Int16Array(own, 0, count)
  const full = isWide ? 2 ** 31 : 2 ** 15
  const floats = new Float32Array(count)
  for (let index = 0; index < count; index++) floats[index] = (integers[index] as number) / full
  return floats
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

/** The same sound at another rate. */
export async function* resampled(
  sounds: AsyncIterable<Sound>,
  sampleRate: number,
): AsyncGenerator<Sound, void, undefined> {
  const { av } = await engine()
  const made: Sound[] = []
  const filter = av.FilterAPI.create(
    `aresample=${sampleRate},aformat=sample_fmts=flt:sample_rates=${sampleRate}`,
  )
  const take = (frame: Frame) => {
    made.push({
      data: new Float32Array(Uint8Array.from(frame.toBuffer()).buffer),
      channels: frame.channels,
      sampleRate,
    })
  }
  try {
    let taken = 0
    for await (const piece of sounds) {
      if (piece.sampleRate === sampleRate) {
        yield piece
        continue
      }
      await throughAtOnce(filter, audioFrame(av, piece, taken), take)
      taken += piece.data.length / piece.channels
      yield* made.splice(0)
    }
    if (taken > 0) await throughAtOnce(filter, null, take)
    yield* made.splice(0)
  } finally {
    filter.close()
  }
}

/** A sound that lasts at least so many seconds: silence follows where it ends. */
export async function* padded(
  sounds: AsyncIterable<Sound>,
  seconds: number,
): AsyncGenerator<Sound, void, undefined> {
  let last: Sound | undefined
  let count = 0
  for await (const piece of sounds) {
    last = piece
    count += piece.data.length / piece.channels
    yield piece
  }
  if (last) yield* silence(seconds - count / last.sampleRate, last.sampleRate, last.channels)
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
