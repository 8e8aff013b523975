import sharp from 'sharp'
import type { NodeContext } from '../context.ts'
import { autogrow, defineNode, int, socket } from '../define-node.ts'
import { sizeOf } from '../media/pixels.ts'
import type { Image } from '../values.ts'
import { editPictures, throughSharp } from './edit-pictures.ts'
import { scaled } from './scale.ts'

/** ComfyUI's nodes over batches: most of them only choose and order references. */
const batch = { category: 'image/batch', module: 'comfy_extras.nodes_images' } as const

/** Pictures after one another; all get the size of the first (bilinear, its middle cut out). */
async function joined(
  batches: readonly (readonly Image[])[],
  context: NodeContext,
): Promise<readonly Image[]> {
  const [first] = batches.flat()
  if (!first) return []
  const size = await sizeOf(first)
  const all: Image[] = []
  for (const images of batches) {
    const [front] = images
    if (!front) continue
    const own = await sizeOf(front)
    const fits = images === batches[0] || (own.width === size.width && own.height === size.height)
    const fitted = fits
      ? images
      : await editPictures(images, context, raw => scaled(raw, size.width, size.height, 'bilinear', 'center'))
    all.push(...fitted)
  }
  return all
}

const imageBatch = defineNode({
  ...batch,
  type: 'ImageBatch',
  displayName: 'Batch Images (DEPRECATED)',
  module: 'nodes',
  description: 'Two batches as one. The second gets the size of the first.',
  inputs: { image1: socket('IMAGE'), image2: socket('IMAGE') },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, ...context }) => ({
    IMAGE: await joined([inputs.image1, inputs.image2], context),
  }),
})

const batchImages = defineNode({
  ...batch,
  type: 'BatchImagesNode',
  displayName: 'Batch Images',
  module: 'comfy_extras.nodes_post_processing',
  description: 'All connected pictures as one batch. They get the size of the first.',
  inputs: { images: autogrow('IMAGE', { item: 'image', prefix: 'image', min: 1, max: 50 }) },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, ...context }) => ({
    IMAGE: await joined(Object.values(inputs.images), context),
  }),
})

const repeatImageBatch = defineNode({
  ...batch,
  type: 'RepeatImageBatch',
  displayName: 'Repeat Image Batch',
  inputs: { image: socket('IMAGE'), amount: int({ default: 1, min: 1, max: 4096 }) },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs }) => ({
    IMAGE: Array.from({ length: Number(inputs.amount) }, () => inputs.image).flat(),
  }),
})

const imageFromBatch = defineNode({
  ...batch,
  type: 'ImageFromBatch',
  displayName: 'Get Image from Batch',
  description: 'One or several pictures of a batch, counted from 0; negative numbers count from the end.',
  inputs: {
    image: socket('IMAGE'),
    batch_index: int({ default: 0, min: -16_384, max: 16_384 }),
    length: int({ default: 1, min: 1, max: 4096 }),
  },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs: { image, batch_index, length } }) => {
    const index = Number(batch_index)
    const start = Math.max(0, Math.min(image.length - 1, index < 0 ? index + image.length : index))
    return { IMAGE: image.slice(start, start + Number(length)) }
  },
})

const getImageSize = defineNode({
  type: 'GetImageSize',
  displayName: 'Get Image Size',
  category: 'image',
  module: 'comfy_extras.nodes_images',
  description: 'Width and height of the first picture, and how many there are.',
  inputs: { image: socket('IMAGE') },
  outputs: { width: 'INT', height: 'INT', batch_size: 'INT' },
  execute: async ({ inputs: { image } }) => {
    const [first] = image
    const size = first ? await sizeOf(first) : { width: 0, height: 0 }
    return { ...size, batch_size: image.length }
  },
})

const emptyImage = defineNode({
  type: 'EmptyImage',
  displayName: 'Empty Image',
  category: 'image',
  module: 'nodes',
  inputs: {
    width: int({ default: 512, min: 1, max: 16_384, step: 1 }),
    height: int({ default: 512, min: 1, max: 16_384, step: 1 }),
    batch_size: int({ default: 1, min: 1, max: 4096 }),
    color: int({ default: 0, min: 0, max: 0xffffff, step: 1, display: 'color' }),
  },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, assets }) => {
    const color = Number(inputs.color)
    const background = { r: color >> 16, g: (color >> 8) & 0xff, b: color & 0xff }
    const [width, height] = [Number(inputs.width), Number(inputs.height)]
    const png = await sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer()
    const asset = await assets.keep(png, 'empty.png')
    const image: Image = { kind: 'image', asset }
    return { IMAGE: Array.from({ length: Number(inputs.batch_size) }, () => image) }
  },
})

const imageInvert = defineNode({
  type: 'ImageInvert',
  displayName: 'Invert Image Colors',
  category: 'image/color',
  module: 'nodes',
  inputs: { image: socket('IMAGE') },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, ...context }) => ({
    IMAGE: await editPictures(inputs.image, context, raw =>
      throughSharp(raw, pipeline => pipeline.negate({ alpha: false })),
    ),
  }),
})

export const batchNodes = [
  imageBatch,
  batchImages,
  repeatImageBatch,
  imageFromBatch,
  getImageSize,
  emptyImage,
  imageInvert,
]
