import { boolean, defineNode, float, int, string } from '../define-node.ts'

/** ComfyUI's primitives (comfy_extras.nodes_primitive): one value in, the same value out. */
const common = {
  category: 'utilities/primitive',
  module: 'comfy_extras.nodes_primitive',
  isPure: true,
} as const
const largest = 2n ** 63n - 1n

const primitiveString = defineNode({
  ...common,
  type: 'PrimitiveString',
  displayName: 'Text String (DEPRECATED)',
  inputs: { value: string({ multiline: false }) },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs }) => ({ STRING: inputs.value }),
})

const primitiveStringMultiline = defineNode({
  ...common,
  type: 'PrimitiveStringMultiline',
  displayName: 'Input Text',
  aliases: ['StringMultiline'],
  inputs: { value: string({ multiline: true }) },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs }) => ({ STRING: inputs.value }),
})

const primitiveInt = defineNode({
  ...common,
  type: 'PrimitiveInt',
  displayName: 'Int',
  inputs: { value: int({ min: -largest, max: largest, control_after_generate: 'fixed' }) },
  outputs: { INT: 'INT' },
  execute: async ({ inputs }) => ({ INT: inputs.value }),
})

const primitiveFloat = defineNode({
  ...common,
  type: 'PrimitiveFloat',
  displayName: 'Float',
  inputs: { value: float({ min: Number(-largest), max: Number(largest), step: 0.1 }) },
  outputs: { FLOAT: 'FLOAT' },
  execute: async ({ inputs }) => ({ FLOAT: inputs.value }),
})

const primitiveBoolean = defineNode({
  ...common,
  type: 'PrimitiveBoolean',
  displayName: 'Boolean',
  inputs: { value: boolean() },
  outputs: { BOOLEAN: 'BOOLEAN' },
  execute: async ({ inputs }) => ({ BOOLEAN: inputs.value }),
})

export const primitiveNodes = [
  primitiveString,
  primitiveStringMultiline,
  primitiveInt,
  primitiveFloat,
  primitiveBoolean,
]
