import type { NodeContext } from '../context.ts'
import { pixels, writePictures } from '../media/pixels.ts'
import { decode, type RawImage, sharpOf, withChannels } from '../media/raw-image.ts'
import { stemOf } from '../media/video.ts'
import type { Image } from '../values.ts'

/** Puts each picture through `edit`, one after the other; a transparent picture keeps its alpha unless the edit drops it. */
export function editPictures(
  images: readonly Image[],
  context: NodeContext,
  edit: (raw: RawImage, index: number) => Promise<RawImage> | RawImage,
): Promise<readonly Image[]> {
  async function* edited() {
    let index = 0
    for await (const raw of pixels(images, context.signal)) yield await edit(raw, index++)
  }
  return keepPictures(edited(), images, context, images.length)
}

/** Keeps made pictures under the name of the first of `sources`, and says how far it is. */
export function keepPictures(
  pictures: AsyncIterable<RawImage>,
  sources: readonly Image[],
  { assets, signal, report }: NodeContext,
  count: number,
): Promise<readonly Image[]> {
  const [first] = sources
  return writePictures(pictures, assets, {
    name: first ? stemOf(first.asset) : 'picture',
    signal,
    onWritten: done => report({ phase: 'working', done, of: count }),
  })
}

/** A sharp pipeline over one picture, as pixels again with the bits they had. */
export function throughSharp(
  raw: RawImage,
  edit: (pipeline: ReturnType<typeof sharpOf>) => ReturnType<typeof sharpOf>,
): Promise<RawImage> {
  return decode(edit(sharpOf(raw)), { keep16: raw.data instanceof Uint16Array })
}

/** 8 bits a value, whatever it had. */
export async function to8Bit(raw: RawImage): Promise<RawImage> {
  return raw.data instanceof Uint16Array ? decode(sharpOf(raw)) : raw
}

/** One colour; `values` of 0 to 1, one for each channel, or one for all. Stored as ComfyUI saves: cut off, not rounded. */
export function filled(
  { width, height, channels }: Omit<RawImage, 'data'>,
  values: readonly number[],
  like?: RawImage,
): RawImage {
  const is16 = like?.data instanceof Uint16Array
  const most = is16 ? 0xffff : 0xff
  const data = is16 ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels)
  for (let channel = 0; channel < channels; channel++) {
    const value = Math.trunc((values[channel] ?? values.at(-1) ?? 0) * most)
    if (value === 0) continue
    if (values.length === 1) {
      data.fill(value)
      break
    }
    for (let at = channel; at < data.length; at += channels) data[at] = value
  }
  return { width, height, channels, data }
}

/** Copies a picture into another of the same channels and bits; what does not fit is left out. */
export function paste(target: RawImage, source: RawImage, x: number, y: number): void {
  const { channels } = target
  const width = Math.min(source.width, target.width - x)
  const height = Math.min(source.height, target.height - y)
  if (width <= 0) return
  for (let row = 0; row < height; row++) {
    const from = row * source.width * channels
    target.data.set(
      source.data.subarray(from, from + width * channels),
      ((y + row) * target.width + x) * channels,
    )
  }
}

/** Two pictures with the same channels and bits: alpha is added whole, 16 bits become 8 when only one has them. */
export async function alike(a: RawImage, b: RawImage): Promise<[RawImage, RawImage]> {
  const is16 = a.data instanceof Uint16Array && b.data instanceof Uint16Array
  const [first, second] = is16 ? [a, b] : [await to8Bit(a), await to8Bit(b)]
  const channels = first.channels === 4 || second.channels === 4 ? 4 : 3
  return [withChannels(first, channels), withChannels(second, channels)]
}
