import type { PicturesWish, SoundWish } from '../media/write-media.ts'

/** What VHS_VideoCombine writes for one of its formats. Encoders and settings are those of the pack's own format files. */
export type VhsFormat = {
  readonly extension: string
  /** FFmpeg's name of the container. */
  readonly container: string
  /** How pictures are encoded, from the values of the format's widgets. */
  readonly pictures: (
    values: Readonly<Record<string, unknown>>,
    hasAlpha: boolean,
  ) => Pick<PicturesWish, 'encoder' | 'pixelFormat' | 'options'>
  /** None where sound has no place. */
  readonly sound?: Pick<SoundWish, 'encoder' | 'bitRate'>
  /** An animation repeats in its player; in a video the frames themselves are repeated. */
  readonly isAnimation?: boolean
}

const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise)
const number = (value: unknown, otherwise: number) => (value === undefined ? otherwise : Number(value))

const aac = { encoder: 'aac', bitRate: 192_000 } as const

/** An encoder with a bit rate, as the formats for graphics cards have; here the processor does the same. */
function atBitRate(encoder: string, values: Readonly<Record<string, unknown>>) {
  const unit = values.megabit === false ? 'k' : 'M'
  return {
    encoder,
    pixelFormat: text(values.pix_fmt, 'yuv420p').replace('p010le', 'yuv420p10le'),
    options: { b: `${number(values.bitrate, 10)}${unit}` },
  }
}

const gif: VhsFormat = {
  extension: 'gif',
  container: 'gif',
  isAnimation: true,
  pictures: () => ({ encoder: 'gif', pixelFormat: 'pal8' }),
}

/** Files of single pictures are no container: see VHS_VideoCombine. */
export const pictureFormats = ['video/8bit-png', 'video/16bit-png'] as const

export const vhsFormats: Readonly<Record<string, VhsFormat>> = {
  'image/gif': gif,
  'image/webp': {
    extension: 'webp',
    container: 'webp',
    isAnimation: true,
    pictures: values => ({
      encoder: 'libwebp_anim',
      pixelFormat: 'bgra',
      options: { lossless: values.lossless === false ? 0 : 1, quality: 80 },
    }),
  },
  'video/ProRes': {
    extension: 'mov',
    container: 'mov',
    pictures: (values, hasAlpha) => {
      const profiles: Record<string, number> = { lt: 1, standard: 2, hq: 3, '4444': 4, '4444xq': 5 }
      const profile = profiles[text(values.profile, 'hq')] ?? 3
      return {
        encoder: 'prores_ks',
        pixelFormat: profile < 4 ? 'yuv422p10le' : hasAlpha ? 'yuva444p10le' : 'yuv444p10le',
        options: { profile },
      }
    },
    sound: { encoder: 'pcm_s16le' },
  },
  'video/av1-webm': {
    extension: 'webm',
    container: 'webm',
    pictures: values => ({
      encoder: 'libsvtav1',
      pixelFormat: text(values.pix_fmt, 'yuv420p10le'),
      options: { crf: number(values.crf, 23), preset: 6 },
    }),
    sound: { encoder: 'libopus' },
  },
  'video/ffmpeg-gif': gif,
  'video/ffv1-mkv': {
    extension: 'mkv',
    container: 'matroska',
    pictures: (values, hasAlpha) => ({
      encoder: 'ffv1',
      pixelFormat: text(values.pix_fmt, hasAlpha ? 'bgra' : 'bgr0'),
      options: {
        level: text(values.level, '3'),
        coder: text(values.coder, '1'),
        context: text(values.context, '1'),
        g: number(values.gop_size, 1),
        slices: text(values.slices, '16'),
        slicecrc: text(values.slicecrc, '1'),
      },
    }),
    sound: { encoder: 'flac' },
  },
  'video/gifski': gif,
  'video/h264-mp4': {
    extension: 'mp4',
    container: 'mp4',
    pictures: values => ({
      encoder: 'libx264',
      pixelFormat: text(values.pix_fmt, 'yuv420p'),
      options: { crf: number(values.crf, 19) },
    }),
    sound: aac,
  },
  'video/h265-mp4': {
    extension: 'mp4',
    container: 'mp4',
    pictures: values => ({
      encoder: 'libx265',
      pixelFormat: text(values.pix_fmt, 'yuv420p10le'),
      options: { crf: number(values.crf, 22) },
    }),
    sound: aac,
  },
  'video/nvenc_av1-mp4': {
    extension: 'mp4',
    container: 'mp4',
    pictures: values => atBitRate('libsvtav1', values),
    sound: aac,
  },
  'video/nvenc_h264-mp4': {
    extension: 'mp4',
    container: 'mp4',
    pictures: values => atBitRate('libx264', values),
    sound: aac,
  },
  'video/nvenc_hevc-mp4': {
    extension: 'mp4',
    container: 'mp4',
    pictures: values => atBitRate('libx265', values),
    sound: aac,
  },
  'video/webm': {
    extension: 'webm',
    container: 'webm',
    pictures: values => ({
      encoder: 'libvpx-vp9',
      pixelFormat: text(values.pix_fmt, 'yuv420p'),
      options: { crf: number(values.crf, 20), b: 0, 'row-mt': 1 },
    }),
    sound: { encoder: 'libopus' },
  },
}
