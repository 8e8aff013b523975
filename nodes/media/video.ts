import type { NodeContext } from '../context.ts'
import type { Asset, Audio, Image, Video } from '../values.ts'
import { batchPixels, framesOf } from './pixels.ts'
import { probeVideo } from './probe.ts'
import { soundOf } from './sound.ts'
import { writeMedia } from './write-media.ts'

type Making = Pick<NodeContext, 'assets' | 'signal' | 'report'>

/** The sound of a video within its span, undefined when it is silent. */
export async function soundIn(video: Video): Promise<Audio | undefined> {
  const { hasAudio } = await probeVideo(video.asset)
  return hasAudio ? { ...video, kind: 'audio' } : undefined
}

/** Seconds of a video, its span applied. */
export async function videoLength(video: Video): Promise<number> {
  const { duration } = await probeVideo(video.asset)
  return Math.max(0, Math.min(video.to ?? duration, duration) - (video.from ?? 0))
}

/** The best that is not wasteful: no difference is seen, and nothing is encoded a second time on saving. */
export const h264 = { encoder: 'libx264', options: { crf: 17, preset: 'medium' } } as const

/** Writes pictures, and sound no longer than they are, as MP4 with H.264 and AAC. */
export async function makeMp4(
  wish: {
    images: readonly Image[]
    fps: number
    audio?: Audio | undefined
    bits?: 8 | 10
    name: string
  },
  { assets, signal, report }: Making,
): Promise<Asset> {
  const { images, fps, audio, bits = 8, name } = wish
  return assets.produce(`${name}.mp4`, path =>
    writeMedia(path, {
      format: 'mp4',
      signal,
      pictures: {
        ...h264,
        pixelFormat: bits === 10 ? 'yuv420p10le' : 'yuv420p',
        fps,
        frames: batchPixels(images, signal),
        onFrame: done => report({ phase: 'working', done, of: images.length }),
      },
      ...(audio && {
        sound: { encoder: 'aac', bitRate: 192_000, sound: soundOf(upTo(audio, images.length / fps), signal) },
      }),
    }),
  )
}

/** At most so many seconds of a sound. */
export function upTo(audio: Audio, seconds: number): Audio {
  const from = audio.from ?? 0
  return { ...audio, to: Math.min(audio.to ?? Number.POSITIVE_INFINITY, from + seconds) }
}

/** A file that holds this video alone: its own, or an MP4 of its span. An animated picture is a file of its own. */
export async function videoAsset(video: Video, context: Making): Promise<Asset> {
  if (video.from === undefined && video.to === undefined) return video.asset
  const { fps, bits } = await probeVideo(video.asset)
  return makeMp4(
    {
      images: await framesOf(video),
      fps,
      audio: await soundIn(video),
      bits: bits > 8 ? 10 : 8,
      name: `${stemOf(video.asset)}_cut`,
    },
    context,
  )
}

/** A file that holds this sound alone: its own, or a FLAC of its span or of a video's sound. */
export async function audioAsset(audio: Audio, context: Making): Promise<Asset> {
  const isWhole = audio.from === undefined && audio.to === undefined
  if (isWhole && audio.asset.mediaType.startsWith('audio/')) return audio.asset
  return context.assets.produce(`${stemOf(audio.asset)}.flac`, path =>
    writeMedia(path, {
      format: 'flac',
      signal: context.signal,
      sound: { encoder: 'flac', sound: soundOf(audio, context.signal) },
    }),
  )
}

/** A file's name without its extension. */
export function stemOf(asset: Pick<Asset, 'name'>): string {
  return asset.name.replace(/\.[^.]+$/, '')
}
