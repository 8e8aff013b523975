import { NodeError } from '../context.ts'
import { boolean, boundingBox, defineNode, int, oneOf, socket } from '../define-node.ts'
import { keepMasks } from '../mask/mask-planes.ts'
import { pixels } from '../media/pixels.ts'
import type { RawImage } from '../media/raw-image.ts'
import type { BoundingBox, Image } from '../values.ts'
import { alike, editPictures, filled, keepPictures, paste, throughSharp } from './edit-pictures.ts'
import { cut, scaled } from './scale.ts'

/** ComfyUI's nodes that cut, turn, widen and join pictures. */
const common = { category: 'image/transform', module: 'comfy_extras.nodes_images' } as const
const largest = 16_384
const length = (value: number) => int({ default: value, min: value === 0 ? 0 : 1, max: largest, step: 1 })

/** The part of a picture that lies inside it; a corner outside is moved in. */
function cropped(raw: RawImage, box: BoundingBox): RawImage {
  const x = Math.min(Math.max(0, box.x), raw.width - 1)
  const y = Math.min(Math.max(0, box.y), raw.height - 1)
  return cut(raw, x, y, Math.min(box.width, raw.width - x), Math.min(box.height, raw.height - y))
}

const imageCrop = defineNode({
  ...common,
  type: 'ImageCrop',
  displayName: 'Crop Image (DEPRECATED)',
  inputs: { image: socket('IMAGE'), width: length(512), height: length(512), x: length(0), y: length(0) },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, ...context }) => {
    const box = {
      x: Number(inputs.x),
      y: Number(inputs.y),
      width: Number(inputs.width),
      height: Number(inputs.height),
    }
    return { IMAGE: await editPictures(inputs.image, context, raw => cropped(raw, box)) }
  },
})

const imageCropV2 = defineNode({
  ...common,
  type: 'ImageCropV2',
  displayName: 'Crop Image',
  description: 'Crop an image to the specified dimensions.',
  inputs: { image: socket('IMAGE'), crop_region: boundingBox() },
  outputs: { IMAGE: 'IMAGE' },
  // Its page in ComfyUI shows the four numbers as widgets of their own, which add values behind the box.
  migrateWidgets: values => values.slice(0, 1),
  execute: async ({ inputs, ...context }) => {
    const box = readBox(inputs.crop_region)
    return { IMAGE: await editPictures(inputs.image, context, raw => cropped(raw, box)) }
  },
})

/** A box as a file or a client wrote it; what it leaves out is ComfyUI's default. */
function readBox(given: BoundingBox): BoundingBox {
  const side = (name: keyof BoundingBox, otherwise: number, least: number) => {
    const value = Number(given?.[name] ?? otherwise)
    if (Number.isInteger(value) && value >= least && value <= largest) return value
    throw new NodeError(`The crop region has no usable ${name}: ${String(given[name])}.`, {
      code: 'bad-box',
      hint: 'It holds x, y, width and height in whole pixels.',
    })
  }
  return {
    x: side('x', 0, 0),
    y: side('y', 0, 0),
    width: side('width', 512, 1),
    height: side('height', 512, 1),
  }
}

const primitiveBoundingBox = defineNode({
  type: 'PrimitiveBoundingBox',
  displayName: 'Bounding Box',
  category: 'utilities/primitive',
  module: 'comfy_extras.nodes_images',
  inputs: { x: length(0), y: length(0), width: length(512), height: length(512) },
  outputs: { BOUNDING_BOX: 'BOUNDING_BOX' },
  execute: async ({ inputs: { x, y, width, height } }) => ({
    BOUNDING_BOX: { x: Number(x), y: Number(y), width: Number(width), height: Number(height) },
  }),
})

