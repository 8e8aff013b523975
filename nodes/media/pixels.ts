import type { AssetAccess } from '../context.ts'
import type { Asset, Image, Mask } from '../values.ts'
import { decodeFrames } from './frames.ts'
import { probeVideo } from './probe.ts'
import { decode, type RawImage, sharpOf } from './raw-image.ts'
import { decodePages, decodeStill, probeImage } from './still.ts'

/**
 * Decodes pictures one after the other, in their order, never all in memory: frames of one video that follow each other are one pass
 * through it. Throws NodeError `image-unreadable` or `video-unreadable` naming the file.
 */
export async function* pixels(
  images: readonly Image[],
  signal: AbortSignal | undefined,
): AsyncGenerator<RawImage, void, undefined> {
  for (let at = 0; at < images.length; ) {
    const first = images[at] as Image
    let end = at + 1
    if (first.page !== undefined) {
      while (images[end]?.asset.sha256 === first.asset.sha256 && images[end]?.page !== undefined) end++
    }
    const pages = images.slice(at, end).map(image => image.page ?? 0)
    for await (const raw of decodeRun(first, pages)) {
      signal?.throwIfAborted()
      yield raw
    }
    at = end
  }
}

async function* decodeRun(first: Image, pages: readonly number[]): AsyncGenerator<RawImage> {
  if (isFrame(first)) yield* decodeFrames(first.asset, pages)
  else if (pages.length > 1) yield* decodePages(first.asset, pages)
  else yield await decodeStill(first.asset, first.page)
}

/** Whether a picture is a frame of a video: such a file is no picture by itself. */
export function isFrame(image: Image): boolean {
  return image.asset.mediaType.startsWith('video/')
}

/** All frames of a video, or pages of an animation, as pictures. Nothing is decoded. */
export async function framesOf(video: { readonly asset: Asset }): Promise<readonly Image[]> {
  const { asset } = video
  const { frames } = await probeVideo(asset)
  return Array.from({ length: frames }, (_, page): Image => ({ kind: 'image', asset, page }))
}

/** One picture's pixels. For several use `pixels`: each call here reads a video anew. */
export async function rawOf(image: Image, signal?: AbortSignal): Promise<RawImage> {
  const { value } = await pixels([image], signal).next()
  return value as RawImage
}

/** Width and height of one picture as shown, without decoding it. */
export async function sizeOf(image: Image): Promise<{ width: number; height: number }> {
  const { width, height } = await (isFrame(image) ? probeVideo(image.asset) : probeImage(image.asset))
  return { width, height }
}

/** One picture as PNG: upright, sRGB, 16 bits a value where it has them. `level` is zlib's, 0 to 9. */
export async function encodePng(picture: Image | RawImage, level = 6): Promise<Uint8Array> {
  const raw = 'kind' in picture ? await rawOf(picture) : picture
  return sharpOf(raw).png({ compressionLevel: level }).toBuffer()
}

/** A file that holds this one picture alone: the picture's own, or a PNG of the page or frame. */
export async function imageAsset(image: Image, assets: Pick<AssetAccess, 'keep'>): Promise<Asset> {
  if (image.page === undefined && !isFrame(image)) return image.asset
  const stem = image.asset.name.replace(/\.[^.]+$/, '')
  return assets.keep(await encodePng(image), `${stem}_${image.page ?? 0}.png`)
}

/** How hard pictures between nodes are compressed: they are written and read once. */
const keptLevel = 2

/** Keeps pictures a node has made as PNG files, one at a time. `name` is what people read, without extension. */
export async function writePictures(
  pictures: AsyncIterable<RawImage>,
  assets: Pick<AssetAccess, 'keep'>,
  options: { name: string; onWritten?: (count: number) => void },
): Promise<readonly Image[]> {
  const written: Image[] = []
  for await (const raw of pictures) {
    const name = `${options.name}_${String(written.length + 1).padStart(5, '0')}.png`
    written.push({ kind: 'image', asset: await assets.keep(await encodePng(raw, keptLevel), name) })
    options.onWritten?.(written.length)
  }
  return written
}

/** Masks one after the other as one-channel 8-bit pictures; 255 means masked. */
export async function* maskPixels(
  masks: readonly Mask[],
  signal: AbortSignal | undefined,
): AsyncGenerator<RawImage, void, undefined> {
  for (let at = 0; at < masks.length; ) {
    const first = masks[at] as Mask
    if ('blank' in first) {
      const { width, height } = first.blank
      yield { width, height, channels: 1, data: new Uint8Array(width * height) }
      at++
      continue
    }
    let end = at + 1
    const follows = (mask: Mask | undefined) =>
      mask !== undefined && !('blank' in mask) && mask.asset.sha256 === first.asset.sha256
    while (follows(masks[end])) end++
    const run = masks.slice(at, end) as (typeof first)[]
    const sources = run.map(
      ({ asset, page }): Image => ({
        kind: 'image',
        asset,
        ...(page !== undefined && { page }),
      }),
    )
    let index = 0
    for await (const raw of pixels(sources, signal)) yield channelOf(raw, run[index++] as typeof first)
    at = end
  }
}

async function channelOf(
  raw: RawImage,
  mask: { readonly channel: 'alpha' | 'red' | 'green' | 'blue'; readonly inverted: boolean },
): Promise<RawImage> {
  const { width, height, channels, data } = raw.data instanceof Uint16Array ? await decode(sharpOf(raw)) : raw
  const plane = new Uint8Array(width * height)
  const wanted = ['red', 'green', 'blue', 'alpha'].indexOf(mask.channel)
  const flip = mask.inverted ? 255 : 0
  if (mask.channel === 'alpha' && channels !== 4)
    return { width, height, channels: 1, data: plane.fill(255 ^ flip) }
  const at = channels === 1 ? 0 : wanted
  for (let index = 0; index < plane.length; index++) {
    plane[index] = (data[index * channels + at] as number) ^ flip
  }
  return { width, height, channels: 1, data: plane }
}
