import { type NodeContext, NodeError } from '../context.ts'
import { encodePng, imageAsset } from '../media/pixels.ts'
import type { Image, RunningHubSettings } from '../values.ts'

/**
 * An upload's name is good for one account, and signatures leave keys out: the name is asked for at each run. Whether the file was sent before
 * is remembered by key and content (the cloud's side of the context).
 */
export const neverFromCache = { cacheForMs: 0 } as const

/** Formats the cloud takes as they are (RunningHub: upload, formats); all else is sent as PNG. */
const passedOn = new Set(['image/png', 'image/jpeg', 'image/webp'])

/** Uploads the first picture of a batch. Throws NodeError `empty-batch`. */
export async function uploadPicture(
  settings: RunningHubSettings,
  images: readonly Image[],
  context: NodeContext,
): Promise<string> {
  const [image] = images
  if (!image)
    throw new NodeError('There is no picture to upload: the batch is empty.', { code: 'empty-batch' })
  const own = await imageAsset(image, context.assets)
  const asset = passedOn.has(own.mediaType)
    ? own
    : await context.assets.keep(await encodePng(image), own.name.replace(/(\.[^.]+)?$/, '.png'))
  return context.cloud.upload(settings, asset, context)
}
