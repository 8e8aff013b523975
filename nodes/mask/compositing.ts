import { boolean, defineNode, int, socket } from '../define-node.ts'
import { editPictures, filled, keepPictures, to8Bit } from '../image/edit-pictures.ts'
import { resample } from '../image/resample.ts'
import { isFrame, pixels, sizeOf } from '../media/pixels.ts'
import { type RawImage, withChannels } from '../media/raw-image.ts'
import { probeImage } from '../media/still.ts'
import type { Image, Mask } from '../values.ts'
import { endless, resizedPlane } from './mask-planes.ts'

/** ComfyUI's nodes that put pictures and masks together, and take them apart. */
const largest = 16_384

const joinImageWithAlpha = defineNode({
  type: 'JoinImageWithAlpha',
  displayName: 'Join Image with Alpha',
  category: 'mask/compositing',
  module: 'comfy_extras.nodes_compositing',
  description:
    'Makes a picture transparent where the mask is. The shorter batch starts again from its front.',
  inputs: { image: socket('IMAGE'), alpha: socket('MASK') },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs: { image, alpha }, ...context }) => {
    if (image.length === 0 || alpha.length === 0) return { IMAGE: image }
    const count = Math.max(image.length, alpha.length)
    const all = Array.from({ length: count }, (_, at) => image[at % image.length] as Image)
    await using masks = endless(alpha, context.signal)
    const IMAGE = await editPictures(all, context, async raw => {
      const { value: mask } = await masks.next()
      const picture = withChannels(withChannels(await to8Bit(raw), 3), 4)
      if (!mask) return picture
      const plane = await resizedPlane(mask, raw.width, raw.height)
      const data = Uint8Array.from(picture.data)
      for (let at = 0; at < plane.data.length; at++) data[at * 4 + 3] = 255 - (plane.data[at] as number)
      return { ...picture, data }
    })
    return { IMAGE }
  },
})

const splitImageWithAlpha = defineNode({
  type: 'SplitImageWithAlpha',
  displayName: 'Split Image with Alpha',
  category: 'mask/compositing',
  module: 'comfy_extras.nodes_compositing',
  description: 'The colours of a picture, and a mask of where it is transparent.',
  inputs: { image: socket('IMAGE') },
  outputs: { IMAGE: 'IMAGE', MASK: 'MASK' },
  execute: async ({ inputs: { image }, ...context }) => {
    const MASK: Mask[] = []
    let isTransparent = false
    for (const picture of image) {
      const { asset, page } = picture
      if (!isFrame(picture) && (await probeImage(asset)).hasAlpha) {
        isTransparent = true
        const from = page === undefined ? {} : { page }
        MASK.push({ kind: 'mask', asset, channel: 'alpha', inverted: true, ...from })
      } else MASK.push({ kind: 'mask', blank: await sizeOf(picture) })
    }
    if (!isTransparent) return { IMAGE: image, MASK }
    return { IMAGE: await editPictures(image, context, raw => withChannels(raw, 3)), MASK }
  },
})

const imageCompositeMasked = defineNode({
  type: 'ImageCompositeMasked',
  displayName: 'Image Composite Masked',
  category: 'image/compositing',
  module: 'comfy_extras.nodes_mask',
  description: 'Puts a picture on another one, where the mask is.',
  inputs: {
    destination: socket('IMAGE'),
    source: socket('IMAGE'),
    x: int({ min: 0, max: largest, step: 1 }),
    y: int({ min: 0, max: largest, step: 1 }),
    resize_source: boolean(),
    mask: socket('MASK', { optional: true }),
  },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, ...context }) => {
    const { destination, source, resize_source, mask } = inputs
    const { signal } = context
    const [left, top] = [Number(inputs.x), Number(inputs.y)]
    async function* composed() {
      await using sources = endlessPictures(source, signal)
      await using masks = mask && endless(mask, signal)
      for await (const given of pixels(destination, signal)) {
        const { value: next } = await sources.next()
        if (!next) return
        const target = withChannels(await to8Bit(given), given.channels === 4 ? 4 : 3)
        const fitted = withChannels(await to8Bit(next), target.channels as 3 | 4)
        const above = resize_source ? await resample(fitted, target.width, target.height, 'bilinear') : fitted
        const { value: plane } = (await masks?.next()) ?? { value: undefined }
        const cover = plane
          ? await resizedPlane(plane, above.width, above.height)
          : filled({ width: above.width, height: above.height, channels: 1 }, [1])
        yield blended(target, above, cover, left, top)
      }
    }
    return { IMAGE: await keepPictures(composed(), destination, context, destination.length) }
  },
})

async function* endlessPictures(
  images: readonly Image[],
  signal: AbortSignal,
): AsyncGenerator<RawImage, undefined> {
  while (images.length > 0) yield* pixels(images, signal)
}

/** All channels, alpha too, are mixed by the mask; what lies outside is left out. */
function blended(target: RawImage, source: RawImage, mask: RawImage, left: number, top: number): RawImage {
  const { width, channels } = target
  const data = Uint8Array.from(target.data)
  const right = Math.min(left + source.width, width)
  const bottom = Math.min(top + source.height, target.height)
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const from = (y - top) * source.width + x - left
      const share = mask.data[from] as number
      if (share === 0) continue
      const to = (y * width + x) * channels
      for (let channel = 0; channel < channels; channel++) {
        const above = source.data[from * channels + channel] as number
        const below = data[to + channel] as number
        data[to + channel] = (above * share + below * (255 - share)) / 255 + 1e-6
      }
    }
  }
  return { ...target, data }
}

export const compositingNodes = [joinImageWithAlpha, splitImageWithAlpha, imageCompositeMasked]
