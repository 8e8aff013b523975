import type { NodeContext } from '../context.ts'
import { defineNode, dynamicCombo, float, int, oneOf, socket } from '../define-node.ts'
import { editMasks } from '../mask/mask-planes.ts'
import { sizeOf } from '../media/pixels.ts'
import type { RawImage } from '../media/raw-image.ts'
import { absent, type Image, type Mask } from '../values.ts'
import { editPictures } from './edit-pictures.ts'
import { cut, pythonRound, scaled } from './scale.ts'

const largest = 16_384
const length = (tooltip: string) => int({ default: 512, min: 0, max: largest, step: 1, tooltip })
const crop = oneOf(['disabled', 'center'], {
  default: 'center',
  tooltip: 'disabled stretches, center cuts what does not fit.',
})

/** Pictures or masks at another size, in one of nine ways (ComfyUI: ResizeImageMaskNode). */
export const resizeAny = defineNode({
  type: 'ResizeImageMaskNode',
  displayName: 'Resize Image/Mask',
  category: 'transform',
  module: 'comfy_extras.nodes_post_processing',
  description:
    'Another size for pictures or masks: exact, by a factor, by a side, by pixels, like another one.',
  inputs: {
    input: socket('IMAGE,MASK'),
    resize_type: dynamicCombo({
      'scale dimensions': { width: length('0 keeps the ratio.'), height: length('0 keeps the ratio.'), crop },
      'scale by multiplier': { multiplier: float({ default: 1, min: 0.01, max: 8, step: 0.01 }) },
      'scale longer dimension': { longer_size: length('The other side keeps the ratio.') },
      'scale shorter dimension': { shorter_size: length('The other side keeps the ratio.') },
      'scale width': { width: length('The height keeps the ratio.') },
      'scale height': { height: length('The width keeps the ratio.') },
      'scale total pixels': {
        megapixels: float({ default: 1, min: 0.01, max: 16, step: 0.01, tooltip: '1 is 1024x1024.' }),
      },
      'match size': { match: socket('IMAGE,MASK'), crop },
      'scale to multiple': {
        multiple: int({
          default: 8,
          min: 1,
          max: largest,
          step: 1,
          tooltip: 'Both sides are multiples of it.',
        }),
      },
    }),
    scale_method: oneOf(['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos'], { default: 'area' }),
  },
  outputs: { resized: '*' },
  execute: async ({ inputs: { input, resize_type: wish, scale_method }, ...context }) => {
    const [like] = wish.choice === 'match size' ? wish.match : []
    if (wish.choice === 'match size' && !like)
      return { resized: absent('There is nothing to match the size of.') }
    const wanted = like && (await sizeOfAny(like))
    return {
      resized: await editAny(input, context, raw => {
        const size = wanted ?? sizeFor(raw, wish)
        if (wish.choice === 'scale to multiple') return covered(raw, size, scale_method)
        const fit =
          wish.choice === 'scale dimensions' || wish.choice === 'match size' ? wish.crop : 'disabled'
        return scaled(raw, size.width, size.height, scale_method, fit)
      }),
    }
  },
})

type Size = { readonly width: number; readonly height: number }

function editAny(
  input: readonly Image[] | readonly Mask[],
  context: NodeContext,
  edit: (raw: RawImage) => Promise<RawImage>,
): Promise<readonly Image[] | readonly Mask[]> {
  const areMasks = (all: typeof input): all is readonly Mask[] => all[0]?.kind === 'mask'
  return areMasks(input) ? editMasks(input, context, edit) : editPictures(input, context, edit)
}

function sizeOfAny(like: Image | Mask): Promise<Size> | Size {
  if (like.kind === 'image') return sizeOf(like)
  if ('blank' in like) return like.blank
  const { asset, page } = like
  return sizeOf({ kind: 'image', asset, ...(page !== undefined && { page }) })
}

type Wish =
  | { choice: 'scale dimensions'; width: Whole; height: Whole }
  | { choice: 'scale by multiplier'; multiplier: number }
  | { choice: 'scale longer dimension'; longer_size: Whole }
  | { choice: 'scale shorter dimension'; shorter_size: Whole }
  | { choice: 'scale width'; width: Whole }
  | { choice: 'scale height'; height: Whole }
  | { choice: 'scale total pixels'; megapixels: number }
  | { choice: 'scale to multiple'; multiple: Whole }
  | { choice: 'match size' }
type Whole = number | bigint

function sizeFor(raw: Size, wish: Wish): Size {
  const { width, height } = raw
  const byFactor = (factor: number): Size => ({
    width: pythonRound(width * factor),
    height: pythonRound(height * factor),
  })
  /** One side as asked, the other by the ratio; a side of 0 is not asked for. */
  const bySides = (wide: number, high: number): Size => {
    if (wide === 0 && high === 0) return raw
    return {
      width: wide || Math.max(1, pythonRound((width * high) / height)),
      height: high || Math.max(1, pythonRound((height * wide) / width)),
    }
  }
  const bySide = (size: number, isWidth: boolean): Size =>
    isWidth
      ? { width: size, height: pythonRound((height / width) * size) }
      : { width: pythonRound((width / height) * size), height: size }
  switch (wish.choice) {
    case 'scale dimensions':
      return bySides(Number(wish.width), Number(wish.height))
    case 'scale by multiplier':
      return byFactor(wish.multiplier)
    case 'scale longer dimension':
      return bySide(Number(wish.longer_size), width >= height)
    case 'scale shorter dimension':
      return bySide(Number(wish.shorter_size), width <= height)
    case 'scale width':
      return bySides(Number(wish.width), 0)
    case 'scale height':
      return bySides(0, Number(wish.height))
    case 'scale total pixels':
      return byFactor(Math.sqrt(Math.trunc(wish.megapixels * 1024 * 1024) / (width * height)))
    case 'scale to multiple':
      return wholeMultiples(raw, Number(wish.multiple))
    case 'match size':
      return raw
  }
}

/** The size itself where it is smaller than the multiple. */
function wholeMultiples(raw: Size, multiple: number): Size {
  const width = Math.floor(raw.width / multiple) * multiple
  const height = Math.floor(raw.height / multiple) * multiple
  return width === 0 || height === 0 ? raw : { width, height }
}

/** Scaled until it covers the size, then cut to it in the middle. */
async function covered(raw: RawImage, { width, height }: Size, method: Parameters<typeof scaled>[3]) {
  if (raw.width === width && raw.height === height) return raw
  const [across, down] = [width / raw.width, height / raw.height]
  const wide = across >= down ? width : Math.max(width, Math.ceil(raw.width * down))
  const high = across >= down ? Math.max(height, Math.ceil(raw.height * across)) : height
  const whole = await scaled(raw, wide, high, method)
  return cut(whole, Math.floor((wide - width) / 2), Math.floor((high - height) / 2), width, height)
}
