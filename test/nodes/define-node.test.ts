import { expect, test } from 'vitest'
import { defineNode, int, listOf, oneOf, socket, string } from '../../nodes/define-node.ts'

const common = { displayName: '', category: '' }

// These tests are for the compiler: each expected error that is none any more fails the type check.

test('a misspelt input does not compile', () => {
  defineNode({
    ...common,
    type: 'A',
    inputs: { images: socket('IMAGE'), prefix: string() },
    outputs: { count: 'INT' },
    // @ts-expect-error: the input is called images.
    execute: async ({ inputs }) => ({ count: inputs.image.length }),
  })
})

test('a misspelt or missing output does not compile', () => {
  defineNode({
    ...common,
    type: 'A',
    inputs: {},
    outputs: { count: 'INT' },
    // @ts-expect-error: the output is called count.
    execute: async () => ({ cuont: 1 }),
  })
  defineNode({
    ...common,
    type: 'A',
    inputs: {},
    outputs: { count: 'INT', text: 'STRING' },
    // @ts-expect-error: text is missing.
    execute: async () => ({ count: 1 }),
  })
})

test('a value of the wrong type does not compile', () => {
  defineNode({
    ...common,
    type: 'A',
    inputs: { seed: int() },
    outputs: { text: 'STRING' },
    // @ts-expect-error: a whole number, maybe a bigint, is no text.
    execute: async ({ inputs }) => ({ text: inputs.seed }),
  })
  // @ts-expect-error: there is no socket of this type.
  socket('IMAGES')
  // @ts-expect-error: the default is none of the options.
  oneOf(['a', 'b'], { default: 'c' })
})

test('an optional input may be undefined, a list output is a list, an input list holds lists', () => {
  defineNode({
    ...common,
    type: 'A',
    inputs: { text: string({ optional: true }) },
    outputs: { text: 'STRING' },
    // @ts-expect-error: it may not be there.
    execute: async ({ inputs }) => ({ text: inputs.text }),
  })
  defineNode({
    ...common,
    type: 'A',
    inputs: {},
    outputs: { texts: listOf('STRING') },
    // @ts-expect-error: one text is no list of texts.
    execute: async () => ({ texts: 'a' }),
  })
  defineNode({
    ...common,
    type: 'A',
    inputIsList: true,
    inputs: { text: string() },
    outputs: { text: 'STRING' },
    // @ts-expect-error: it is a list of texts.
    execute: async ({ inputs }) => ({ text: inputs.text }),
  })
})

test('a validator of an input that is not there does not compile', () => {
  defineNode({
    ...common,
    type: 'A',
    inputs: { name: string() },
    outputs: {},
    // @ts-expect-error: the input is called name.
    validate: { nmae: async () => undefined },
    execute: async () => ({}),
  })
})

test('required inputs come first, as widgets_values and input_order have them', () => {
  const node = defineNode({
    ...common,
    type: 'A',
    inputs: { late: string({ optional: true }), first: string(), second: int() },
    outputs: {},
    execute: async () => ({}),
  })
  expect([...node.inputs.keys()]).toEqual(['first', 'second', 'late'])
})
