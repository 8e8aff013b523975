import { type AssetAccess, NodeError } from '../context.ts'
import { defineNode, float, int, oneOf, socket, string, videoFile } from '../define-node.ts'
import { loadsFile, loadsPath } from '../media/loads-file.ts'
import { pixels, writePictures } from '../media/pixels.ts'
import { probeVideo, type VideoFacts } from '../media/probe.ts'
import { resized } from '../media/raw-image.ts'
import { stemOf } from '../media/video.ts'
import { type Asset, absent, type Image } from '../values.ts'

const common = {
  category: 'Video Helper Suite 🎥🅥🅗🅢',
  module: 'custom_nodes.ComfyUI-VideoHelperSuite',
} as const

const maxInt = Number.MAX_SAFE_INTEGER

const inputs = {
  force_rate: float(
    { default: 0, min: 0, max: 60, step: 1, tooltip: 'Frames a second; 0 keeps the rate.' },
    { acceptsLinks: ['INT'] },
  ),
  custom_width: int({ default: 0, min: 0, max: 8192, tooltip: '0 keeps the size or the ratio.' }),
  custom_height: int({ default: 0, min: 0, max: 8192, tooltip: '0 keeps the size or the ratio.' }),
  frame_load_cap: int({ default: 0, min: 0, max: maxInt, tooltip: '0 means all.' }),
  skip_first_frames: int({ default: 0, min: 0, max: maxInt }),
  select_every_nth: int({ default: 1, min: 1, max: maxInt }),
  meta_batch: socket('VHS_BatchManager', { optional: true }),
  vae: socket('VAE', { optional: true }),
  // Only a hint of the pack's editor, for sizes and numbers of frames that a model likes.
  format: oneOf(['None', 'AnimateDiff', 'Mochi', 'LTXV', 'Hunyuan', 'Cosmos', 'Wan'], {
    default: 'AnimateDiff',
    optional: true,
  }),
}

const outputs = {
  IMAGE: 'IMAGE',
  frame_count: 'INT',
  audio: 'AUDIO',
  video_info: 'VHS_VIDEOINFO',
} as const

type Choice = {
  force_rate: number
  custom_width: number | bigint
  custom_height: number | bigint
  frame_load_cap: number | bigint
  skip_first_frames: number | bigint
  select_every_nth: number | bigint
}

/** Frames of a video of the input folder, or of an animated GIF (ComfyUI-VideoHelperSuite). */
const loadVideo = defineNode({
  ...common,
  type: 'VHS_LoadVideo',
  displayName: 'Load Video (Upload) 🎥🅥🅗🅢',
  inputs: { video: videoFile('clip'), ...inputs },
  outputs,
  migrateWidgets: readOldLayout,
  ...loadsFile('video', 'video'),
  execute: async call => load(await call.assets.find(call.inputs.video), call.inputs, call),
})

/** The same of a file by its path, within the folders the user allowed. */
const loadVideoPath = defineNode({
  ...common,
  type: 'VHS_LoadVideoPath',
  displayName: 'Load Video (Path) 🎥🅥🅗🅢',
  inputs: { video: string({ default: '' }), ...inputs },
  outputs,
  migrateWidgets: readOldLayout,
  ...loadsPath('video'),
  execute: async call => load(await call.assets.findPath(call.inputs.video), call.inputs, call),
})

/**
 * The layout before `custom_width` had `force_size` as its third value: `512x?` is a width of 512, `Custom Width` and the like came with
 * sizes that array-form files did not keep.
 */
function readOldLayout(values: readonly unknown[]): readonly unknown[] {
  const [video, rate, size, ...rest] = values
  if (typeof size !== 'string') return values
  const [, width = '', height = ''] = /^(\d+|\?)x(\d+|\?)$/.exec(size) ?? []
  return [video, rate, Number(width) || 0, Number(height) || 0, ...rest]
}

