import type { NodeContext, Saveable, SavedFile } from '../context.ts'
import { boolean, defineNode, float, type Input, int, oneOf, socket, string } from '../define-node.ts'
import { batchPixels, encodePng, pixels, rawOf } from '../media/pixels.ts'
import { decode, sharpOf } from '../media/raw-image.ts'
import { audioLength, padded, soundOf } from '../media/sound.ts'
import { upTo } from '../media/video.ts'
import { writeMedia } from '../media/write-media.ts'
import type { Audio, Image } from '../values.ts'
import { pictureFormats, vhsFormats } from './vhs-formats.ts'

const names = ['image/gif', ...Object.keys(vhsFormats).slice(1), ...pictureFormats] as unknown as readonly [
  string,
  ...string[],
]

/** Widgets that a format brings along; a prompt has those of its format as inputs beside the others. */
const formatWidgets: Readonly<Record<string, Input<unknown>>> = {
  pix_fmt: string(),
  lossless: boolean(),
  profile: string(),
  bitrate: float(),
  megabit: boolean(),
  dither: string(),
  input_color_depth: string(),
  level: string(),
  coder: string(),
  context: string(),
  gop_size: int(),
  slices: string(),
  slicecrc: string(),
  save_image: boolean(),
}

/**
 * Pictures as an animation or a video in the format chosen, with sound, and the first picture as a PNG that carries the graph
 * (ComfyUI-VideoHelperSuite: VHS_VideoCombine). With sound there are two videos, the one that has it is reported.
 */
export const vhsVideoCombine = defineNode({
  type: 'VHS_VideoCombine',
  displayName: 'Video Combine 🎥🅥🅗🅢',
  category: 'Video Helper Suite 🎥🅥🅗🅢',
  module: 'custom_nodes.ComfyUI-VideoHelperSuite',
  description: 'The nvenc formats are encoded by the processor here, at the bit rate asked for.',
  isOutput: true,
  inputs: {
    images: socket('IMAGE'),
    frame_rate: float({ default: 8, min: 1, step: 1 }, { acceptsLinks: ['INT'] }),
    loop_count: int({ default: 0, min: 0, max: 100, step: 1 }),
    filename_prefix: string({ default: 'AnimateDiff' }),
    format: oneOf(names, { default: 'video/h264-mp4' }),
    pingpong: boolean({ default: false }),
    save_output: boolean({ default: true }),
    audio: socket('AUDIO', { optional: true }),
    meta_batch: socket('VHS_BatchManager', { optional: true }),
    vae: socket('VAE', { optional: true }),
    crf: int({ default: 19, min: 0, max: 100, optional: true, tooltip: 'Lower is better and bigger.' }),
    save_metadata: boolean({ default: true, optional: true }),
    trim_to_audio: boolean({ default: false, optional: true }),
  },
  moreInputs: name => formatWidgets[name],
  outputs: { Filenames: 'VHS_FILENAMES' },
  execute: async ({ inputs, more, ...context }) => {
    const isSaved = more.save_image !== false && inputs.save_output
    const saved = await save({ ...inputs, save_output: isSaved }, { ...more, ...inputs }, context)
    const paths = saved.map(file => file.asset.path)
    const reported = saved.at(-1)
    return {
      Filenames: [isSaved, paths] as const,
      ...(reported && { ui: { gifs: [preview(reported, saved, inputs)] } }),
    }
  },
})

type Wish = {
  images: readonly Image[]
  frame_rate: number
  loop_count: number | bigint
  filename_prefix: string
  format: string
  pingpong: boolean
  save_output: boolean
  audio?: Audio | undefined
  save_metadata?: boolean | undefined
  trim_to_audio?: boolean | undefined
}

/** What the pack tells of the file, for its own preview. */
function preview(
  reported: SavedFile,
  saved: readonly SavedFile[],
  wish: Pick<Wish, 'format' | 'frame_rate'>,
) {
  return {
    ...reported,
    format: wish.format,
    frame_rate: wish.frame_rate,
    workflow: saved[0]?.filename ?? '',
    fullpath: reported.asset.path,
  }
}

