import type { Frame } from 'node-av'
import sharp, { type Sharp } from 'sharp'

/** Decoded pixels, rows without gaps. One channel is a mask or grey, three are RGB, four RGBA; sRGB, 8 or 16 bits a value. */
export type RawImage = {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
  readonly data: Uint8Array | Uint16Array
  /** The frame of a video as its decoder gave it, for `writeMedia`: without it pixels would be converted twice. See `pixels`, reuse. */
  readonly decoded?: Frame
}

/** A raw picture as the start of a sharp pipeline. */
export function sharpOf({ data, width, height, channels }: RawImage): Sharp {
  const is16 = data instanceof Uint16Array
  const pipeline = sharp(data, { raw: { width, height, channels } })
  return is16 ? pipeline.toColourspace(channels === 1 ? 'grey16' : 'rgb16') : pipeline
}

/** Decodes what a sharp pipeline gives. `keep16` keeps 16 bits a value where the source has them. */
export async function decode(pipeline: Sharp, options: { keep16?: boolean } = {}): Promise<RawImage> {
  const { data, info } = await (options.keep16
    ? pipeline.toColourspace('rgb16').raw({ depth: 'ushort' })
    : pipeline.toColourspace('srgb').raw({ depth: 'uchar' })
  ).toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return { width, height, channels: channels as 1 | 3 | 4, data: options.keep16 ? words(data) : data }
}

/** Bytes as 16-bit values; a buffer that starts in the middle of a pair is copied. */
function words(bytes: Buffer): Uint16Array {
  const { buffer, byteOffset, byteLength } = bytes
  return byteOffset % 2 === 0
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint16Array(buffer.slice(byteOffset, byteOffset + byteLength))
}

/** The same picture at another size: stretched (`fill`) or scaled and cut to fit (`cover`). */
export async function resized(
  raw: RawImage,
  width: number,
  height: number,
  fit: 'fill' | 'cover',
  kernel: 'linear' | 'lanczos3' = 'linear',
): Promise<RawImage> {
  if (raw.width === width && raw.height === height) return raw
  const pipeline = sharpOf(raw).resize(width, height, { fit, kernel })
  return decode(pipeline, { keep16: raw.data instanceof Uint16Array })
}

/** A picture with exactly these channels: alpha is added whole or dropped, grey becomes RGB. */
export function withChannels(raw: RawImage, channels: 3 | 4): RawImage {
  if (raw.channels === channels) return raw
  const { width, height, data } = raw
  const count = width * height
  const full = data instanceof Uint16Array ? 0xffff : 0xff
  const target =
    data instanceof Uint16Array ? new Uint16Array(count * channels) : new Uint8Array(count * channels)
  const step = raw.channels
  const second = step === 1 ? 0 : 1
  const third = step === 1 ? 0 : 2
  for (let index = 0, from = 0, to = 0; index < count; index++, from += step, to += channels) {
    target[to] = data[from] as number
    target[to + 1] = data[from + second] as number
    target[to + 2] = data[from + third] as number
    if (channels === 4) target[to + 3] = full
  }
  return { width, height, channels, data: target }
}

/** The same picture with an even width and height, as most video codecs want them: the last column and row are doubled. */
export async function evenSized(raw: RawImage): Promise<RawImage> {
  const [right, bottom] = [raw.width % 2, raw.height % 2]
  if (right + bottom === 0) return raw
  const pipeline = sharpOf(raw).extend({ right, bottom, extendWith: 'copy' })
  return decode(pipeline, { keep16: raw.data instanceof Uint16Array })
}

/** A picture in the middle of a larger ground of zeros: transparent with alpha, else black. An odd pixel goes to the right and the bottom. */
export async function centredOn(raw: RawImage, width: number, height: number): Promise<RawImage> {
  const [x, y] = [width - raw.width, height - raw.height]
  if (x === 0 && y === 0) return raw
  const [left, top] = [Math.floor(x / 2), Math.floor(y / 2)]
  const pipeline = sharpOf(raw).extend({
    ...{ left, top, right: x - left, bottom: y - top },
    // With an alpha of its own the ground would give the picture one.
    background: { r: 0, g: 0, b: 0, alpha: raw.channels === 4 ? 0 : 1 },
  })
  return decode(pipeline, { keep16: raw.data instanceof Uint16Array })
}
