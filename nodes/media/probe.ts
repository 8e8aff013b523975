import type { InputVideoTrack } from 'mediabunny'
import type { Asset } from '../values.ts'
import { type Engine, openMedia } from './engine.ts'
import { remembered } from './remember.ts'
import { probeImage } from './still.ts'
import { unreadable } from './unreadable.ts'

/** What a look through a video's packets tells; nothing is decoded. Sizes in pixels as shown (rotated, square pixels). */
export type VideoFacts = {
  readonly width: number
  readonly height: number
  readonly frames: number
  readonly fps: number
  /** Seconds from the first frame to the end of the last. */
  readonly duration: number
  readonly hasAudio: boolean
  readonly hasAlpha: boolean
  /** mediabunny's name: `avc`, `hevc`, `vp9` ...; `gif` or `webp` for an animation. */
  readonly codec: string
  /** Bits of each value: 8, or 10 and more. */
  readonly bits: number
  /** When each frame is shown, in seconds from the start of the file, ascending. */
  readonly times: Float64Array
}

/** Longest video that is taken, in frames: more than four hours at 60 frames a second. */
const maxFrames = 1_000_000

/**
 * What a file has room for: a damaged index may promise more, and walking through it takes minutes. No frame is smaller than a byte, and no
 * codec puts more sound into one than Opus, 120 ms.
 */
const framesInByte = 1
const secondsInByte = 0.12

/**
 * Whether the index of an MP4 or MOV promises more frames than there is room for. mediabunny makes a list of them all as soon as it is asked
 * for a track, and nothing else in the process gets a turn until it is out of memory; FFmpeg only reads the number.
 */
async function promisesTooMuch({ path, mediaType, sizeBytes }: Asset, { av }: Engine): Promise<boolean> {
  if (!/^(video|audio)\/(mp4|quicktime|x-m4[av]|3gpp2?)$/.test(mediaType)) return false
  const file = new av.FormatContext()
  if ((await file.openInput(path)) < 0) return false
  try {
    return file.streams.some(({ nbFrames }) => nbFrames > BigInt(sizeBytes * framesInByte))
  } finally {
    await file.closeInput()
  }
}

/** Looks at a video, or at an animated picture as a video. Throws NodeError `video-unreadable` naming the file. */
export const probeVideo = remembered(async (asset: Asset): Promise<VideoFacts> => {
  if (asset.mediaType.startsWith('image/')) return probeAnimation(asset)
  using media = await openMedia(asset)
  try {
    if (await promisesTooMuch(asset, media.engine)) throw unreadable(asset, 'video')
    return await lookThrough(asset, media)
  } catch (cause) {
    throw unreadable(asset, 'video', cause)
  }
})

async function lookThrough(
  asset: Asset,
  { input, engine }: Awaited<ReturnType<typeof openMedia>>,
): Promise<VideoFacts> {
  const track = await input.getPrimaryVideoTrack()
  if (!track) throw unreadable(asset, 'video', undefined, 'it has no pictures, only sound')
  if (!(await track.canDecode())) throw await cannotDecode(asset, track)
  const times: number[] = []
  let end = 0
  const sink = new engine.bunny.EncodedPacketSink(track)
  for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true })) {
    times.push(packet.timestamp)
    end = Math.max(end, packet.timestamp + packet.duration)
    if (times.length > maxFrames)
      throw unreadable(asset, 'video', undefined, `it has more than ${maxFrames} frames`)
  }
  if (times.length === 0) throw unreadable(asset, 'video', undefined, 'it has no frames')
  const sorted = Float64Array.from(times).sort()
  const duration = end - (sorted[0] ?? 0)
  const { bestGuessFrameRate: guess } = await track.computeFrameRateMetrics()
  return {
    width: await track.getDisplayWidth(),
    height: await track.getDisplayHeight(),
    frames: sorted.length,
    fps: Number.isFinite(guess) && guess > 0 ? guess : sorted.length / duration || 1,
    duration,
    hasAudio: (await input.getPrimaryAudioTrack()) !== null,
    hasAlpha: await track.canBeTransparent(),
    codec: (await track.getCodec()) ?? 'unknown',
    bits: bitsOf((await track.getCodecParameterString()) ?? ''),
    times: sorted,
  }
}

async function probeAnimation(asset: Asset): Promise<VideoFacts> {
  const { width, height, pages, hasAlpha, delays } = await probeImage(asset)
  if (pages < 2) throw unreadable(asset, 'video', undefined, `it is a still picture (${asset.mediaType})`)
  const lengths = Array.from({ length: pages }, (_, page) => delays[page] ?? 0.1)
  const times = new Float64Array(pages)
  let duration = 0
  for (const [page, length] of lengths.entries()) {
    times[page] = duration
    duration += length
  }
  const fps = Math.round((pages / duration) * 1000) / 1000
  const codec = asset.mediaType.replace('image/', '')
  return { width, height, frames: pages, fps, duration, hasAudio: false, hasAlpha, codec, bits: 8, times }
}

/** Bits of a value by the codec string (RFC 6381): AVC and HEVC name a profile, VP9 and AV1 the bits themselves. */
function bitsOf(codec: string): number {
  const named = /^(?:vp09\.\d\d\.\d\d|av01\.\d\.\d\d\w)\.(\d\d)/.exec(codec)?.[1]
  if (named !== undefined) return Number(named)
  return /^(avc[13]\.(6e|7a)|h[ev][vc]1\.[A-C]?2|ap)/i.test(codec) ? 10 : 8
}

async function cannotDecode(asset: Asset, track: InputVideoTrack): Promise<Error> {
  const codec = (await track.getCodec()) ?? String(await track.getInternalCodecId())
  return unreadable(asset, 'video', undefined, `its pictures are stored as ${codec}, which is not known here`)
}

export type AudioFacts = {
  readonly sampleRate: number
  readonly channels: number
  /** Seconds from the first sample to the last; what an encoder put before zero does not count. */
  readonly duration: number
  /** mediabunny's name: `aac`, `mp3`, `flac`, `opus`, `pcm-s16` ... */
  readonly codec: string
}

/** Looks at a sound, or at the sound of a video. Throws NodeError `audio-unreadable` naming the file. */
export const probeAudio = remembered(async (asset: Asset): Promise<AudioFacts> => {
  using media = await openMedia(asset)
  try {
    if (await promisesTooMuch(asset, media.engine)) throw unreadable(asset, 'audio')
    const track = await media.input.getPrimaryAudioTrack()
    if (!track) throw unreadable(asset, 'audio', undefined, 'there is no sound in it')
    const codec = (await track.getCodec()) ?? String(await track.getInternalCodecId())
    if (!(await track.canDecode())) {
      throw unreadable(asset, 'audio', undefined, `its sound is stored as ${codec}, which is not known here`)
    }
    const duration = (await track.computeDuration()) - Math.max(await track.getFirstTimestamp(), 0)
    if (duration > 60 && duration > asset.sizeBytes * secondsInByte) throw unreadable(asset, 'audio')
    return {
      sampleRate: await track.getSampleRate(),
      channels: await track.getNumberOfChannels(),
      duration,
      codec,
    }
  } catch (cause) {
    throw unreadable(asset, 'audio', cause)
  }
})
