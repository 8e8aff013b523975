import { describe, expect, test } from 'vitest'
import { defineNode, listOf, type NodeDefinition, socket, string } from '../../nodes/define-node.ts'
import { absent } from '../../nodes/values.ts'
import { createMoment, fed, idsOf, node, openExecutor, typesOf } from './support.ts'

const words = (text: string) => node('Words', { words: text })

describe('lists', () => {
  test('call a node once per item, shorter lists repeating their last', async () => {
    const { run } = openExecutor()
    const { texts, executed } = await run({
      letters: words('a b c'),
      numbers: words('1 2'),
      end: node('End', { in0: ['letters', 0], in1: ['numbers', 0], salt: 'x' }),
    })
    expect(texts).toEqual({ end: 'end(a,1,x);end(b,2,x);end(c,2,x)' })
    expect(executed).toEqual(['end', 'end', 'end'])
  })

  test('flow on: what was called per item gives a list', async () => {
    const { run } = openExecutor()
    const { texts } = await run({
      letters: words('a b'),
      step: fed('Step', 'letters'),
      end: fed('End', 'step'),
    })
    expect(texts).toEqual({ end: 'end(step(a));end(step(b))' })
  })

  test('keep the order of their items, whichever call ends first', async () => {
    const secondIsDone = createMoment()
    const { run } = openExecutor({
      behaviours: {
        step: async ({ inputs }) => {
          if (inputs.in0 === 'first') await secondIsDone.reached
          else secondIsDone.reach()
          return inputs.in0
        },
      },
    })
    const { texts } = await run({
      letters: words('first second'),
      step: fed('Step', 'letters'),
      end: fed('End', 'step'),
    })
    expect(texts).toEqual({ end: 'end(first);end(second)' })
  })

  test('an output that is no list is one value beside them', async () => {
    const { run } = openExecutor()
    const { texts } = await run({ letters: words('a b c'), end: node('End', { in0: ['letters', 1] }) })
    expect(texts).toEqual({ end: 'end(3)' })
  })

  test('of no items call a node not at all', async () => {
    const { run } = openExecutor()
    const { result, executed, texts } = await run({ none: words(''), end: fed('End', 'none') })
    expect(executed).toEqual([])
    expect(texts).toEqual({})
    expect(result.status).toBe('success')
  })

  test('reach a node that takes lists in one call, constants as lists too', async () => {
    const { run } = openExecutor()
    const { texts, executed } = await run({
      letters: words('a b c'),
      join: node('Join', { left: ['letters', 0], right: 'x' }),
    })
    expect(texts).toEqual({ join: 'a+b+c|x' })
    expect(executed).toEqual(['join'])
  })

  test('an empty list still reaches a node that takes lists', async () => {
    const { texts } = await openExecutor().run({ none: words(''), join: node('Join', { left: ['none', 0] }) })
    expect(texts).toEqual({ join: '|' })
  })

  test('a node whose item fails has failed when all its calls are over, with the error of its first item', async () => {
    const released = createMoment()
    let slowIsDone = false
    const { run } = openExecutor({
      behaviours: {
        step: async ({ inputs }) => {
          if (inputs.in0 === 'bad') {
            setImmediate(released.reach)
            throw new Error('item is bad')
          }
          await released.reached
          slowIsDone = true
          return 'fine'
        },
      },
    })
    const { result } = await run({
      letters: words('slow bad'),
      step: fed('Step', 'letters'),
      end: fed('End', 'step'),
    })
    expect(result.errors).toMatchObject([{ nodeId: 'step', message: 'item is bad' }])
    expect(slowIsDone).toBe(true)
  })
})

describe('an absent output', () => {
  const reason = 'RunningHub task 7 gave no image: it gave 1 mp4.'
  const source = node('Step')

  test('fails a node that needs it, with the sentence that says why', async () => {
    const { run } = openExecutor({ behaviours: { source: () => absent(reason) } })
    const { result, executed } = await run({ source, needy: node('Needy', { value: ['source', 0] }) })
    expect(executed).toEqual(['source'])
    expect(result.errors).toMatchObject([{ nodeId: 'needy', code: 'output-absent', message: reason }])
    expect(result.errors[0]?.hint).toContain('"value"')
  })

  test('is left out of an optional input', async () => {
    const { run } = openExecutor({ behaviours: { source: () => absent(reason) } })
    const { result, texts } = await run({ source, end: fed('End', 'source') })
    expect(texts).toEqual({ end: 'end()' })
    expect(result.status).toBe('success')
  })

  test('fails nobody while nobody takes it', async () => {
    const half: NodeDefinition = defineNode({
      type: 'Half',
      displayName: '',
      category: '',
      inputs: {},
      outputs: { image: 'IMAGE', text: 'STRING', list: listOf('STRING') },
      execute: async () => ({ image: absent(reason), text: 'here', list: absent('no list') }),
    })
    const { run } = openExecutor({ nodes: [half] })
    const { texts, result } = await run({ half: node('Half'), end: node('End', { in0: ['half', 1] }) })
    expect(texts).toEqual({ end: 'end(here)' })
    expect(result.status).toBe('success')
    const taken = await run({ half: node('Half'), join: node('Join', { left: ['half', 2] }) })
    expect(taken.result.errors).toMatchObject([{ message: 'no list' }])
  })
})

test('UI outputs of several calls are joined per key', async () => {
  const twoKeys = defineNode({
    type: 'TwoKeys',
    displayName: '',
    category: '',
    isOutput: true,
    inputs: { text: socket('STRING'), only: string() },
    outputs: {},
    execute: async ({ inputs }) => ({
      ui: { text: [inputs.text], ...(inputs.text === inputs.only && { animated: [true] }) },
    }),
  })
  const { run } = openExecutor({ nodes: [twoKeys] })
  const { result, events } = await run({
    letters: words('a b'),
    end: node('TwoKeys', { text: ['letters', 0], only: 'b' }),
  })
  expect(result.outputs.get('end')).toEqual({ text: ['a', 'b'], animated: [true] })
  expect(idsOf(events, 'node-finished')).toEqual(['letters', 'end'])
  expect(typesOf(events).filter(type => type === 'node-started')).toHaveLength(2)
})