const imageRotate = defineNode({
  ...common,
  type: 'ImageRotate',
  displayName: 'Rotate Image',
  description: 'Turns clockwise.',
  inputs: {
    image: socket('IMAGE'),
    rotation: oneOf(['none', '90 degrees', '180 degrees', '270 degrees']),
  },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, ...context }) => {
    const degrees = Number.parseInt(inputs.rotation, 10)
    if (Number.isNaN(degrees)) return { IMAGE: inputs.image }
    const turn = (raw: RawImage) => throughSharp(raw, pipeline => pipeline.rotate(degrees))
    return { IMAGE: await editPictures(inputs.image, context, turn) }
  },
})

const imageFlip = defineNode({
  ...common,
  type: 'ImageFlip',
  displayName: 'Flip Image',
  inputs: { image: socket('IMAGE'), flip_method: oneOf(['x-axis: vertically', 'y-axis: horizontally']) },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, ...context }) => {
    const isUpsideDown = inputs.flip_method.startsWith('x')
    const flip = (raw: RawImage) =>
      throughSharp(raw, pipeline => (isUpsideDown ? pipeline.flip() : pipeline.flop()))
    return { IMAGE: await editPictures(inputs.image, context, flip) }
  },
})

const imagePadForOutpaint = defineNode({
  ...common,
  type: 'ImagePadForOutpaint',
  displayName: 'Pad Image for Outpainting',
  module: 'nodes',
  description: 'Adds grey around a picture, and a mask of what was added, soft at the edges.',
  inputs: {
    image: socket('IMAGE'),
    left: int({ min: 0, max: largest, step: 8 }),
    top: int({ min: 0, max: largest, step: 8 }),
    right: int({ min: 0, max: largest, step: 8 }),
    bottom: int({ min: 0, max: largest, step: 8 }),
    feathering: int({ default: 40, min: 0, max: largest, step: 1 }),
  },
  outputs: { IMAGE: 'IMAGE', MASK: 'MASK' },
  execute: async ({ inputs, ...context }) => {
    const [left, top, right, bottom] = [inputs.left, inputs.top, inputs.right, inputs.bottom].map(Number) as [
      number,
      number,
      number,
      number,
    ]
    let size: { width: number; height: number } | undefined
    const IMAGE = await editPictures(inputs.image, context, raw => {
      size ??= { width: raw.width, height: raw.height }
      const { channels } = raw
      const [width, height] = [raw.width + left + right, raw.height + top + bottom]
      const padded = filled({ width, height, channels }, [0.5], raw)
      paste(padded, raw, left, top)
      return padded
    })
    if (!size) return { IMAGE, MASK: [] }
    const edges = { left, top, right, bottom }
    const mask = outpaintMask(size, edges, Number(inputs.feathering))
    return { IMAGE, MASK: await keepMasks([mask], context) }
  },
})

type Edges = Readonly<Record<'left' | 'top' | 'right' | 'bottom', number>>

/** 1 where something was added; inside it falls off with the square of the distance to an edge that was widened. */
function outpaintMask(
  { width, height }: { width: number; height: number },
  { left, top, right, bottom }: Edges,
  feathering: number,
): RawImage {
  const whole = filled({ width: width + left + right, height: height + top + bottom, channels: 1 }, [1])
  const inside = filled({ width, height, channels: 1 }, [0])
  if (feathering > 0 && feathering * 2 < height && feathering * 2 < width) {
    for (let y = 0; y < height; y++) {
      const fromTop = top === 0 ? height : y
      const fromBottom = bottom === 0 ? height : height - y
      for (let x = 0; x < width; x++) {
        const fromSide = Math.min(left === 0 ? width : x, right === 0 ? width : width - x)
        const distance = Math.min(fromTop, fromBottom, fromSide)
        if (distance >= feathering) continue
        inside.data[y * width + x] = 255 * ((feathering - distance) / feathering) ** 2
      }
    }
  }
  paste(whole, inside, left, top)
  return whole
}

const colors = {
  white: [1, 1, 1],
  black: [0, 0, 0],
  red: [1, 0, 0],
  green: [0, 1, 0],
  blue: [0, 0, 1],
} as const

