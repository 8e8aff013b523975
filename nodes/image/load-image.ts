import type { AssetAccess } from '../context.ts'
import { defineNode, imageFile, oneOf, savedImageFile } from '../define-node.ts'
import { loadsFile } from '../media/loads-file.ts'
import { probeImage } from '../media/still.ts'
import type { Asset, Image, Mask } from '../values.ts'

/** Loads a picture from the input folder. The mask is 1 - alpha, or 64x64 zeros without alpha (ComfyUI: LoadImage). */
export const loadImage = defineNode({
  type: 'LoadImage',
  displayName: 'Load Image',
  category: 'image',
  module: 'nodes',
  inputs: { image: imageFile() },
  outputs: { IMAGE: 'IMAGE', MASK: 'MASK' },
  ...loadsFile('image', 'image'),
  givesFile: 'image',
  execute: ({ inputs, assets }) => load(inputs.image, assets),
})

/** One channel of a picture as mask; colours are taken as they are, alpha as LoadImage takes it (ComfyUI: LoadImageMask). */
export const loadImageMask = defineNode({
  type: 'LoadImageMask',
  displayName: 'Load Image (as Mask)',
  category: 'image',
  module: 'nodes',
  inputs: { image: imageFile(), channel: oneOf(['alpha', 'red', 'green', 'blue']) },
  outputs: { MASK: 'MASK' },
  ...loadsFile('image', 'image'),
  execute: async ({ inputs: { image, channel }, assets }) => {
    const { IMAGE, MASK } = await load(image, assets)
    if (channel === 'alpha') return { MASK }
    return {
      MASK: IMAGE.map(
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

/** LoadImage for what was saved: the names end in `[output]` (ComfyUI: LoadImageOutput). */
export const loadImageOutput = defineNode({
  type: 'LoadImageOutput',
  displayName: 'Load Image (from Outputs)',
  category: 'image',
  module: 'nodes',
  description:
    'Load an image from the output folder. When the refresh button is clicked, the node will update the image list and automatically select the first image, allowing for easy iteration.',
  inputs: { image: savedImageFile() },
  outputs: { IMAGE: 'IMAGE', MASK: 'MASK' },
  ...loadsFile('image', 'image'),
  givesFile: 'image',
  // A file holds the widget, its automatic refresh, the refresh button and the upload button.
  migrateWidgets: values => values.slice(0, 1),
  execute: ({ inputs, assets }) => load(inputs.image, assets),
})

async function load(name: string, assets: AssetAccess): Promise<Loaded> {
  return picturesOf(await assets.find(name))
}

type Loaded = { readonly IMAGE: readonly Image[]; readonly MASK: readonly Mask[] }

/** All pages of a picture file, and their masks. Throws NodeError `image-unreadable`. */
export async function picturesOf(asset: Asset): Promise<Loaded> {
  const { pages, hasAlpha } = await probeImage(asset)
  const all = Array.from({ length: pages }, (_, page) => (pages > 1 ? { page } : {}))
  return {
    IMAGE: all.map((page): Image => ({ kind: 'image', asset, ...page })),
    MASK: all.map(page => maskOf(asset, hasAlpha, page)),
  }
}

function maskOf(asset: Asset, hasAlpha: boolean, page: { page?: number }): Mask {
  return hasAlpha
    ? { kind: 'mask', asset, channel: 'alpha', inverted: true, ...page }
    : { kind: 'mask', blank: { width: 64, height: 64 } }
}
