import { type NodeContext, NodeError } from '../context.ts'
import { encodePng, imageAsset } from '../media/pixels.ts'
import type { Image, RunningHubSettings } from '../values.ts'

/** How long an upload's name is handed on again: how long RunningHub keeps an upload is not documented, its link lives a day. */
export const uploadLifeMs = 20 * 3600_000

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
