import type { AssetAccess, Saveable, SavedFile } from '../context.ts'
import { defineNode, socket, string } from '../define-node.ts'
import { encodePng, probeImage } from '../media/images.ts'
import type { Image } from '../values.ts'

/** Saves pictures into the output folder. Files keep their format; only a page of an animation is written anew, as PNG. */
export const saveImage = defineNode({
  type: 'SaveImage',
  displayName: 'Save Image',
  category: 'image',
  module: 'nodes',
  isOutput: true,
  inputs: {
    images: socket('IMAGE'),
    filename_prefix: string({ default: 'ComfyUI' }),
  },
  outputs: { images: 'IMAGE' },
  execute: async ({ inputs, assets }) => {
    const images = await save(inputs.images, 'output', inputs.filename_prefix, assets)
    return { images: inputs.images, ui: { images } }
  },
})

/** Shows pictures: the same into the temp folder, under a name with five random letters (ComfyUI: PreviewImage). */
export const previewImage = defineNode({
  type: 'PreviewImage',
  displayName: 'Preview Image',
  category: 'image',
  module: 'nodes',
  isOutput: true,
  inputs: { images: socket('IMAGE') },
  outputs: { images: 'IMAGE' },
  execute: async ({ inputs, assets }) => {
    const letters = Array.from({ length: 5 }, () =>
      String.fromCharCode(97 + Math.floor(Math.random() * 26)),
    ).join('')
    const images = await save(inputs.images, 'temp', `ComfyUI_temp_${letters}`, assets)
    return { images: inputs.images, ui: { images } }
  },
})

async function save(
  images: readonly Image[],
  folder: 'output' | 'temp',
  prefix: string,
  assets: AssetAccess,
): Promise<readonly SavedFile[]> {
  const first = images[0]
  const size = first && /%(width|height)%/.test(prefix) ? await probeImage(first.asset) : undefined
  const items = await Promise.all(
    images.map(
      async (image): Promise<Saveable> =>
        image.page === undefined
          ? { asset: image.asset }
          : { bytes: await encodePng(image), extension: 'png' },
    ),
  )
  return assets.save({
    folder,
    prefix,
    items,
    trailingUnderscore: true,
    ...(size && { width: size.width, height: size.height }),
  })
}
