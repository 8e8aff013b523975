import { NodeError } from '../context.ts'
import { defineNode, int, socket, string } from '../define-node.ts'
import type { Image } from '../values.ts'

const common = { category: 'RunningHub', module: 'custom_nodes.ComfyUI_RH_APICall' } as const

/** One picture of a batch; a negative index counts from the end (ComfyUI_RH_APICall: RH_Extract_Image_From_List). */
export const extractImage = defineNode({
  ...common,
  type: 'RH_ExtractImage',
  displayName: 'RH Extract Image From ImageList',
  aliases: ['RH_Extract_Image_From_List'],
  inputs: { images: socket('IMAGE'), image_index: int({ default: 0 }) },
  outputs: { image: 'IMAGE' },
  execute: async ({ inputs }) => ({ image: pickOne(inputs.images, inputs.image_index) }),
})

/** A batch of the one picture, counted from the end below zero. Throws NodeError `index-out-of-range`. */
export function pickOne(images: readonly Image[], index: number | bigint): readonly Image[] {
  const image = images.at(Number(index))
  if (image) return [image]
  throw new NodeError(
    `There is no picture number ${index}: the batch has ${images.length}, counted from 0.`,
    { code: 'index-out-of-range', hint: `Choose an index from 0 to ${images.length - 1}.` },
  )
}

/** Several pictures of a batch by a list of numbers and ranges (ComfyUI_RH_APICall: RH_Batch_Images_From_List). */
export const batchImages = defineNode({
  ...common,
  type: 'RH_BatchImages',
  displayName: 'RH Batch Images From ImageList',
  aliases: ['RH_Batch_Images_From_List'],
  inputs: {
    images: socket('IMAGE'),
    image_indices: string({
      default: '0-3,4,5-7',
      tooltip: 'Numbers and ranges, counted from 0; empty means all.',
    }),
  },
  outputs: { image: 'IMAGE' },
  execute: async ({ inputs }) => {
    const chosen = choose(inputs.images, inputs.image_indices)
    if (chosen.length > 0) return { image: chosen }
    throw new NodeError(
      `"${inputs.image_indices}" chooses none of the ${inputs.images.length} pictures, counted from 0.`,
      { code: 'index-out-of-range', hint: 'Choose others, or leave the field empty for all.' },
    )
  },
})

/** Order and repeats are kept, ranges clipped at the end, reversed ranges give nothing, as in the pack; empty means all. */
function choose(images: readonly Image[], indices: string): readonly Image[] {
  const parts = indices
    .replace(/\s+/g, '')
    .split(',')
    .filter(part => part !== '')
  if (parts.length === 0) return images
  return parts.flatMap(part => {
    const range = /^(\d+)-(\d+)$/.exec(part)
    if (range) return images.slice(Number(range[1]), Number(range[2]) + 1)
    if (!/^-?\d+$/.test(part)) {
      throw new NodeError(`"${part}" is neither a number nor a range such as 0-3.`, { code: 'bad-indices' })
    }
    const image = images.at(Number(part))
    return image ? [image] : []
  })
}
