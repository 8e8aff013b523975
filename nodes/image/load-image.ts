import { defineNode, imageFile } from '../define-node.ts'
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
  execute: async ({ inputs, assets }) => {
    const asset = await assets.find(inputs.image)
    const { pages, hasAlpha } = await probeImage(asset)
    const all = Array.from({ length: pages }, (_, page) => (pages > 1 ? { page } : {}))
    return {
      IMAGE: all.map((page): Image => ({ kind: 'image', asset, ...page })),
      MASK: all.map(page => maskOf(asset, hasAlpha, page)),
    }
  },
})

function maskOf(asset: Asset, hasAlpha: boolean, page: { page?: number }): Mask {
  return hasAlpha
    ? { kind: 'mask', asset, channel: 'alpha', inverted: true, ...page }
    : { kind: 'mask', blank: { width: 64, height: 64 } }
}
