import { defineNode, float, int, oneOf, socket } from '../define-node.ts'
import { editPictures } from './edit-pictures.ts'
import { pythonRound, scaled, scaleMethod } from './scale.ts'

/** ComfyUI's nodes that change the size of pictures; see `scaled` for how close each method comes. */
const largest = 16_384

const imageScale = defineNode({
  type: 'ImageScale',
  displayName: 'Upscale Image',
  category: 'image/upscaling',
  module: 'nodes',
  description: 'Another width and height. 0 keeps the ratio; both 0 change nothing.',
  inputs: {
    image: socket('IMAGE'),
    upscale_method: scaleMethod,
    width: int({ default: 512, min: 0, max: largest, step: 1 }),
    height: int({ default: 512, min: 0, max: largest, step: 1 }),
    crop: oneOf(['disabled', 'center']),
  },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, ...context }) => {
    const { image, upscale_method, crop } = inputs
    const [width, height] = [Number(inputs.width), Number(inputs.height)]
    if (width === 0 && height === 0) return { IMAGE: image }
    const IMAGE = await editPictures(image, context, raw => {
      const wide = width || Math.max(1, pythonRound((raw.width * height) / raw.height))
      const high = height || Math.max(1, pythonRound((raw.height * width) / raw.width))
      return scaled(raw, wide, high, upscale_method, crop)
    })
    return { IMAGE }
  },
})

const imageScaleBy = defineNode({
  type: 'ImageScaleBy',
  displayName: 'Upscale Image By',
  category: 'image/upscaling',
  module: 'nodes',
  inputs: {
    image: socket('IMAGE'),
    upscale_method: scaleMethod,
    scale_by: float({ default: 1, min: 0.01, max: 8, step: 0.01 }),
  },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, ...context }) => {
    const { image, upscale_method, scale_by } = inputs
    if (scale_by === 1) return { IMAGE: image }
    const IMAGE = await editPictures(image, context, raw =>
      scaled(raw, times(raw.width, scale_by), times(raw.height, scale_by), upscale_method),
    )
    return { IMAGE }
  },
})

const imageScaleToTotalPixels = defineNode({
  type: 'ImageScaleToTotalPixels',
  displayName: 'Scale Image to Total Pixels',
  category: 'image/upscaling',
  module: 'comfy_extras.nodes_post_processing',
  description: 'As many pixels as asked for, with the same ratio. One megapixel is 1024x1024.',
  inputs: {
    image: socket('IMAGE'),
    upscale_method: scaleMethod,
    megapixels: float({ default: 1, min: 0.01, max: 16, step: 0.01 }),
    resolution_steps: int({ default: 1, min: 1, max: 256, optional: true }),
  },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, ...context }) => {
    const { image, upscale_method, megapixels } = inputs
    const step = Number(inputs.resolution_steps ?? 1)
    const IMAGE = await editPictures(image, context, raw => {
      const factor = Math.sqrt((megapixels * 1024 * 1024) / (raw.width * raw.height))
      const length = (old: number) => Math.max(1, pythonRound((old * factor) / step)) * step
      return scaled(raw, length(raw.width), length(raw.height), upscale_method)
    })
    return { IMAGE }
  },
})

const imageScaleToMaxDimension = defineNode({
  type: 'ImageScaleToMaxDimension',
  displayName: 'Scale Image to Max Dimension',
  category: 'image/upscaling',
  module: 'comfy_extras.nodes_images',
  description: 'The longer side gets the size asked for, the other keeps the ratio.',
  inputs: {
    image: socket('IMAGE'),
    upscale_method: oneOf(['area', 'lanczos', 'bilinear', 'nearest-exact', 'bicubic']),
    largest_size: int({ default: 512, min: 0, max: largest, step: 1 }),
  },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, ...context }) => {
    const { image, upscale_method } = inputs
    const size = Number(inputs.largest_size)
    const IMAGE = await editPictures(image, context, ({ width, height, ...raw }) => {
      const factor = size / Math.max(width, height)
      return scaled({ width, height, ...raw }, times(width, factor), times(height, factor), upscale_method)
    })
    return { IMAGE }
  },
})

function times(length: number, factor: number): number {
  return Math.max(1, pythonRound(length * factor))
}

export const scaleNodes = [imageScale, imageScaleBy, imageScaleToTotalPixels, imageScaleToMaxDimension]
