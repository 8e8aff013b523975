import type { VideoSample } from 'mediabunny'
import type { FilterAPI, Frame } from 'node-av'
import type { Asset } from '../values.ts'
import { type Engine, openMedia } from './engine.ts'
import { probeVideo } from './probe.ts'
import type { RawImage } from './raw-image.ts'
import { unreadable } from './unreadable.ts'

/** How many bytes of decoded frames are held when they are wanted from the end to the start. */
const backwardBytes = 96 * 1024 * 1024

/**
 * Decodes frames of one video in the order wanted. Ascending numbers are one pass through the file with a few frames in memory;
 * descending ones are decoded in stretches that fit into `backwardBytes`.
 */
export async function* decodeFrames(
  asset: Asset,
  wanted: readonly number[],
  reuse: boolean,
): AsyncGenerator<RawImage> {
  const { width, height, frames } = await probeVideo(asset)
  const bad = wanted.find(page => page >= frames || page < 0)
  if (bad !== undefined)
    throw unreadable(asset, 'video', undefined, `it has no frame ${bad}, only ${frames}, counted from 0`)
  const stretch = Math.max(1, Math.floor(backwardBytes / (width * height * 4)))
  for (const run of runsOf(wanted, stretch)) {
    if (run.isAscending) yield* decodeAscending(asset, run.pages, reuse)
    else yield* decodeBackward(asset, run.pages)
  }
}

type Run = { readonly isAscending: boolean; readonly pages: readonly number[] }

/** Cuts a list of frame numbers into ascending runs and descending ones of at most `stretch`. */
function runsOf(wanted: readonly number[], stretch: number): Run[] {
  const runs: Run[] = []
  for (let at = 0; at < wanted.length; ) {
    const goesOn = (from: number, isAscending: boolean) => {
      const [one = 0, next] = [wanted[from - 1], wanted[from]]
      return next !== undefined && (isAscending ? next >= one : next < one)
    }
    const isAscending = !goesOn(at + 1, false)
    let end = at + 1
    while (goesOn(end, isAscending) && (isAscending || end - at < stretch)) end++
    runs.push({ isAscending, pages: wanted.slice(at, end) })
    at = end
  }
  return runs
}

async function* decodeBackward(asset: Asset, pages: readonly number[]): AsyncGenerator<RawImage> {
  const held: RawImage[] = []
  for await (const raw of decodeAscending(asset, pages.toReversed(), false)) held.push(raw)
  for (const raw of held.reverse()) yield raw
}

async function* decodeAscending(
  asset: Asset,
  pages: readonly number[],
  reuse: boolean,
): AsyncGenerator<RawImage> {
  const { times, width, height } = await probeVideo(asset)
  using media = await openMedia(asset)
  try {
    const track = await media.input.getPrimaryVideoTrack()
    if (!track) throw unreadable(asset, 'video')
    const distinct = [...new Set(pages)]
    const counts = new Map<number, number>()
    for (const page of pages) counts.set(page, (counts.get(page) ?? 0) + 1)
    const alpha = await track.canBeTransparent()
    using reader = createFrameReader(media.engine, { width, height, alpha, reuse })
    const sink = new media.engine.bunny.VideoSampleSink(track)
    let last: RawImage | undefined
    let at = 0
    let waiting = 0
    for await (const sample of sink.samplesAtTimestamps(distinct.map(page => times[page] ?? 0))) {
      // A frame that is damaged is shown as the one before it, the first ones as the first good one, as players do.
      if (sample) last = await reader.read(sample)
      waiting += counts.get(distinct[at++] ?? 0) ?? 1
      if (last) for (; waiting > 0; waiting--) yield last
    }
    if (!last) throw unreadable(asset, 'video')
  } catch (cause) {
    throw unreadable(asset, 'video', cause)
  }
}

type FrameReader = Disposable & {
  /** Takes a sample over and closes it. */
  read(sample: VideoSample): Promise<RawImage>
}

/**
 * Turns decoded frames into RGB, or RGBA, with the colour matrix the file names, upright and with square pixels. With `reuse` a frame
 * that needs no turning is given as it was decoded until the next is read; its pixels are converted only if somebody looks at them.
 */
function createFrameReader(
  { av, toAvFrame }: Engine,
  to: { width: number; height: number; alpha: boolean; reuse: boolean },
): FrameReader {
  const channels = to.alpha ? 4 : 3
  const shape = { width: to.width, height: to.height, channels } as const
  const source = new av.Frame()
  source.alloc()
  let filter: FilterAPI | undefined
  const convert = ({ rotation, flip }: Pick<VideoSample, 'rotation' | 'flip'>) => {
    filter ??= av.FilterAPI.create(
      [
        ...(rotation === 90 ? ['transpose=clock'] : []),
        ...(rotation === 180 ? ['hflip', 'vflip'] : []),
        ...(rotation === 270 ? ['transpose=cclock'] : []),
        ...(flip ? ['hflip'] : []),
        `scale=${to.width}:${to.height}:flags=bilinear+accurate_rnd+full_chroma_int`,
        `format=${to.alpha ? 'rgba' : 'rgb24'}`,
      ].join(','),
    )
    return filter
  }
  const pixelsOf = ([frame]: readonly Frame[]): Buffer => {
    if (!frame) throw new Error('a frame was lost while its colours were converted')
    const data = frame.toBuffer()
    frame.free()
    return data
  }
  return {
    async read(sample) {
      using _closed = sample
      const { rotation, flip } = sample
      source.unref()
      await toAvFrame(sample, source)
      const isUpright = rotation === 0 && !flip && source.width === to.width && source.height === to.height
      if (!to.reuse || !isUpright || to.alpha) {
        return { ...shape, data: pixelsOf(await convert({ rotation, flip }).processAll(source)) }
      }
      let data: Buffer | undefined
      return {
        ...shape,
        decoded: source,
        get data() {
          data ??= pixelsOf(convert({ rotation, flip }).processAllSync(source))
          return data
        },
      }
    },
    [Symbol.dispose]() {
      filter?.close()
      source.free()
    },
  }
}
