import sharp, { type Sharp } from 'sharp'

/** Decoded pixels, rows without gaps. One channel is a mask or grey, three are RGB, four RGBA; sRGB, 8 or 16 bits a value. */
export type RawImage = {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
  readonly data: Uint8Array | Uint16Array
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
