import type { Codec, CodecContext, FFEncoderCodec, FilterAPI, Frame } from 'node-av'
import type { Engine } from './engine.ts'
import type { RawImage } from './raw-image.ts'
import type { Sound } from './sound.ts'

type Av = Engine['av']

/** Throws what FFmpeg says about a negative code. */
export function check(av: Av, code: number): number {
  av.FFmpegError.throwIfError(code)
  return code
}

/** An encoder by FFmpeg's name, set up by `set` and opened. The caller frees it. */
export async function openEncoder(
  av: Av,
  name: string,
  wish: { globalHeader: boolean; options?: Readonly<Record<string, string | number>> | undefined },
  set: (context: CodecContext, codec: Codec) => void,
): Promise<CodecContext> {
  const codec = av.Codec.findEncoderByName(name as FFEncoderCodec)
  if (!codec) throw new Error(`there is no encoder ${name} here`)
  const context = new av.CodecContext()
  try {
    context.allocContext3(codec)
    if (wish.globalHeader) context.setFlags(av.AV_CODEC_FLAG_GLOBAL_HEADER)
    set(context, codec)
    const options = Object.entries(wish.options ?? {}).map(([key, value]) => [key, String(value)] as const)
    check(av, await context.open2(codec, av.Dictionary.fromObject(Object.fromEntries(options))))
    return context
  } catch (error) {
    context.freeContext()
    throw error
  }
}

/** Sends a frame (null after the last) through a filter, beside the program, and hands on what comes out; frees all of them. */
export async function through(
  filter: FilterAPI,
  frame: Frame | null,
  take: (frame: Frame) => Promise<void>,
): Promise<void> {
  let made: Frame[]
  try {
    made = await filter.processAll(frame)
  } finally {
    frame?.free()
  }
  try {
    for (const next of made) await take(next)
  } finally {
    for (const next of made) next.free()
  }
}

/** The same at once, for sound: a change of threads takes longer than the work on a tenth of a second. */
export async function throughAtOnce(
  filter: FilterAPI,
  frame: Frame | null,
  take: (frame: Frame) => Promise<void> | void,
): Promise<void> {
  let made: Frame[]
  try {
    made = frame ? filter.processAllSync(frame) : await filter.processAll(null)
  } finally {
    frame?.free()
  }
  try {
    for (const next of made) await take(next)
  } finally {
    for (const next of made) next.free()
  }
}

/** A frame rate as FFmpeg counts: 29.97 is 30000/1001. */
export function rational(fps: number): { num: number; den: number } {
  const whole = Math.round(fps)
  if (Math.abs(fps - whole) < 1e-6) return { num: whole, den: 1 }
  if (Math.abs((fps * 1001) / 1000 - whole) < 0.005) return { num: whole * 1000, den: 1001 }
  return { num: Math.round(fps * 1000), den: 1000 }
}

/** A picture as a frame of its own; the caller frees it. */
export function videoFrame(
  av: Av,
  raw: RawImage,
  pts: number,
  timeBase: { num: number; den: number },
): Frame {
  const copy = raw.decoded?.clone()
  if (copy) {
    copy.pts = BigInt(pts)
    copy.timeBase = new av.Rational(timeBase.num, timeBase.den)
    return copy
  }
  const { width, height, channels, data } = raw
  const deep = data instanceof Uint16Array
  const formats = {
    1: deep ? av.AV_PIX_FMT_GRAY16LE : av.AV_PIX_FMT_GRAY8,
    3: deep ? av.AV_PIX_FMT_RGB48LE : av.AV_PIX_FMT_RGB24,
    4: deep ? av.AV_PIX_FMT_RGBA64LE : av.AV_PIX_FMT_RGBA,
  }
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return av.Frame.fromVideoBuffer(bytes, {
    width,
    height,
    format: formats[channels],
    timeBase,
    pts: BigInt(pts),
  })
}

export function audioFrame(av: Av, { data, channels, sampleRate }: Sound, pts: number): Frame {
  return av.Frame.fromAudioBuffer(Buffer.from(data.buffer, data.byteOffset, data.byteLength), {
    nbSamples: data.length / channels,
    format: av.AV_SAMPLE_FMT_FLT,
    sampleRate,
    channelLayout: layoutOf(av, channels),
    timeBase: { num: 1, den: sampleRate },
    pts: BigInt(pts),
  })
}

/** The usual arrangement of so many loudspeakers. */
export function layoutOf(av: Av, channels: number) {
  const usual = [
    av.AV_CHANNEL_LAYOUT_MONO,
    av.AV_CHANNEL_LAYOUT_STEREO,
    av.AV_CHANNEL_LAYOUT_2POINT1,
    av.AV_CHANNEL_LAYOUT_QUAD,
    av.AV_CHANNEL_LAYOUT_5POINT0,
    av.AV_CHANNEL_LAYOUT_5POINT1,
    av.AV_CHANNEL_LAYOUT_6POINT1,
    av.AV_CHANNEL_LAYOUT_7POINT1,
  ]
  return usual[channels - 1] ?? av.AV_CHANNEL_LAYOUT_STEREO
}
