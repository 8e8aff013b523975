import { paddedPng } from '../../server/sandbox/results/png.ts'
import type { Render } from '../../server/sandbox/results/render.ts'

/** A PNG of one pixel. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** Results of a sandbox for tests in which nobody looks at them: made in no time, each picture another. */
export const tinyRender: Render = async (spec, index) => {
  switch (spec.kind) {
    case 'picture':
    case 'noise':
      return paddedPng(pixel, 20_000 + index, index)
    case 'text':
      return Buffer.from(spec.text)
    case 'empty':
      return Buffer.alloc(0)
    default:
      return Buffer.from(`not really ${spec.kind}`)
  }
}
