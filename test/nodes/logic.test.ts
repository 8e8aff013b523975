import { describe, expect, test } from 'vitest'
import type { NodeContext } from '../../nodes/context.ts'
import { evaluate } from '../../nodes/logic/python-expression.ts'
import { pythonText } from '../../nodes/text/python-text.ts'
import { openNodeBench } from '../support/node-bench.ts'
import expressions from './python/expressions.json' with { type: 'json' }
import { nodeOf } from './support.ts'

async function run(type: string, inputs: Record<string, unknown>, context: Partial<NodeContext> = {}) {
  const bench = await openNodeBench()
  return bench.run(nodeOf(type), inputs, context)
}

describe('ComfyMathExpression', () => {
  const names = new Map<string, bigint | number | boolean | readonly (bigint | number | boolean)[]>([
    ['a', 7n],
    ['b', 2.5],
    ['c', true],
    ['d', -3n],
    ['z', 0n],
    ['values', [7n, 2.5, true, -3n, 0n]],
  ])
  const kinds: Record<string, string> = { bigint: 'int', number: 'float', boolean: 'bool' }

  test('computes what Python 3.11 computes, and refuses what it refuses', () => {
    for (const [expression, expected] of expressions) {
      let given: unknown = null
      try {
        const result = evaluate(String(expression), names)
        const type = typeof result === 'number' ? 'FLOAT' : undefined
        if (typeof result !== 'object') given = [kinds[typeof result], pythonText(result, type)]
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad-expression' })
      }
      expect([expression, given]).toEqual([expression, expected])
    }
  })

  const compute = (expression: string, given: Record<string, [unknown, string]> = {}) =>
    run(
      'ComfyMathExpression',
      {
        expression,
        ...Object.fromEntries(Object.entries(given).map(([key, [value]]) => [`values.${key}`, value])),
      },
      { linkedType: input => given[input.slice('values.'.length)]?.[1] },
    )

  test('gives the result as float, as whole number and as truth', async () => {
    expect(await compute('a / b', { a: [7, 'INT'], b: [2, 'INT'] })).toEqual({
      FLOAT: 3.5,
      INT: 3,
      BOOL: true,
    })
    expect(await compute('sum(values) - a', { a: [1, 'INT'] })).toEqual({ FLOAT: 0, INT: 0, BOOL: false })
    expect(await compute('a + 1', { a: [9007199254740993n, 'INT'] })).toMatchObject({
      INT: 9007199254740994n,
    })
    expect(await compute('a > 2', { a: [3, 'FLOAT'] })).toEqual({ FLOAT: 1, INT: 1, BOOL: true })
  })

  test('knows a float by where it comes from', async () => {
    expect(await compute('a // 2 * 1.0', { a: [3, 'FLOAT'] })).toMatchObject({ FLOAT: 1 })
    await expect(compute('a & 1', { a: [3, 'FLOAT'] })).rejects.toMatchObject({ code: 'bad-expression' })
    expect(await compute('a & 1', { a: [3, 'INT'] })).toMatchObject({ INT: 1 })
  })

  test.each([
    ['b + 1', '"b" has no value.'],
    ['1 / 0', 'The expression divides by zero.'],
    ['values', '"values" gives a list, not a number.'],
    ['10.0 ** 308 * 100', '"10.0 ** 308 * 100" gives no finite number.'],
    ['9 ** 9 ** 9', 'The number is too large.'],
    ['__import__("os")', '""os")" cannot be read.'],
    [`${'('.repeat(500)}1${')'.repeat(500)}`, 'The expression is nested too deeply.'],
  ])('%s is refused with a sentence', async (expression, message) => {
    await expect(compute(expression, { a: [1, 'INT'] })).rejects.toMatchObject({ message })
  })
})

