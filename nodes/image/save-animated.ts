import type { NodeContext } from '../context.ts'
import { boolean, defineNode, float, int, oneOf, socket, string } from '../define-node.ts'
import { batchPixels, rawOf, sizeOf } from '../media/pixels.ts'
import { type FileWish, type PicturesWish, writeMedia } from '../media/write-media.ts'
import type { Image } from '../values.ts'

const common = {
  category: 'image',
  module: 'comfy_extras.nodes_images',
  isOutput: true,
  outputs: { IMAGE: 'IMAGE' },
} as const

const shared = {
  images: socket('IMAGE'),
  filename_prefix: string({ default: 'ComfyUI' }),
  fps: float({ default: 6, min: 0.01, max: 1000, step: 0.01 }),
}

/** How much work WEBP is given (libwebp's method 0 to 6), by ComfyUI's names. */
const methods = { default: 4, fastest: 0, slowest: 6 } as const

/** Saves pictures as one animated WEBP that repeats without end (ComfyUI: SaveAnimatedWEBP). */
const saveAnimatedWebp = defineNode({
  ...common,
  type: 'SaveAnimatedWEBP',
  displayName: 'Save Animated WEBP',
  inputs: {
    ...shared,
    lossless: boolean({ default: true }),
    quality: int({ default: 80, min: 0, max: 100 }),
    method: oneOf(['default', 'fastest', 'slowest']),
  },
  execute: async ({ inputs, ...context }) => {
    const { lossless, quality, method } = inputs
    return saveAnimation(inputs, context, {
      format: 'webp',
      extension: 'webp',
      encoder: 'libwebp_anim',
      pixelFormat: 'bgra',
      options: { lossless: lossless ? 1 : 0, quality: Number(quality), compression_level: methods[method] },
      container: { loop: '0' },
    })
  },
})

/** Saves pictures as one animated PNG that repeats without end (ComfyUI: SaveAnimatedPNG). */
const saveAnimatedPng = defineNode({
  ...common,
  type: 'SaveAnimatedPNG',
  displayName: 'Save Animated PNG',
  inputs: { ...shared, compress_level: int({ default: 4, min: 0, max: 9 }) },
  execute: async ({ inputs, ...context }) => {
    const [first] = inputs.images
    const hasAlpha = first !== undefined && (await rawOf(first)).channels === 4
    return saveAnimation(inputs, context, {
      format: 'apng',
      extension: 'png',
      encoder: 'apng',
      pixelFormat: hasAlpha ? 'rgba' : 'rgb24',
      options: { compression_level: Number(inputs.compress_level) },
      container: { plays: '0' },
    })
  },
})

async function saveAnimation(
  inputs: { images: readonly Image[]; filename_prefix: string; fps: number },
  { assets, signal, report }: NodeContext,
  way: Pick<FileWish, 'format'> &
    Pick<PicturesWish, 'encoder' | 'pixelFormat' | 'options'> & {
      extension: string
      container: Readonly<Record<string, string>>
    },
) {
  const { images, fps } = inputs
  const { format, extension, container, ...encoding } = way
  const [first] = images
  const asset = await assets.produce(`animation.${extension}`, path =>
    writeMedia(path, {
      format,
      signal,
      options: container,
      pictures: {
        ...encoding,
        fps,
        frames: batchPixels(images, signal),
        onFrame: done => report({ phase: 'working', done, of: images.length }),
      },
    }),
  )
  const saved = await assets.save({
    folder: 'output',
    prefix: inputs.filename_prefix,
    trailingUnderscore: true,
    items: [{ asset, extension }],
    ...(first && (await sizeOf(first))),
  })
  return { IMAGE: images, ui: { images: saved, animated: [true] } }
}

export const saveAnimatedNodes = [saveAnimatedWebp, saveAnimatedPng]
