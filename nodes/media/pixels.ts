import type { AssetAccess } from '../context.ts'
import type { Asset, Image, Mask, Span, Video } from '../values.ts'
import { decodeFrames } from './frames.ts'
import { probeVideo, type VideoFacts } from './probe.ts'
import { centredOn, decode, type RawImage, sharpOf, withChannels } from './raw-image.ts'
import { decodePages, decodeStill, probeImage } from './still.ts'
import { writeMedia } from './write-media.ts'

/**
 * Decodes pictures one after the other, in their order, never all in memory: frames of one video that follow each other are one pass
 * through it. With `reuse` the next picture may lie where the last one did: for who is done with each before asking for the next, as
 * `writeMedia` is. Throws NodeError `image-unreadable` or `video-unreadable` naming the file.
 */
export async function* pixels(
  images: readonly Image[],
  signal: AbortSignal | undefined,
  { reuse = false }: { reuse?: boolean } = {},
): AsyncGenerator<RawImage, void, undefined> {
  for (let at = 0; at < images.length; ) {
    const first = images[at] as Image
    let end = at + 1
    if (first.page !== undefined) {
      while (images[end]?.asset.sha256 === first.asset.sha256 && images[end]?.page !== undefined) end++
    }
    const pages = images.slice(at, end).map(image => image.page ?? 0)
    for await (const raw of decodeRun(first, pages, reuse)) {
      signal?.throwIfAborted()
      yield raw
    }
    at = end
  }
}

/**
 * The same for whoever makes one thing of a batch, a video or an animation, and needs one size: pictures of a task may differ, and are
 * then centred on the largest width and height, transparent around when one of them has alpha, else black (ComfyUI_RH_APICall: how
 * ExecuteNode makes a batch). Everywhere else pictures keep their own sizes. Each may lie where the last one did, see `pixels`.
 */
export async function* batchPixels(
  images: readonly Image[],
  signal: AbortSignal | undefined,
): AsyncGenerator<RawImage, void, undefined> {
  const files = new Map(images.map(image => [image.asset.path, image]))
  const facts = await Promise.all(
    [...files.values()].map(image => (isFrame(image) ? probeVideo(image.asset) : probeImage(image.asset))),
  )
  const width = Math.max(...facts.map(fact => fact.width))
  const height = Math.max(...facts.map(fact => fact.height))
  if (facts.every(fact => fact.width === width && fact.height === height)) {
    yield* pixels(images, signal, { reuse: true })
    return
  }
  const channels = facts.some(({ hasAlpha }) => hasAlpha) ? 4 : 3
  for await (const raw of pixels(images, signal, { reuse: true })) {
    yield centredOn(withChannels(raw, channels), width, height)
  }
}

async function* decodeRun(first: Image, pages: readonly number[], reuse: boolean): AsyncGenerator<RawImage> {
  if (isFrame(first)) yield* decodeFrames(first.asset, pages, reuse)
  else if (pages.length > 1) yield* decodePages(first.asset, pages)
  else yield await decodeStill(first.asset, first.page)
}

/** Whether a picture is a frame of a video: such a file is no picture by itself. */
export function isFrame(image: Image): boolean {
  return image.asset.mediaType.startsWith('video/')
}

/** Frames are shown at whole clock ticks; a cut that means one of them may miss it by a rounding. */
const tick = 1e-4

/** All frames of a video, or pages of an animation, within its span. Nothing is decoded. */
export async function framesOf(video: Pick<Video, 'asset' | 'from' | 'to'>): Promise<readonly Image[]> {
  const { asset } = video
  const { first, end } = within(await probeVideo(asset), video)
  return Array.from(
    { length: end - first },
    (_, index): Image => ({ kind: 'image', asset, page: first + index }),
  )
}

function within({ times, frames }: VideoFacts, { from, to }: Span): { first: number; end: number } {
  const start = times[0] ?? 0
  const at = (seconds: number) => {
    const index = times.findIndex(time => time - start >= seconds - tick)
    return index < 0 ? frames : index
  }
  const first = from === undefined ? 0 : at(from)
  return { first, end: Math.max(first, to === undefined ? frames : at(to)) }
}

/** One picture's pixels. For several use `pixels`: each call here reads a video anew. */
export async function rawOf(image: Image, signal?: AbortSignal): Promise<RawImage> {
  // A generator that is left in the middle keeps its file and its decoder open.
  await using all = pixels([image], signal)
  const { value } = await all.next()
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
/** From so many alike on they become one lossless video: smaller, faster, and one file instead of hundreds. */
const alikeForVideo = 6

/**
 * Keeps pictures a node has made, a few at a time in memory: as PNG files, long rows of opaque 8-bit pictures of one size as a lossless
 * video. `name` is what people read, without extension.
 */
export async function writePictures(
  pictures: AsyncIterable<RawImage>,
  assets: Pick<AssetAccess, 'keep' | 'produce'>,
  options: { name: string; signal?: AbortSignal; onWritten?: (count: number) => void },
): Promise<readonly Image[]> {
  const { name, onWritten, signal = new AbortController().signal } = options
  const written: Image[] = []
  const row: RawImage[] = []
  const source = pictures[Symbol.asyncIterator]()

  async function keepRow(): Promise<void> {
    for (const raw of row.splice(0)) {
      const file = `${name}_${String(written.length + 1).padStart(5, '0')}.png`
      written.push({ kind: 'image', asset: await assets.keep(await encodePng(raw, keptLevel), file) })
      onWritten?.(written.length)
    }
  }

  /** Goes on while pictures are alike; gives the first that is not. */
  async function writeRow(): Promise<RawImage | undefined> {
    let other: RawImage | undefined
    let count = 0
    async function* alike() {
      for (const raw of row.splice(0)) yield raw
      for (let item = await source.next(); !item.done; item = await source.next()) {
        if (!isAlike(item.value, shape)) {
          other = item.value
          return
        }
        yield item.value
      }
    }
    const [shape] = row as [RawImage]
    const asset = await assets.produce(`${name}_${String(written.length + 1).padStart(5, '0')}.mp4`, path =>
      writeMedia(path, {
        format: 'mp4',
        signal,
        pictures: {
          encoder: 'libx264rgb',
          pixelFormat: 'rgb24',
          options: { qp: 0, preset: 'ultrafast', g: 12 },
          fps: 24,
          frames: alike(),
          onFrame(frame) {
            count = frame
            onWritten?.(written.length + frame)
          },
        },
      }),
    )
    for (let page = 0; page < count; page++) written.push({ kind: 'image', asset, page })
    return other
  }

  try {
    for (let item = await source.next(); !item.done; ) {
      let next: RawImage | undefined = item.value
      if (row[0] && !isAlike(next, row[0])) await keepRow()
      row.push(next)
      next = row.length >= alikeForVideo && isPlain(row[0]) ? await writeRow() : undefined
      if (row.length >= alikeForVideo) await keepRow()
      item = next ? { value: next } : await source.next()
    }
    await keepRow()
  } finally {
    await source.return?.()
  }
  return written
}

const isPlain = (raw: RawImage | undefined) => raw?.channels === 3 && raw.data instanceof Uint8Array

function isAlike(a: RawImage, b: RawImage): boolean {
  return (
    a.width === b.width && a.height === b.height && a.channels === b.channels && isPlain(a) === isPlain(b)
  )
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
