import { expect, test } from 'vitest'
import { defineNode, int, string } from '../../nodes/define-node.ts'
import { fed, node, openExecutor } from './support.ts'

/** Takes whatever is called `field.…` besides what it declares. */
const open = defineNode({
  type: 'Open',
  displayName: '',
  category: 'test',
  isOutput: true,
  inputs: { first: string({ default: 'a' }) },
  outputs: {},
  moreInputs: name => {
    if (name.startsWith('field.')) return string()
    return name.startsWith('count.') ? int({ min: 1 }) : undefined
  },
  execute: async ({ inputs, more }) => ({
    ui: {
      text: [JSON.stringify(inputs), ...Object.entries(more).map(([name, value]) => `${name}=${value}`)],
    },
  }),
})

const bench = () => openExecutor({ nodes: [open] })

test('inputs by names the node takes besides arrive apart from the declared ones, links and literals alike', async () => {
  const { run } = bench()
  const { texts } = await run({
    a: fed('Step'),
    end: node('Open', { first: 'x', 'field.57:8.text': 'y', 'field.6.text': ['a', 0], stranger: 'z' }),
  })
  expect(texts.end).toBe('{"first":"x"};field.57:8.text=y;field.6.text=a()')
})

test('they are checked by the type their name stands for', async () => {
  const { check } = bench()
  const { problems } = await check({ end: node('Open', { first: 'x', 'count.1': 'many', 'count.2': 0 }) })
  expect(problems.map(({ code, input }) => `${input}: ${code}`)).toEqual([
    'count.1: invalid_input_type',
    'count.2: value_smaller_than_min',
  ])
})

test('another value is other work; another order is the same', async () => {
  const { run } = openExecutor({
    nodes: [
      defineNode({
        type: 'Counted',
        displayName: '',
        category: 'test',
        inputs: {},
        outputs: { out: '*' },
        moreInputs: () => string(),
        execute: async ({ more }) => {
          calls++
          return { out: Object.values(more).join() }
        },
      }),
    ],
  })
  let calls = 0
  const go = (inputs: Record<string, string>) =>
    run({ a: node('Counted', inputs), end: node('End', { in0: ['a', 0] }) })
  await go({ x: '1', y: '2' })
  await go({ y: '2', x: '1' })
  expect(calls).toBe(1)
  await go({ x: '1', y: '3' })
  expect(calls).toBe(2)
})
