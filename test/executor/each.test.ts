import { expect, test } from 'vitest'
import { defineNode, listOf, oneOf, socket } from '../../nodes/define-node.ts'
import { forEachNodes } from '../../nodes/list/for-each.ts'
import { fed, node, openExecutor } from './support.ts'

/** Shows what the loop gave. */
const show = defineNode({
  type: 'Show',
  displayName: '',
  category: '',
  isOutput: true,
  inputs: { joined: socket('*'), count: socket('INT') },
  outputs: {},
  execute: async ({ inputs }) => ({ ui: { text: [`${inputs.count}:${String(inputs.joined)}`] } }),
})

/** Gives what it is told, as a list. */
const numbers = defineNode({
  type: 'Numbers',
  displayName: '',
  category: '',
  inputs: { upTo: oneOf(['3', '250']) },
  outputs: { out: listOf('*') },
  execute: async ({ inputs }) => ({
    out: Array.from({ length: Number(inputs.upTo) }, (_, at) => String(at)),
  }),
})

const open = (behaviours: Parameters<typeof openExecutor>[0] = {}) =>
  openExecutor({ nodes: [...forEachNodes, show, numbers], ...behaviours })

const loop = (on_error: string, words = 'a b c') => ({
  words: node('Words', { words }),
  start: node('RHB_ForEachStart', { items: ['words', 0] }),
  one: fed('Step', 'start'),
  two: fed('Step', 'one'),
  end: node('RHB_ForEachEnd', { value: ['two', 0], on_error }),
  show: node('Show', { joined: ['end', 0], count: ['end', 2] }),
})

const failing = (items: readonly string[]) => ({
  behaviours: {
    one: ({ inputs }: { inputs: Readonly<Record<string, unknown>> }) => {
      if (items.includes(String(inputs.in0))) throw new Error(`${String(inputs.in0)} is broken`)
      return `one(${String(inputs.in0)})`
    },
  },
})

test('each item goes through on its own, and all come out in order', async () => {
  const { texts, executed, result } = await open().run(loop('stop'))
  expect(texts).toEqual({ show: '3:two(one(a))\ntwo(one(b))\ntwo(one(c))' })
  expect(executed.toSorted()).toEqual(['one', 'one', 'one', 'two', 'two', 'two'])
  expect(result.status).toBe('success')
})

test('a failing item fails its node; what the others gave stays made', async () => {
  const { texts, result, executed } = await open(failing(['b'])).run(loop('stop'))
  expect(texts).toEqual({})
  expect(executed).toEqual(['one', 'one', 'one'])
  expect(result.errors).toMatchObject([{ nodeId: 'one', message: 'b is broken' }])
})

test('or it is left out, and the others go on; the end says which and why', async () => {
  const { texts, result, executed } = await open(failing(['b'])).run(loop('skip'))
  expect(texts).toEqual({
    show: '2:two(one(a))\ntwo(one(c))',
    end: '1 of 3 left out:\n#2: b is broken',
  })
  expect(result.status).toBe('success')
  expect(executed.filter(id => id === 'two')).toHaveLength(2)
})

test('what was made of a part is not used again: the next run tries the failed item', async () => {
  const broken = ['b']
  const { run } = open(failing(broken))
  await run(loop('skip'))
  broken.pop()
  const again = await run(loop('skip'))
  expect(again.texts).toEqual({ show: '3:two(one(a))\ntwo(one(b))\ntwo(one(c))' })
  const third = await run(loop('skip'))
  expect(third.executed).toEqual([])
})

test('when all fail the node has failed, also when items are to be left out', async () => {
  const { result, texts } = await open(failing(['a', 'b', 'c'])).run(loop('skip'))
  expect(result.errors).toMatchObject([{ nodeId: 'one', message: 'a is broken' }])
  expect(texts).toEqual({})
})

test('even a list of one is a loop', async () => {
  const { result } = await open(failing(['a'])).run(loop('skip', 'a'))
  expect(result.errors).toMatchObject([{ nodeId: 'one' }])
})

test('only what is called per item is forgiven: a failure before the loop or after it is one', async () => {
  const before = await open({ behaviours: { first: () => Promise.reject(new Error('before')) } }).run({
    first: node('Step'),
    start: node('RHB_ForEachStart', { items: ['first', 0] }),
    end: node('RHB_ForEachEnd', { value: ['start', 0], on_error: 'skip' }),
    show: node('Show', { joined: ['end', 0], count: ['end', 2] }),
  })
  expect(before.result.errors).toMatchObject([{ nodeId: 'first', message: 'before' }])
  const after = await open({ behaviours: { last: () => Promise.reject(new Error('after')) } }).run({
    ...loop('skip'),
    last: node('End', { in0: ['end', 1] }),
  })
  expect(after.result.errors).toMatchObject([{ nodeId: 'last', message: 'after' }])
})

test('outputs inside the loop show the items that got so far', async () => {
  const { texts } = await open(failing(['b'])).run({ ...loop('skip'), inside: fed('End', 'one') })
  expect(texts.inside).toBe('inside(one(a));inside(one(c))')
})

test('of many items only so many are worked on at a time', async () => {
  let now = 0
  let most = 0
  const { run } = open({
    behaviours: {
      one: async () => {
        most = Math.max(most, ++now)
        await new Promise(resolve => setImmediate(resolve))
        now--
        return 'x'
      },
    },
  })
  const { texts } = await run({
    numbers: node('Numbers', { upTo: '250' }),
    one: fed('Step', 'numbers'),
    end: node('RHB_ForEachEnd', { value: ['one', 0], on_error: 'stop' }),
    show: node('Show', { joined: ['end', 2], count: ['end', 2] }),
  })
  expect(texts).toEqual({ show: '250:250' })
  expect(most).toBe(100)
})
