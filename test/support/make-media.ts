import { engine } from '../../nodes/media/engine.ts'

/** The grey of frame `index` in made videos: far enough apart to tell frames from each other after encoding. */
export const greyOf = (index: number) => 16 + ((index * 8) % 224)

type VideoWish = {
  readonly width?: number
  readonly height?: number
  readonly frames?: number
  readonly fps?: number
  readonly codec?: 'avc' | 'vp9'
  readonly rotation?: 0 | 90 | 180 | 270
  /** Seconds of a 440 Hz tone; none when absent. */
  readonly sound?: number
}

/** Writes a real video: each frame plain grey (`greyOf`), its top left quarter white. MP4 with H.264 and AAC, or WebM with VP9 and Opus. */
export async function makeVideo(path: string, wish: VideoWish = {}): Promise<void> {
  const { width = 64, height = 48, frames = 10, fps = 10, codec = 'avc' } = wish
  const { bunny } = await engine()
  const output = new bunny.Output({
    format: codec === 'avc' ? new bunny.Mp4OutputFormat() : new bunny.WebMOutputFormat(),
    target: new bunny.FilePathTarget(path),
  })
  const pictures = new bunny.VideoSampleSource({ codec, quality: new bunny.Quality({ quantizer: 12 }) })
  output.addVideoTrack(pictures, { frameRate: fps, ...(wish.rotation && { rotation: wish.rotation }) })
  const sound = wish.sound
    ? new bunny.AudioSampleSource({
        codec: codec === 'avc' ? 'aac' : 'opus',
        quality: new bunny.Quality({ bitrate: 96_000 }),
      })
    : undefined
  if (sound) output.addAudioTrack(sound)
  await output.start()
  const data = new Uint8Array(width * height * 4)
  for (let index = 0; index < frames; index++) {
    data.fill(greyOf(index))
    for (let y = 0; y < height / 2; y++) data.fill(255, y * width * 4, y * width * 4 + width * 2)
    using sample = new bunny.VideoSample(data, {
      format: 'RGBX',
      codedWidth: width,
      codedHeight: height,
      timestamp: index / fps,
      duration: 1 / fps,
    })
    await pictures.add(sample)
  }
  pictures.close()
  if (sound) for (const sample of tone(bunny, wish.sound ?? 0, 48_000)) await sound.add(sample)
  await output.finalize()
}

/** Writes a real sound: a tone, stereo. The format follows the extension. */
export async function makeSound(
  path: string,
  wish: { seconds?: number; sampleRate?: number } = {},
): Promise<void> {
  const { seconds = 1, sampleRate = 44_100 } = wish
  const { bunny } = await engine()
  const ways = {
    wav: [new bunny.WavOutputFormat(), 'pcm-s16'],
    flac: [new bunny.FlacOutputFormat(), 'flac'],
    mp3: [new bunny.Mp3OutputFormat(), 'mp3'],
    ogg: [new bunny.OggOutputFormat(), 'opus'],
    m4a: [new bunny.Mp4OutputFormat(), 'aac'],
  } as const
  const [format, codec] = ways[path.split('.').at(-1) as keyof typeof ways]
  const output = new bunny.Output({ format, target: new bunny.FilePathTarget(path) })
  const source = new bunny.AudioSampleSource({
    codec,
    quality: new bunny.Quality({ bitrate: 128_000 }),
    ...(codec === 'opus' && { transform: { sampleRate: 48_000 } }),
  })
  output.addAudioTrack(source)
  await output.start()
  for (const sample of tone(bunny, seconds, sampleRate)) await source.add(sample)
  await output.finalize()
}

function* tone(
  bunny: Awaited<ReturnType<typeof engine>>['bunny'],
  seconds: number,
  sampleRate: number,
): Generator<InstanceType<typeof bunny.AudioSample>> {
  const total = Math.round(seconds * sampleRate)
  for (let at = 0; at < total; at += 4800) {
    const count = Math.min(4800, total - at)
    const data = new Float32Array(count * 2)
    for (let index = 0; index < count; index++) {
      data[index * 2] = Math.sin((2 * Math.PI * 440 * (at + index)) / sampleRate) * 0.4
      data[index * 2 + 1] = data[index * 2] as number
    }
    using sample = new bunny.AudioSample({
      data,
      format: 'f32',
      numberOfChannels: 2,
      sampleRate,
      timestamp: at / sampleRate,
    })
    yield sample
  }
}
