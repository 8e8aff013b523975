import { NodeError } from '../context.ts'
import { type Container, createContainer } from './container.ts'
import { type Engine, engine } from './engine.ts'
import { audioFrame, layoutOf, openEncoder, rational, through, throughAtOnce, videoFrame } from './libav.ts'
import { evenSized, type RawImage, resized, withChannels } from './raw-image.ts'
import type { Sound } from './sound.ts'

/** How pictures are written. Names and options are FFmpeg's: they are what graphs and their packs speak of. */
export type PicturesWish = {
  readonly encoder: string
  readonly pixelFormat: string
  readonly options?: Readonly<Record<string, string | number>>
  readonly frames: AsyncIterable<RawImage>
  readonly fps: number
  readonly onFrame?: (written: number) => void
}

/** How sound is written. */
export type SoundWish = {
  readonly encoder: 'aac' | 'libopus' | 'libmp3lame' | 'flac' | 'pcm_s16le' | 'pcm_f32le'
  /** Bits a second; what the encoder thinks best when absent. */
  readonly bitRate?: number
  /** LAME's quality instead of a bit rate; 0 is best. */
  readonly quality?: number
  /** Of FLAC: 16 unless more is worth keeping. */
  readonly bits?: 16 | 24
  readonly sound: AsyncIterable<Sound> | Iterable<Sound>
}

export type FileWish = {
  /** FFmpeg's name of the container: mp4, mov, webm, matroska, gif, apng, webp, flac, mp3, ogg, wav. */
  readonly format: string
  readonly pictures?: PicturesWish
  readonly sound?: SoundWish
  readonly tags?: Readonly<Record<string, string>>
  readonly options?: Readonly<Record<string, string>>
  /** A second file for the pictures without the sound. */
  readonly silentPath?: string
  readonly signal: AbortSignal
}

/** What writes a stream that was added to a file, once the file has begun. */
type Lane = () => Promise<void>

/**
 * Writes a video, an animation or a sound from what comes piece by piece; no more than a few frames are in memory. Pictures of another
 * size than the first are scaled and cut to it; odd sizes grow by one pixel where the codec wants even ones. Throws NodeError `encode-failed`.
 */
export async function writeMedia(path: string, wish: FileWish): Promise<void> {
  const loaded = await engine()
  const isMp4 = wish.format === 'mp4' || wish.format === 'mov'
  const options = { ...(isMp4 && { movflags: '+use_metadata_tags+faststart' }), ...wish.options }
  try {
    await using atEnd = new AsyncDisposableStack()
    await using file = createContainer(loaded, path, wish.format, {
      tags: wish.tags ?? {},
      options,
      firstOnly: wish.silentPath,
    })
    const { pictures, sound, signal } = wish
    const lanes: Lane[] = []
    if (pictures) lanes.push(await addPictures(loaded, file, pictures, { signal, atEnd }))
    if (sound) lanes.push(await addSound(loaded, file, sound, { signal, atEnd }))
    await file.start()
    const ends = await Promise.allSettled(lanes.map(lane => lane()))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    await file.finish()
  } catch (cause) {
    if (cause instanceof NodeError || wish.signal.aborted) throw cause
    throw new NodeError(`The ${wish.format} file could not be written: ${(cause as Error).message}`, {
      code: 'encode-failed',
      hint: 'Try another format or another size.',
      cause,
    })
  }
}

/** What ends a stream early, and where to put what is to be closed however it ends. */
type Life = { readonly signal: AbortSignal; readonly atEnd: AsyncDisposableStack }

/** Each thread of an encoder holds frames of its own, 20 MB at 1080p: three threads there, eight for small pictures, two at 4K. */
function threadsFor({ width, height }: RawImage): number {
  const affordable = Math.min(8, Math.max(2, Math.floor(7_000_000 / (width * height))))
  return Math.min(navigator.hardwareConcurrency, affordable)
}

/** x264 and x265 look at up to 40 pictures ahead, which is half a gigabyte at 1080p; big pictures get by with fewer. */
function frugal(encoder: string, { width, height }: RawImage): Record<string, string | number> {
  const isBig = width * height > 1_000_000
  const ahead = isBig ? 6 : width * height > 400_000 ? 20 : 40
  if (encoder === 'libx264') {
    return { 'rc-lookahead': ahead, ...(isBig && { 'x264-params': 'sync-lookahead=0' }) }
  }
  return encoder === 'libx265' ? { 'x265-params': `log-level=none:rc-lookahead=${Math.min(ahead, 20)}` } : {}
}

