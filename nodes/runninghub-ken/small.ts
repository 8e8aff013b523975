import { defineNode, int, socket, string } from '../define-node.ts'
import { pickOne } from '../runninghub/pick-images.ts'
import { pack } from './common.ts'

/** One picture of a batch (ComfyUI_RH_API: RH_ImageSelector). */
const imageSelector = defineNode({
  ...pack,
  type: 'RH_ImageSelector',
  displayName: '🖼️ RH Image Selector',
  inputs: { images: socket('IMAGE'), index: int({ default: 0, min: 0, max: 9999 }) },
  outputs: { image: 'IMAGE' },
  execute: async ({ inputs }) => ({ image: pickOne(inputs.images, inputs.index) }),
})

/** Shows a text and hands it on (ComfyUI_RH_API: RH_TextDisplay). */
const textDisplay = defineNode({
  ...pack,
  type: 'RH_TextDisplay',
  displayName: '📝 RH Text Display',
  isOutput: true,
  inputs: { text: string({ default: '', multiline: true }) },
  outputs: { text: 'STRING' },
  execute: async ({ inputs }) => ({ text: inputs.text, ui: { text: [inputs.text] } }),
})

export const smallNodes = [imageSelector, textDisplay]
