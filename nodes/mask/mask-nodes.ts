import { NodeError } from '../context.ts'
import { boolean, defineNode, float, int, oneOf, socket } from '../define-node.ts'
import { filled, keepPictures, to8Bit } from '../image/edit-pictures.ts'
import { cut } from '../image/scale.ts'
import { encodePng, isFrame, maskPixels, pixels } from '../media/pixels.ts'
import { type RawImage, withChannels } from '../media/raw-image.ts'
import { temporaryPrefix } from '../media/save-names.ts'
import { probeImage } from '../media/still.ts'
import type { Image, Mask } from '../values.ts'
import { grown } from './grow-mask.ts'
import { editMasks, endless, keepMasks } from './mask-planes.ts'

/**
 * ComfyUI's mask nodes. A mask has 8 bits here, not a float: what a node computes is cut off to 255 steps, as when ComfyUI saves it. A mask
 * that is a channel of a picture stays a reference to it.
 */
const common = { category: 'image/mask', module: 'comfy_extras.nodes_mask' } as const
const largest = 16_384
const place = int({ min: 0, max: largest, step: 1 })
const length = int({ default: 512, min: 1, max: largest, step: 1 })

const maskToImage = defineNode({
  ...common,
  type: 'MaskToImage',
  displayName: 'Convert Mask to Image',
  inputs: { mask: socket('MASK') },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs: { mask }, ...context }) => ({
    IMAGE: await keepPictures(asPictures(mask, context.signal), sourcesOf(mask), context, mask.length),
  }),
})

async function* asPictures(masks: readonly Mask[], signal: AbortSignal): AsyncGenerator<RawImage> {
  for await (const plane of maskPixels(masks, signal)) yield withChannels(plane, 3)
}

function sourcesOf(masks: readonly Mask[]): readonly Image[] {
  return masks.flatMap(mask => ('blank' in mask ? [] : [{ kind: 'image', asset: mask.asset } as const]))
}

const imageToMask = defineNode({
  ...common,
  type: 'ImageToMask',
  displayName: 'Convert Image to Mask',
  inputs: { image: socket('IMAGE'), channel: oneOf(['red', 'green', 'blue', 'alpha']) },
  outputs: { MASK: 'MASK' },
  execute: async ({ inputs: { image, channel } }) => {
    if (channel === 'alpha') for (const picture of image) await requireAlpha(picture)
    return {
      MASK: image.map(
        ({ asset, page }): Mask => ({
          kind: 'mask',
          asset,
          channel,
          inverted: false,
          ...(page !== undefined && { page }),
        }),
      ),
    }
  },
})

async function requireAlpha(picture: Image): Promise<void> {
  if (!isFrame(picture) && (await probeImage(picture.asset)).hasAlpha) return
  throw new NodeError(`"${picture.asset.name}" has no alpha channel to make a mask of.`, {
    code: 'no-alpha',
    hint: 'Choose red, green or blue, or a picture with transparency.',
  })
}

const imageColorToMask = defineNode({
  ...common,
  type: 'ImageColorToMask',
  displayName: 'Convert Image Color to Mask',
  inputs: { image: socket('IMAGE'), color: int({ min: 0, max: 0xffffff, step: 1 }) },
  outputs: { MASK: 'MASK' },
  execute: async ({ inputs, ...context }) => {
    const wanted = Number(inputs.color)
    async function* planes() {
      for await (const raw of pixels(inputs.image, context.signal)) {
        const { width, height, channels, data } = withChannels(await to8Bit(raw), 3)
        const plane = filled({ width, height, channels: 1 }, [0])
        for (let at = 0; at < plane.data.length; at++) {
          const from = at * channels
          const color =
            ((data[from] as number) << 16) | ((data[from + 1] as number) << 8) | (data[from + 2] as number)
          if (color === wanted) plane.data[at] = 255
        }
        yield plane
      }
    }
    return { MASK: await keepMasks(planes(), context) }
  },
})

const solidMask = defineNode({
  ...common,
  type: 'SolidMask',
  displayName: 'Create Solid Mask',
  inputs: { value: float({ default: 1, min: 0, max: 1, step: 0.01 }), width: length, height: length },
  outputs: { MASK: 'MASK' },
  execute: async ({ inputs, ...context }) => {
    const [width, height] = [Number(inputs.width), Number(inputs.height)]
    if (inputs.value === 0) return { MASK: [{ kind: 'mask', blank: { width, height } }] }
    return { MASK: await keepMasks([filled({ width, height, channels: 1 }, [inputs.value])], context) }
  },
})

const invertMask = defineNode({
  ...common,
  type: 'InvertMask',
  displayName: 'Invert Mask',
  inputs: { mask: socket('MASK') },
  outputs: { MASK: 'MASK' },
  execute: async ({ inputs, ...context }) => {
    const MASK: Mask[] = []
    for (const mask of inputs.mask) {
      if ('blank' in mask)
        MASK.push(...(await keepMasks([filled({ ...mask.blank, channels: 1 }, [1])], context)))
      else MASK.push({ ...mask, inverted: !mask.inverted })
    }
    return { MASK }
  },
})

const cropMask = defineNode({
  ...common,
  type: 'CropMask',
  displayName: 'Crop Mask',
  inputs: { mask: socket('MASK'), x: place, y: place, width: length, height: length },
  outputs: { MASK: 'MASK' },
  execute: async ({ inputs, ...context }) => {
    const [x, y] = [Number(inputs.x), Number(inputs.y)]
    const MASK = await editMasks(inputs.mask, context, plane => {
      const width = Math.min(Number(inputs.width), plane.width - x)
      const height = Math.min(Number(inputs.height), plane.height - y)
      if (width < 1 || height < 1) {
        throw new NodeError(`Nothing is left of the mask: it has ${plane.width}x${plane.height} pixels.`, {
          code: 'bad-box',
          hint: `Start further left or up than ${x}, ${y}.`,
        })
      }
      return cut(plane, x, y, width, height)
    })
    return { MASK }
  },
})