async function save(
  wish: Wish,
  values: Readonly<Record<string, unknown>>,
  context: NodeContext,
): Promise<readonly SavedFile[]> {
  const { assets } = context
  const [first] = wish.images
  if (!first) return []
  const withMetadata = wish.save_metadata !== false
  // The pack's option in a workflow's extra; without it the picture would only lie around.
  const withPicture = !/"VHS_MetadataImage":\s*false/.test(assets.metadata.workflow ?? '')
  const picture: Saveable = { bytes: await encodePng(first), extension: 'png' }
  const videos = (pictureFormats as readonly string[]).includes(wish.format)
    ? pictureFiles(wish, context)
    : await videoFiles(wish, values, withMetadata, context)
  async function* items(): AsyncGenerator<Saveable> {
    if (withPicture) yield picture
    yield* videos
  }
  return assets.save({
    folder: wish.save_output ? 'output' : 'temp',
    prefix: wish.filename_prefix,
    trailingUnderscore: false,
    isOneGroup: true,
    items: items(),
  })
}

/** Each picture as a file of its own, `name_00001.001.png`. */
async function* pictureFiles(wish: Wish, { signal, report }: NodeContext): AsyncGenerator<Saveable> {
  const images = sequence(wish)
  let number = 0
  for await (const raw of pixels(images, signal, { reuse: true })) {
    const deep = wish.format === 'video/16bit-png' ? await decode(sharpOf(raw), { keep16: true }) : raw
    number++
    yield {
      bytes: await encodePng(deep),
      extension: 'png',
      ending: `.${String(number).padStart(3, '0')}`,
      isTagged: true,
    }
    report({ phase: 'working', done: number, of: images.length })
  }
}

async function videoFiles(
  wish: Wish,
  values: Readonly<Record<string, unknown>>,
  withMetadata: boolean,
  { assets, signal, report }: NodeContext,
): Promise<readonly Saveable[]> {
  const format = vhsFormats[wish.format] ?? vhsFormats['video/h264-mp4']
  if (!format) return []
  const { extension, container, isAnimation = false } = format
  const [first] = wish.images
  const hasAlpha = first !== undefined && (await rawOf(first)).channels === 4
  const audio = format.sound && wish.audio
  const images = await fitToAudio(sequence(wish), audio, wish)
  const seconds = images.length / wish.frame_rate
  const tags = withMetadata ? assets.metadata : {}
  const loops = String(wish.loop_count)
  let silent: Saveable | undefined
  const write = (path: string, silentPath?: string) =>
    writeMedia(path, {
      format: container,
      signal,
      tags,
      ...(isAnimation && { options: { loop: loops } }),
      ...(silentPath !== undefined && { silentPath }),
      pictures: {
        ...format.pictures(values, hasAlpha),
        fps: wish.frame_rate,
        frames: batchPixels(images, signal),
        onFrame: done => report({ phase: 'working', done, of: images.length }),
      },
      ...(audio &&
        format.sound && {
          sound: { ...format.sound, sound: padded(soundOf(upTo(audio, seconds), signal), seconds) },
        }),
    })
  const item = (asset: SavedFile['asset']): Saveable => ({
    asset,
    extension,
    // Animations have no tags of their own: the graph is put in while they are saved.
    isTagged: !(isAnimation && withMetadata),
  })
  if (!audio) return [item(await assets.produce(`video.${extension}`, path => write(path)))]
  const whole = await assets.produce(`video-audio.${extension}`, async path => {
    silent = item(await assets.produce(`video.${extension}`, silentPath => write(path, silentPath)))
  })
  return [...(silent ? [silent] : []), { ...item(whole), ending: '-audio' }]
}

/** The pictures in the order they are shown: back and forth, and in videos as often as they loop. */
function sequence({ images, pingpong, loop_count, format }: Wish): readonly Image[] {
  const once = pingpong ? [...images, ...images.slice(1, -1).reverse()] : images
  const times = vhsFormats[format]?.isAnimation ? 1 : Number(loop_count) + 1
  return times === 1 ? once : Array.from({ length: times }, () => once).flat()
}

/** With `trim_to_audio` no more pictures than the sound lasts. */
async function fitToAudio(
  images: readonly Image[],
  audio: Audio | undefined,
  { trim_to_audio, frame_rate }: Wish,
): Promise<readonly Image[]> {
  if (!audio || !trim_to_audio) return images
  return images.slice(0, Math.max(1, Math.round((await audioLength(audio)) * frame_rate)))
}