describe('logic', () => {
  test.each<[unknown, boolean]>([
    [true, false],
    [0, true],
    [0n, true],
    ['', true],
    ['a', false],
    [[], true],
    [[0], false],
    [null, true],
    [{}, true],
  ])('not %o is %j', async (value, result) => {
    expect(await run('ComfyNotNode', { value })).toEqual({ BOOLEAN: result })
  })

  test('and and or look at all that is connected', async () => {
    const values = { 'values.value0': 1, 'values.value1': '' }
    expect(await run('ComfyAndNode', values)).toEqual({ BOOLEAN: false })
    expect(await run('ComfyOrNode', values)).toEqual({ BOOLEAN: true })
    expect(await run('ComfyAndNode', { 'values.value0': 1 })).toEqual({ BOOLEAN: true })
  })

  test('a switch hands on the chosen value, or the only one', async () => {
    expect(await run('ComfySwitchNode', { switch: true, on_true: 1, on_false: 2 })).toEqual({ output: 1 })
    expect(await run('ComfySwitchNode', { switch: false, on_true: 1, on_false: 2 })).toEqual({ output: 2 })
    expect(await run('ComfySwitchNode', { switch: false, on_true: 1 })).toEqual({ output: 1 })
    await expect(run('ComfySwitchNode', { switch: true })).rejects.toMatchObject({ code: 'switch-empty' })
    const needs = (on: boolean, linked: string[]) =>
      nodeOf('ComfySwitchNode').needs?.({ switch: on }, new Set(linked))
    expect(needs(true, ['on_true', 'on_false'])).toEqual(['on_true'])
    expect(needs(false, ['on_true', 'on_false'])).toEqual(['on_false'])
    expect(needs(false, ['on_true'])).toEqual(['on_true'])
  })

  test.each([
    ['easy anythingIndexSwitch', 'value'],
    ['easy textIndexSwitch', 'text'],
    ['easy imageIndexSwitch', 'image'],
  ])('%s hands on the value with that number', async (type, name) => {
    expect(await run(type, { index: 3, [`${name}3`]: 'x', [`${name}0`]: 'y' })).toEqual({ [name]: 'x' })
    await expect(run(type, { index: 1, [`${name}0`]: 'y' })).rejects.toMatchObject({ code: 'switch-empty' })
    expect(nodeOf(type).needs?.({ index: 3 }, new Set([`${name}3`, `${name}0`]))).toEqual([`${name}3`])
  })

  test('CreateList joins what comes, lists of values too, in order', async () => {
    expect(await run('CreateList', { 'inputs.input0': ['a', 'b'], 'inputs.input1': [1] })).toEqual({
      list: ['a', 'b', 1],
    })
  })
})

describe('literals of packs', () => {
  test.each([
    ['easy string', { value: 'a' }, { string: 'a' }],
    ['easy int', { value: 5 }, { int: 5 }],
    ['easy float', { value: 0.5 }, { float: 0.5 }],
    ['easy boolean', { value: true }, { boolean: true }],
    ['Primitive string [Crystools]', { string: 'a' }, { string: 'a' }],
    ['Primitive string multiline [Crystools]', { string: 'a\nb' }, { string: 'a\nb' }],
    ['Primitive integer [Crystools]', { int: 5n }, { int: 5n }],
    ['Primitive float [Crystools]', { float: 1.5 }, { float: 1.5 }],
    ['Primitive boolean [Crystools]', { boolean: false }, { boolean: false }],
    ['Int', { Number: ' 1_000 ' }, { INT: 1000 }],
    ['Int', { Number: '18446744073709551615' }, { INT: 18446744073709551615n }],
    ['Float', { Number: '1.5e3' }, { FLOAT: 1500 }],
    ['String', { String: 'a' }, { STRING: 'a' }],
    ['Text Multiline', { text: 'a\n # note\n\nb #c' }, { STRING: 'a\n\nb #c' }],
    ['easy seed', { seed: 7 }, { seed: 7 }],
    ['Seed (rgthree)', { seed: 7 }, { SEED: 7 }],
  ])('%s %o gives %o', async (type, inputs, outputs) => {
    expect(await run(type, inputs)).toEqual(outputs)
  })

  test.each([
    ['Int', '1.5'],
    ['Float', 'one'],
    ['Float', ''],
  ])('%s refuses %j', async (type, text) => {
    await expect(run(type, { Number: text })).rejects.toMatchObject({ code: 'bad-number' })
  })

  test.each([-1, -2, -3])(
    'Seed (rgthree) draws a seed for %d: another each run, the same when a run goes on',
    async seed => {
      const draw = async (runId: string, nodeId = '1') => {
        const work = { runId, signature: undefined, call: 0, isForced: false }
        return (await run('Seed (rgthree)', { seed }, { nodeId, work })).SEED
      }
      const seeds = await Promise.all([draw('a'), draw('b'), draw('a', '2')])
      expect(new Set(seeds).size).toBe(3)
      for (const drawn of seeds) expect(drawn).toBeGreaterThan(3)
      expect(await draw('a')).toBe(seeds[0])
    },
  )
})

describe('showing', () => {
  test('easy showAnything shows a list of anything and hands one value on as it is', async () => {
    const one = await run('easy showAnything', { anything: [1.5] }, { linkedType: () => 'FLOAT' })
    expect(one).toEqual({ output: 1.5, ui: { text: ['1.5'] } })
    expect(await run('easy showAnything', { anything: ['a', true] })).toEqual({
      output: ['a', true],
      ui: { text: ['a', 'True'] },
    })
    expect(await run('easy showAnything', {})).toEqual({ output: [], ui: { text: [] } })
  })

  test('Display Any (rgthree) only shows', async () => {
    expect(await run('Display Any (rgthree)', { source: 7 })).toEqual({ ui: { text: ['7'] } })
  })
})
