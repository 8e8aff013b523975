import type { NodeContext } from '../context.ts'
import { resample } from '../image/resample.ts'
import { maskPixels, writePictures } from '../media/pixels.ts'
import type { RawImage } from '../media/raw-image.ts'
import type { Mask } from '../values.ts'

/** Puts each mask through `edit`, one after the other: one channel of 8 bits, 255 is masked. */
export async function editMasks(
  masks: readonly Mask[],
  context: NodeContext,
  edit: (plane: RawImage, index: number) => Promise<RawImage> | RawImage,
): Promise<readonly Mask[]> {
  async function* edited() {
    let index = 0
    for await (const plane of maskPixels(masks, context.signal)) yield await edit(plane, index++)
  }
  return keepMasks(edited(), context)
}

/** Keeps masks a node has made as grey pictures of their own. */
export async function keepMasks(
  planes: AsyncIterable<RawImage> | readonly RawImage[],
  { assets, signal }: Pick<NodeContext, 'assets' | 'signal'>,
): Promise<readonly Mask[]> {
  const written = await writePictures(iterate(planes), assets, { name: 'mask', signal })
  return written.map(
    ({ asset, page }): Mask => ({
      kind: 'mask',
      asset,
      channel: 'red',
      inverted: false,
      ...(page !== undefined && { page }),
    }),
  )
}

async function* iterate<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* items
}

/** The same mask at another size (bilinear). */
export function resizedPlane(plane: RawImage, width: number, height: number): Promise<RawImage> | RawImage {
  const fits = plane.width === width && plane.height === height
  return fits ? plane : resample(plane, width, height, 'bilinear')
}

/** All masks of a batch in turn, from the front again when they are used up, for as long as they are asked for. */
export async function* endless(
  masks: readonly Mask[],
  signal: AbortSignal,
): AsyncGenerator<RawImage, undefined> {
  while (masks.length > 0) yield* maskPixels(masks, signal)
}