const operations = {
  multiply: (a: number, b: number) => Math.floor((a * b) / 255 + 1e-6),
  add: (a: number, b: number) => Math.min(255, a + b),
  subtract: (a: number, b: number) => Math.max(0, a - b),
  and: (a: number, b: number) => (a > 127 && b > 127 ? 255 : 0),
  or: (a: number, b: number) => (a > 127 || b > 127 ? 255 : 0),
  xor: (a: number, b: number) => (a > 127 !== b > 127 ? 255 : 0),
} as const

const maskComposite = defineNode({
  ...common,
  type: 'MaskComposite',
  displayName: 'Combine Masks',
  inputs: {
    destination: socket('MASK'),
    source: socket('MASK'),
    x: place,
    y: place,
    operation: oneOf(['multiply', 'add', 'subtract', 'and', 'or', 'xor']),
  },
  outputs: { MASK: 'MASK' },
  execute: async ({ inputs, ...context }) => {
    const [left, top] = [Number(inputs.x), Number(inputs.y)]
    const combine = operations[inputs.operation]
    await using sources = endless(inputs.source, context.signal)
    const MASK = await editMasks(inputs.destination, context, async plane => {
      const { value: source } = await sources.next()
      if (!source) return plane
      const data = Uint8Array.from(plane.data)
      const right = Math.min(left + source.width, plane.width)
      const bottom = Math.min(top + source.height, plane.height)
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const at = y * plane.width + x
          const other = source.data[(y - top) * source.width + x - left] as number
          data[at] = combine(data[at] as number, other)
        }
      }
      return { ...plane, data }
    })
    return { MASK }
  },
})

const featherMask = defineNode({
  ...common,
  type: 'FeatherMask',
  displayName: 'Feather Mask',
  description: 'Lets a mask fade towards its edges, over so many pixels.',
  inputs: { mask: socket('MASK'), left: place, top: place, right: place, bottom: place },
  outputs: { MASK: 'MASK' },
  execute: async ({ inputs, ...context }) => {
    const MASK = await editMasks(inputs.mask, context, plane => {
      const across = fade(plane.width, Number(inputs.left), Number(inputs.right))
      const down = fade(plane.height, Number(inputs.top), Number(inputs.bottom))
      const data = Uint8Array.from(plane.data)
      for (let y = 0, at = 0; y < plane.height; y++) {
        for (let x = 0; x < plane.width; x++, at++) {
          data[at] = (data[at] as number) * (across[x] as number) * (down[y] as number) + 1e-6
        }
      }
      return { ...plane, data }
    })
    return { MASK }
  },
})

/** What each place is multiplied with: 1/n at the edge, up to n/n. */
function fade(length: number, front: number, back: number): Float64Array {
  const rates = new Float64Array(length).fill(1)
  const [first, last] = [Math.min(front, length), Math.min(back, length)]
  for (let at = 0; at < first; at++) rates[at] = (rates[at] as number) * ((at + 1) / first)
  for (let at = 0; at < last; at++) {
    rates[length - 1 - at] = (rates[length - 1 - at] as number) * ((at + 1) / last)
  }
  return rates
}

const growMask = defineNode({
  ...common,
  type: 'GrowMask',
  displayName: 'Grow Mask',
  description: 'Widens a mask by so many pixels, or narrows it when negative.',
  inputs: {
    mask: socket('MASK'),
    expand: int({ min: -largest, max: largest, step: 1 }),
    tapered_corners: boolean({ default: true }),
  },
  outputs: { MASK: 'MASK' },
  execute: async ({ inputs, ...context }) => {
    const expand = Number(inputs.expand)
    if (expand === 0) return { MASK: inputs.mask }
    const MASK = await editMasks(inputs.mask, context, plane =>
      grown(plane, expand, inputs.tapered_corners, context.signal),
    )
    return { MASK }
  },
})

const thresholdMask = defineNode({
  ...common,
  type: 'ThresholdMask',
  displayName: 'Threshold Mask',
  inputs: { mask: socket('MASK'), value: float({ default: 0.5, min: 0, max: 1, step: 0.01 }) },
  outputs: { MASK: 'MASK' },
  execute: async ({ inputs, ...context }) => {
    const MASK = await editMasks(inputs.mask, context, plane => ({
      ...plane,
      data: Uint8Array.from(plane.data, value => (value / 255 > inputs.value ? 255 : 0)),
    }))
    return { MASK }
  },
})

const maskPreview = defineNode({
  ...common,
  type: 'MaskPreview',
  displayName: 'Preview Mask',
  description: 'Preview the masks without saving them to the output folder.',
  isOutput: true,
  inputs: { mask: socket('MASK') },
  outputs: { mask: 'MASK' },
  execute: async ({ inputs: { mask }, assets, signal }) => {
    async function* items() {
      for await (const raw of asPictures(mask, signal))
        yield { bytes: await encodePng(raw), extension: 'png' }
    }
    const images = await assets.save({
      folder: 'temp',
      prefix: temporaryPrefix(),
      trailingUnderscore: true,
      items: items(),
    })
    return { mask, ui: { images } }
  },
})

export const maskNodes = [
  maskToImage,
  imageToMask,
  imageColorToMask,
  solidMask,
  invertMask,
  cropMask,
  maskComposite,
  featherMask,
  growMask,
  thresholdMask,
  maskPreview,
]
