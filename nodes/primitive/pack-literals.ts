import { NodeError } from '../context.ts'
import { boolean, defineNode, float, int, type NodeDefinition, string } from '../define-node.ts'
import { pythonInteger } from '../text/python-text.ts'

/** Literals of the packs that stand beside RH nodes in real files: a value typed in, given on. */

const easyUse = { category: 'EasyUse/Logic/Type', module: 'custom_nodes.ComfyUI-Easy-Use' } as const

const easyString = defineNode({
  ...easyUse,
  type: 'easy string',
  displayName: 'String',
  inputs: { value: string() },
  outputs: { string: 'STRING' },
  execute: async ({ inputs }) => ({ string: inputs.value }),
})

const easyInt = defineNode({
  ...easyUse,
  type: 'easy int',
  displayName: 'Int',
  inputs: { value: int({ min: -999999, max: 999999 }) },
  outputs: { int: 'INT' },
  execute: async ({ inputs }) => ({ int: inputs.value }),
})

const easyFloat = defineNode({
  ...easyUse,
  type: 'easy float',
  displayName: 'Float',
  inputs: { value: float({ step: 0.01, min: -999999, max: 999999 }) },
  outputs: { float: 'FLOAT' },
  execute: async ({ inputs }) => ({ float: inputs.value }),
})

const easyBoolean = defineNode({
  ...easyUse,
  type: 'easy boolean',
  displayName: 'Boolean',
  inputs: { value: boolean() },
  outputs: { boolean: 'BOOLEAN' },
  execute: async ({ inputs }) => ({ boolean: inputs.value }),
})

const crystools = { category: 'crystools 🪛/Primitive', module: 'custom_nodes.ComfyUI-Crystools' } as const
const largest = 2n ** 63n - 1n

const crystoolsNodes = [
  ...[false, true].map(multiline =>
    defineNode({
      ...crystools,
      type: `Primitive string${multiline ? ' multiline' : ''} [Crystools]`,
      displayName: `🪛 Primitive string${multiline ? ' multiline' : ''}`,
      inputs: { string: string({ multiline }) },
      outputs: { string: 'STRING' },
      execute: async ({ inputs }) => ({ string: inputs.string }),
    }),
  ),
  defineNode({
    ...crystools,
    type: 'Primitive integer [Crystools]',
    displayName: '🪛 Primitive integer',
    inputs: { int: int({ default: 1, min: -largest, max: largest, step: 1 }) },
    outputs: { int: 'INT' },
    execute: async ({ inputs }) => ({ int: inputs.int }),
  }),
  defineNode({
    ...crystools,
    type: 'Primitive float [Crystools]',
    displayName: '🪛 Primitive float',
    inputs: { float: float({ default: 1, min: -Number.MAX_VALUE, max: Number.MAX_VALUE, step: 0.01 }) },
    outputs: { float: 'FLOAT' },
    execute: async ({ inputs }) => ({ float: inputs.float }),
  }),
  defineNode({
    ...crystools,
    type: 'Primitive boolean [Crystools]',
    displayName: '🪛 Primitive boolean',
    inputs: { boolean: boolean({ default: true }) },
    outputs: { boolean: 'BOOLEAN' },
    execute: async ({ inputs }) => ({ boolean: inputs.boolean }),
  }),
]

const literals = { category: 'Literals', module: 'custom_nodes.ComfyLiterals' } as const

/** ComfyLiterals: the number is a text, read when it runs. */
const intLiteral = defineNode({
  ...literals,
  type: 'Int',
  displayName: 'Int',
  inputs: { Number: string() },
  outputs: { INT: 'INT' },
  execute: async ({ inputs }) => {
    const digits = pythonInteger(inputs.Number)
    if (digits === undefined) throw notANumber(inputs.Number, 'whole number')
    return { INT: Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits) }
  },
})

const floatLiteral = defineNode({
  ...literals,
  type: 'Float',
  displayName: 'Float',
  inputs: { Number: string() },
  outputs: { FLOAT: 'FLOAT' },
  execute: async ({ inputs }) => {
    const text = inputs.Number.trim().replaceAll(/(?<=\d)_(?=\d)/g, '')
    if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) throw notANumber(inputs.Number, 'number')
    return { FLOAT: Number(text) }
  },
})

function notANumber(text: string, what: string): NodeError {
  return new NodeError(`"${text}" is no ${what}.`, {
    code: 'bad-number',
    hint: `Write a ${what} into "Number".`,
  })
}

const stringLiteral = defineNode({
  ...literals,
  type: 'String',
  displayName: 'String',
  inputs: { String: string() },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs }) => ({ STRING: inputs.String }),
})

/** WAS Node Suite: lines that begin with # are notes. */
const textMultiline = defineNode({
  type: 'Text Multiline',
  displayName: 'Text Multiline',
  category: 'WAS Suite/Text',
  module: 'custom_nodes.was-node-suite-comfyui',
  inputs: { text: string({ multiline: true }) },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs }) => {
    const lines = inputs.text.split('\n').filter(line => !line.trim().startsWith('#'))
    return { STRING: lines.join('\n') }
  },
})

export const packLiterals: readonly NodeDefinition[] = [
  easyString,
  easyInt,
  easyFloat,
  easyBoolean,
  ...crystoolsNodes,
  intLiteral,
  floatLiteral,
  stringLiteral,
  textMultiline,
]
