import type { NodeContext, Saveable, SavedFile } from '../context.ts'
import { defineNode, socket, string } from '../define-node.ts'
import { encodePng, pixels, sizeOf } from '../media/pixels.ts'
import { temporaryPrefix } from '../media/save-names.ts'
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
  execute: async ({ inputs, ...context }) => {
    const images = await save(inputs.images, 'output', inputs.filename_prefix, context)
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
  execute: async ({ inputs, ...context }) => {
    const images = await save(inputs.images, 'temp', temporaryPrefix(), context)
    return { images: inputs.images, ui: { images } }
  },
})

/**
 * Files keep their format byte for byte; pages and frames become PNG files, one at a time: those of a long video never lie in memory.
 */
async function save(
  images: readonly Image[],
  folder: 'output' | 'temp',
  prefix: string,
  { assets, signal, report }: Pick<NodeContext, 'assets' | 'signal' | 'report'>,
): Promise<readonly SavedFile[]> {
  const [first] = images
  const size = first && /%(width|height)%/.test(prefix) ? await sizeOf(first) : undefined
  return assets.save({
    folder,
    prefix,
    items: itemsOf(images, signal, done => report({ phase: 'working', done, of: images.length })),
    trailingUnderscore: true,
    ...size,
  })
}

async function* itemsOf(
  images: readonly Image[],
  signal: AbortSignal,
  onItem: (done: number) => void,
): AsyncGenerator<Saveable> {
  for (let at = 0; at < images.length; ) {
    const image = images[at] as Image
    if (image.page === undefined) {
      yield { asset: image.asset }
      onItem(++at)
      continue
    }
    let end = at + 1
    while (images[end]?.page !== undefined) end++
    for await (const raw of pixels(images.slice(at, end), signal, { reuse: true })) {
      yield { bytes: await encodePng(raw), extension: 'png' }
      onItem(++at)
    }
  }
}
