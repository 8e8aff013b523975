import { NodeError } from '../context.ts'
import { oneOf } from '../define-node.ts'
import type { RawImage } from '../media/raw-image.ts'
import { resample, type ScaleMethod } from './resample.ts'

export const scaleMethod = oneOf(['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos'])

/** A picture of more pixels is a slip of the keyboard. */
const mostPixels = 16_384 * 16_384

/** Another size, as ComfyUI's common_upscale gives it: `center` first cuts the middle out that has the new shape. */
export async function scaled(
  raw: RawImage,
  width: number,
  height: number,
  method: ScaleMethod,
  crop: 'disabled' | 'center' = 'disabled',
): Promise<RawImage> {
  if (width < 1 || height < 1 || width * height > mostPixels) {
    throw new NodeError(`A picture of ${width}x${height} pixels cannot be made.`, {
      code: 'bad-size',
      hint: 'Ask for at least 1x1 and at most 16384x16384 pixels.',
    })
  }
  const source = crop === 'center' ? centre(raw, width / height) : raw
  if (source.width === width && source.height === height) return source
  return resample(source, width, height, method)
}

/** The middle of a picture with another ratio of width to height. */
function centre(raw: RawImage, ratio: number): RawImage {
  const { width, height } = raw
  const own = width / height
  const x = own > ratio ? pythonRound((width - width * (ratio / own)) / 2) : 0
  const y = own < ratio ? pythonRound((height - height * (own / ratio)) / 2) : 0
  return x === 0 && y === 0 ? raw : cut(raw, x, y, width - 2 * x, height - 2 * y)
}

/** A part of a picture that lies inside it. */
export function cut(raw: RawImage, x: number, y: number, width: number, height: number): RawImage {
  const { channels } = raw
  const length = width * height * channels
  const data = raw.data instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length)
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * raw.width + x) * channels
    data.set(raw.data.subarray(from, from + width * channels), row * width * channels)
  }
  return { width, height, channels, data }
}

/** Python's round(): halves go to the even neighbour. */
export function pythonRound(value: number): number {
  const rounded = Math.round(value)
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}
