import { rawOf } from '../nodes/media/pixels.ts'
import { sharpOf } from '../nodes/media/raw-image.ts'
import type { Asset } from '../nodes/values.ts'

/** A video's first frame as a WebP that fits a square of `size` pixels. Throws NodeError for a file that is no video. */
export async function posterOf(video: Asset, size: number): Promise<Buffer> {
  const frame = await rawOf({ kind: 'image', asset: video, page: 0 })
  return sharpOf(frame)
    .resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 70 })
    .toBuffer()
}