async function addPictures(
  { av }: Engine,
  file: Container,
  wish: PicturesWish,
  { signal, atEnd }: Life,
): Promise<Lane> {
  const { pixelFormat } = wish
  const source = await peek(wish.frames, atEnd)
  if (!source) throw new NodeError('There are no pictures to make a video of.', { code: 'empty-batch' })
  const isYuv = pixelFormat.startsWith('yuv')
  const adapt = async (raw: RawImage) => {
    const colored = withChannels(raw, /^(yuva|rgba|bgra)/.test(pixelFormat) ? 4 : 3)
    const sized = await resized(colored, source.first.width, source.first.height, 'cover')
    return isYuv ? evenSized(sized) : sized
  }
  const first = await adapt(source.first)
  const rate = rational(wish.fps)
  const encoder = await openEncoder(
    av,
    wish.encoder,
    { globalHeader: file.wantsGlobalHeader, options: { ...frugal(wish.encoder, first), ...wish.options } },
    context => {
      context.width = first.width
      context.height = first.height
      context.pixelFormat = av.avGetPixFmtFromName(pixelFormat)
      context.timeBase = new av.Rational(rate.den, rate.num)
      context.framerate = new av.Rational(rate.num, rate.den)
      context.threadCount = threadsFor(first)
      if (!isYuv) return
      // Players guess the matrix from the size when a file does not name it, and guess wrong.
      context.colorSpace = av.AVCOL_SPC_BT709
      context.colorPrimaries = av.AVCOL_PRI_BT709
      context.colorTrc = av.AVCOL_TRC_BT709
      context.colorRange = av.AVCOL_RANGE_MPEG
    },
  )
  const stream = file.addStream(encoder)
  const filter = av.FilterAPI.create(chainTo(pixelFormat))
  atEnd.defer(() => filter.close())
  return async () => {
    let written = 0
    for await (const raw of source.all) {
      signal.throwIfAborted()
      const adapted = written === 0 ? first : await adapt(raw)
      const frame = videoFrame(av, adapted, written++, { num: rate.den, den: rate.num })
      await through(filter, frame, made => file.write(stream, made))
      wish.onFrame?.(written)
    }
    await through(filter, null, made => file.write(stream, made))
    await file.write(stream, null)
  }
}

/** The filters between RGB and what an encoder takes. A GIF gets a palette of its own for each frame. */
function chainTo(pixelFormat: string): string {
  if (pixelFormat === 'pal8') {
    return 'split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither=sierra2_4a'
  }
  const matrix = pixelFormat.startsWith('yuv') ? ':out_color_matrix=bt709:out_range=tv' : ''
  return `scale=flags=bicubic+accurate_rnd+full_chroma_int${matrix},format=${pixelFormat}`
}

async function addSound(
  { av }: Engine,
  file: Container,
  wish: SoundWish,
  { signal, atEnd }: Life,
): Promise<Lane> {
  const source = await peek(wish.sound, atEnd)
  if (!source)
    throw new NodeError('There is no sound to write: it is 0 seconds long.', { code: 'empty-sound' })
  const sampleRate = rateFor(wish.encoder, source.first.sampleRate)
  const layout = layoutOf(av, Math.min(source.first.channels, wish.encoder === 'libmp3lame' ? 2 : 8))
  const encoder = await openEncoder(
    av,
    wish.encoder,
    { globalHeader: file.wantsGlobalHeader },
    (context, codec) => {
      context.sampleRate = sampleRate
      context.channelLayout = layout
      context.sampleFormat = codec.sampleFormats?.[0] ?? av.AV_SAMPLE_FMT_FLTP
      if (wish.bits === 24) {
        context.sampleFormat = av.AV_SAMPLE_FMT_S32
        context.bitsPerRawSample = 24
      }
      context.timeBase = new av.Rational(1, sampleRate)
      if (wish.bitRate !== undefined) context.bitRate = BigInt(wish.bitRate)
      if (wish.quality === undefined) return
      context.setFlags(av.AV_CODEC_FLAG_QSCALE)
      context.globalQuality = wish.quality * av.FF_QP2LAMBDA
    },
  )
  const stream = file.addStream(encoder)
  const format = [
    `sample_fmts=${av.avGetSampleFmtName(encoder.sampleFormat)}`,
    `sample_rates=${sampleRate}`,
    `channel_layouts=${av.avChannelLayoutDescribe(layout)}`,
  ].join(':')
  // The last frame may be shorter: nothing is padded, so that lossless formats keep their length.
  const cut = encoder.frameSize > 0 ? `,asetnsamples=n=${encoder.frameSize}:p=0` : ''
  const filter = av.FilterAPI.create(`aresample=${sampleRate},aformat=${format}${cut}`)
  atEnd.defer(() => filter.close())
  return async () => {
    let taken = 0
    let given = 0n
    const write = (made: ReturnType<typeof audioFrame>) => {
      made.pts = given
      given += BigInt(made.nbSamples)
      return file.write(stream, made)
    }
    for await (const piece of source.all) {
      signal.throwIfAborted()
      await throughAtOnce(filter, audioFrame(av, piece, taken), write)
      taken += piece.data.length / piece.channels
    }
    await throughAtOnce(filter, null, write)
    await file.write(stream, null)
  }
}

/** Looks at the first item of a source and gives all of them again; undefined when there is none. */
async function peek<T>(
  source: AsyncIterable<T> | Iterable<T>,
  atEnd: AsyncDisposableStack,
): Promise<{ first: T; all: AsyncGenerator<T, void, undefined> } | undefined> {
  const items: AsyncIterator<T> | Iterator<T> =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  atEnd.defer(async () => {
    await items.return?.()
  })
  const start = await items.next()
  if (start.done) return undefined
  async function* all() {
    for (let item: IteratorResult<T> = start; !item.done; item = await items.next()) yield item.value
  }
  return { first: start.value, all: all() }
}

/** The rate an encoder takes: the sound's own, or the next it knows. */
function rateFor(encoder: SoundWish['encoder'], wanted: number): number {
  const known: Partial<Record<SoundWish['encoder'], readonly number[]>> = {
    libopus: [8000, 12_000, 16_000, 24_000, 48_000],
    libmp3lame: [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000],
    aac: [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000],
  }
  const rates = known[encoder]
  return rates === undefined ? wanted : (rates.find(rate => rate >= wanted) ?? rates.at(-1) ?? wanted)
}
