import sharp from 'sharp'
import type { NodeContext } from '../../nodes/context.ts'
import { maskPixels, pixels } from '../../nodes/media/pixels.ts'
import type { Image, Mask } from '../../nodes/values.ts'
import { type NodeBench, openNodeBench } from '../support/node-bench.ts'
import { nodeOf } from './support.ts'

/** A picture by its pixels: rows of grey values, or of `[r, g, b]` or `[r, g, b, a]`. */
export type Rows = readonly (readonly (number | readonly number[])[])[]

/** Calls nodes with tiny pictures and reads what they give, pixel by pixel. */
export async function openPixels() {
  const bench = await openNodeBench()
  let number = 0
  return {
    bench,
    async image(rows: Rows, name = `p${++number}.png`): Promise<Image> {
      return { kind: 'image', asset: await put(bench, rows, name) }
    },
    /** A mask by its grey values, 255 for masked. */
    async mask(rows: Rows): Promise<Mask> {
      const asset = await put(bench, rows, `m${++number}.png`)
      return { kind: 'mask', asset, channel: 'red', inverted: false }
    },
    run: (type: string, inputs: Record<string, unknown>, context?: Partial<NodeContext>) =>
      bench.run(nodeOf(type), inputs, context),
    /** The pixels of each picture; grey ones, which all are where it does not matter, as one number. */
    async rowsOf(images: unknown): Promise<Rows[]> {
      const all: Rows[] = []
      for await (const raw of pixels(images as readonly Image[], undefined)) all.push(rowsFrom(raw))
      return all
    },
    async planesOf(masks: unknown): Promise<Rows[]> {
      const all: Rows[] = []
      for await (const raw of maskPixels(masks as readonly Mask[], undefined)) all.push(rowsFrom(raw))
      return all
    },
  }
}

async function put(bench: NodeBench, rows: Rows, name: string) {
  const flat = rows.flat().map(pixel => (typeof pixel === 'number' ? [pixel, pixel, pixel] : pixel))
  const channels = (flat[0]?.length ?? 3) as 3 | 4
  const raw = { width: rows[0]?.length ?? 1, height: rows.length, channels }
  return bench.input(name, await sharp(Uint8Array.from(flat.flat()), { raw }).png().toBuffer())
}

function rowsFrom(raw: { width: number; height: number; channels: number; data: ArrayLike<number> }): Rows {
  return Array.from({ length: raw.height }, (_, y) =>
    Array.from({ length: raw.width }, (_, x) => {
      const start = (y * raw.width + x) * raw.channels
      const pixel = Array.from({ length: raw.channels }, (_, channel) => raw.data[start + channel] as number)
      const [first = 0, ...others] = pixel
      return others.length < 3 && others.every(value => value === first) ? first : pixel
    }),
  )
}