async function load(
  asset: Asset,
  choice: Choice,
  context: {
    assets: AssetAccess
    signal: AbortSignal
    report(progress: { phase: 'working'; done: number; of: number }): void
  },
) {
  const facts = await probeVideo(asset)
  const step = choice.force_rate === 0 ? 1 / facts.fps : 1 / choice.force_rate
  const every = Number(choice.select_every_nth)
  const cap = Number(choice.frame_load_cap)
  const skipped = Number(choice.skip_first_frames)
  const pages = choosePages(facts, { step, every, cap, skipped })
  if (pages.length === 0) {
    throw new NodeError(`No frame of "${asset.name}" is left: it has ${facts.frames}.`, {
      code: 'empty-batch',
      hint: 'Skip fewer frames.',
    })
  }
  const chosen = pages.map((page): Image => ({ kind: 'image', asset, page }))
  const size = targetSize(facts, Number(choice.custom_width), Number(choice.custom_height))
  const IMAGE = await scaled(chosen, facts, size, asset, context)
  const from = skipped * step
  const seconds = cap * step * every
  return {
    IMAGE,
    frame_count: IMAGE.length,
    audio: facts.hasAudio
      ? ({
          kind: 'audio',
          asset,
          ...(from > 0 && { from }),
          ...(seconds > 0 && { to: from + seconds }),
        } as const)
      : absent(`The video "${asset.name}" has no sound.`),
    video_info: {
      source_fps: facts.fps,
      source_frame_count: facts.frames,
      source_duration: facts.duration,
      source_width: facts.width,
      source_height: facts.height,
      loaded_fps: 1 / (step * every),
      loaded_frame_count: IMAGE.length,
      loaded_duration: IMAGE.length * step * every,
      loaded_width: size.width,
      loaded_height: size.height,
    },
  }
}

/** Which frames are loaded: one for each step of the wanted rate, then skipped, thinned out and capped (the pack's own loop). */
function choosePages(
  facts: VideoFacts,
  { step, every, cap, skipped }: { step: number; every: number; cap: number; skipped: number },
): number[] {
  const pages: number[] = []
  const own = 1 / facts.fps
  let page = 0
  let offset = step
  for (let seen = 0; page < facts.frames; ) {
    if (offset < step - 1e-9) {
      page++
      offset += own
      continue
    }
    offset -= step
    seen++
    if (seen <= skipped || (seen - skipped - 1) % every !== 0) continue
    pages.push(page)
    if (cap > 0 && pages.length >= cap) break
  }
  return pages
}

/** A size of 0 keeps the ratio, both keep the size; anything else is brought to a multiple of 8, as in the pack. */
function targetSize(
  { width, height }: { width: number; height: number },
  wantedWidth: number,
  wantedHeight: number,
): { width: number; height: number } {
  if (wantedWidth === 0 && wantedHeight === 0) return { width, height }
  const eighth = (value: number) => Math.max(8, Math.floor(value / 8 + 0.5) * 8)
  return {
    width: eighth(wantedWidth || (width * wantedHeight) / height),
    height: eighth(wantedHeight || (height * wantedWidth) / width),
  }
}

async function scaled(
  images: readonly Image[],
  from: { width: number; height: number },
  to: { width: number; height: number },
  asset: Asset,
  { assets, signal, report }: Parameters<typeof load>[2],
): Promise<readonly Image[]> {
  if (from.width === to.width && from.height === to.height) return images
  async function* pictures() {
    for await (const raw of pixels(images, signal))
      yield resized(raw, to.width, to.height, 'cover', 'lanczos3')
  }
  return writePictures(pictures(), assets, {
    name: `${stemOf(asset)}_${to.width}x${to.height}`,
    signal,
    onWritten: done => report({ phase: 'working', done, of: images.length }),
  })
}

const numbers = [
  ['source_fps🟨', 'FLOAT'],
  ['source_frame_count🟨', 'INT'],
  ['source_duration🟨', 'FLOAT'],
  ['source_width🟨', 'INT'],
  ['source_height🟨', 'INT'],
  ['loaded_fps🟦', 'FLOAT'],
  ['loaded_frame_count🟦', 'INT'],
  ['loaded_duration🟦', 'FLOAT'],
  ['loaded_width🟦', 'INT'],
  ['loaded_height🟦', 'INT'],
] as const

/** The numbers of `video_info` one by one: of the file, then of what was loaded of it. */
const videoInfo = defineNode({
  ...common,
  type: 'VHS_VideoInfo',
  displayName: 'Video Info 🎥🅥🅗🅢',
  inputs: { video_info: socket('VHS_VIDEOINFO') },
  outputs: Object.fromEntries(numbers) as Record<string, 'FLOAT' | 'INT'>,
  execute: async ({ inputs }) =>
    Object.fromEntries(numbers.map(([name]) => [name, inputs.video_info[name.replace(/[🟨🟦]/u, '')] ?? 0])),
})

export const vhsVideoNodes = [loadVideo, loadVideoPath, videoInfo]
