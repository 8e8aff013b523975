import { expect, test } from 'vitest'
import { autogrow, boolean, defineNode, socket } from '../../nodes/define-node.ts'
import { fed, idsOf, node, openExecutor } from './support.ts'

/** Hands on one of two values and needs only that one. */
const choose = defineNode({
  type: 'Choose',
  displayName: '',
  category: '',
  inputs: {
    first: boolean(),
    a: socket('*', { lazy: true, optional: true }),
    b: socket('*', { lazy: true, optional: true }),
  },
  outputs: { out: '*' },
  needs: ({ first }, linked) => [first ? 'a' : 'b'].filter(name => linked.has(name)),
  execute: async ({ inputs }) => ({ out: inputs.first ? inputs.a : inputs.b }),
})
const truth = defineNode({
  type: 'Truth',
  displayName: '',
  category: '',
  inputs: { value: boolean() },
  outputs: { out: 'BOOLEAN' },
  execute: async ({ inputs }) => ({ out: inputs.value }),
})
const open = (behaviours = {}) => openExecutor({ nodes: [choose, truth], behaviours })
const between = (first: unknown) =>
  node('Choose', { first: first as boolean, a: ['left', 0], b: ['right', 0] })
const branches = { far: node('Step'), left: fed('Step', 'far'), right: node('Step', { salt: 'r' }) }

test('what feeds only the input that is not asked for is not run', async () => {
  const { run } = open()
  const yes = await run({ ...branches, choice: between(true), end: fed('End', 'choice') })
  expect(yes.texts).toEqual({ end: 'end(left(far()))' })
  expect(yes.executed).toEqual(['far', 'left', 'end'])
  const no = await run({ ...branches, choice: between(false), end: fed('End', 'choice') })
  expect(no.executed).toEqual(['right', 'end'])
  expect(no.result.status).toBe('success')
})

test('the choice may come along a link, and choices may be nested', async () => {
  const { run } = open()
  const { texts, executed } = await run({
    ...branches,
    truth: node('Truth', { value: true }),
    inner: between(['truth', 0]),
    other: node('Step', { salt: 'other' }),
    outer: node('Choose', { first: ['truth', 0], a: ['inner', 0], b: ['other', 0] }),
    end: fed('End', 'outer'),
  })
  expect(texts).toEqual({ end: 'end(left(far()))' })
  expect(executed).toEqual(['far', 'left', 'end'])
})

test('what somebody else needs runs all the same, and once', async () => {
  const { run } = open()
  const { texts, executed } = await run({
    ...branches,
    choice: between(false),
    end: fed('End', 'choice', 'left'),
  })
  expect(texts).toEqual({ end: 'end(right(r),left(far()))' })
  expect(executed.toSorted()).toEqual(['end', 'far', 'left', 'right'])
})

test('a failure in the branch that is not asked for harms nobody, one in the other skips the choice', async () => {
  const { run } = open({ right: () => Promise.reject(new Error('broken')) })
  const prompt = (first: boolean) => ({ ...branches, choice: between(first), end: fed('End', 'choice') })
  expect((await run(prompt(true))).result.status).toBe('success')
  const { result, events } = await run(prompt(false))
  expect(result.errors).toMatchObject([{ nodeId: 'right', message: 'broken' }])
  expect(idsOf(events, 'node-skipped')).toEqual(['choice', 'end'])
})

test('asking for a branch that has failed already skips the choice', async () => {
  const { run } = open({ far: () => Promise.reject(new Error('broken')) })
  const { result, events } = await run({
    ...branches,
    late: fed('Step', 'right'),
    truth: fed('Step', 'late'),
    choice: between(['truth', 0]),
    witness: fed('End', 'left'),
    end: fed('End', 'choice'),
  })
  expect(result.errors).toMatchObject([{ nodeId: 'far' }])
  expect(idsOf(events, 'node-skipped').toSorted()).toEqual(['choice', 'end', 'left', 'witness'])
})

test('over a list each item chooses, and all that is chosen runs', async () => {
  const flags = defineNode({
    type: 'Flags',
    displayName: '',
    category: '',
    inputs: {},
    outputs: { out: { list: 'BOOLEAN' } },
    execute: async () => ({ out: [true, false] }),
  })
  const { texts } = await openExecutor({ nodes: [choose, flags] }).run({
    ...branches,
    flags: node('Flags'),
    choice: between(['flags', 0]),
    end: fed('End', 'choice'),
  })
  expect(texts).toEqual({ end: 'end(left(far()));end(right(r))' })
})

test('inputs that grow arrive as one record, in the order of their names, and the least number of them is required', async () => {
  const collect = defineNode({
    type: 'Collect',
    displayName: '',
    category: '',
    isOutput: true,
    inputs: { parts: autogrow('*', { item: 'part', prefix: 'part', min: 1, max: 3 }) },
    outputs: {},
    execute: async ({ inputs }) => ({ ui: { text: [JSON.stringify(inputs.parts)] } }),
  })
  const { run, check } = openExecutor({ nodes: [collect] })
  const { texts } = await run({
    a: node('Step'),
    all: node('Collect', { 'parts.part2': 5, 'parts.part0': ['a', 0] }),
  })
  expect(texts).toEqual({ all: '{"part0":"a()","part2":5}' })
  const { problems } = await check({ all: node('Collect', { 'parts.part1': 5 }) })
  expect(problems).toMatchObject([{ code: 'required_input_missing', input: 'parts.part0' }])
})
