import { decodeFrames } from '../nodes/media/frames.ts'
import { sharpOf } from '../nodes/media/raw-image.ts'
import type { Asset } from '../nodes/values.ts'

/** A video's first frame as a WebP that fits a square of `size` pixels. Throws NodeError for a file that is no video. */
export async function posterOf(video: Asset, size: number): Promise<Buffer> {
  for await (const frame of decodeFrames(video, [0])) {
    return sharpOf(frame)
      .resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 70 })
      .toBuffer()
  }
  throw new Error('A video without a frame.')
}