const imageStitch = defineNode({
  ...common,
  type: 'ImageStitch',
  displayName: 'Stitch Images',
  description:
    'Stitches image2 to image1 in the specified direction.\nIf image2 is not provided, returns image1 unchanged.\nOptional spacing can be added between images.',
  inputs: {
    image1: socket('IMAGE'),
    direction: oneOf(['right', 'down', 'left', 'up'], { default: 'right' }),
    match_image_size: boolean({ default: true }),
    spacing_width: int({ min: 0, max: 1024, step: 2 }),
    spacing_color: oneOf(['white', 'black', 'red', 'green', 'blue'], { default: 'white' }),
    image2: socket('IMAGE', { optional: true }),
  },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, ...context }) => {
    const { image1, image2, direction, match_image_size, spacing_color } = inputs
    if (!image2) return { IMAGE: image1 }
    const spacing = Number(inputs.spacing_width) + (Number(inputs.spacing_width) % 2)
    const isRow = direction === 'left' || direction === 'right'
    const isReversed = direction === 'left' || direction === 'up'
    const count = Math.max(image1.length, image2.length)
    async function* stitched() {
      await using seconds = pixels(repeatLast(image2 as readonly Image[], count), context.signal)
      for await (const first of pixels(repeatLast(image1, count), context.signal)) {
        const next = await seconds.next()
        if (next.done) return
        const second = match_image_size ? await matched(next.value, first, isRow) : next.value
        const [a, b] = await alike(first, second)
        yield joinedTwo(isReversed ? [b, a] : [a, b], { isRow, spacing, color: colors[spacing_color] })
      }
    }
    return { IMAGE: await keepPictures(stitched(), image1, context, count) }
  },
})

/** The shorter batch goes on with its last picture. */
function repeatLast(images: readonly Image[], count: number): readonly Image[] {
  const last = images.at(-1)
  return last ? [...images, ...Array.from({ length: count - images.length }, () => last)] : images
}

/** As high as the first picture in a row, as wide in a column. */
function matched(raw: RawImage, first: RawImage, isRow: boolean): Promise<RawImage> {
  const ratio = raw.width / raw.height
  return isRow
    ? scaled(raw, Math.max(1, Math.trunc(first.height * ratio)), first.height, 'lanczos')
    : scaled(raw, first.width, Math.max(1, Math.trunc(first.width / ratio)), 'lanczos')
}

function joinedTwo(
  pair: readonly [RawImage, RawImage],
  { isRow, spacing, color }: { isRow: boolean; spacing: number; color: readonly [number, number, number] },
): RawImage {
  const [a, b] = pair
  const { channels } = a
  const across = isRow ? Math.max(a.height, b.height) : Math.max(a.width, b.width)
  const along = (isRow ? a.width + b.width : a.height + b.height) + spacing
  const size = isRow ? { width: along, height: across } : { width: across, height: along }
  // What is beside a smaller picture is white or black; a colour counts as black there (ComfyUI's pad_value).
  const isGrey = color.every(value => value === color[0])
  const whole = filled({ ...size, channels }, [isGrey ? color[0] : 0], a)
  let at = 0
  for (const [index, picture] of pair.entries()) {
    const beside = across - (isRow ? picture.height : picture.width)
    const offset = Math.floor(beside / 2)
    paste(whole, picture, isRow ? at : offset, isRow ? offset : at)
    at += isRow ? picture.width : picture.height
    if (index === 0 && spacing > 0) {
      const gap = isRow ? { width: spacing, height: across } : { width: across, height: spacing }
      paste(whole, filled({ ...gap, channels }, [...color, 1], a), isRow ? at : 0, isRow ? 0 : at)
      at += spacing
    }
  }
  return whole
}

export const transformNodes = [
  imageCrop,
  imageCropV2,
  primitiveBoundingBox,
  imageRotate,
  imageFlip,
  imagePadForOutpaint,
  imageStitch,
]
