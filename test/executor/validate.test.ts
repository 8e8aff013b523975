import { describe, expect, test } from 'vitest'
import { defineNode, oneOf } from '../../nodes/define-node.ts'
import type { JsonValue } from '../../server/shared/lossless-json.ts'
import { fed, node, openExecutor } from './support.ts'

const good: Record<string, JsonValue> = { small: 3, huge: 0, ratio: 0.5, flag: true, title: 'x', mode: 'a' }

/** The problems of one Picky node with the given inputs instead of good ones; undefined leaves one out. */
async function problemsOf(inputs: Record<string, JsonValue | undefined>) {
  const given = Object.entries({ ...good, ...inputs }).filter(([, value]) => value !== undefined)
  const { problems } = await openExecutor().check({
    '1': node('Picky', Object.fromEntries(given) as typeof good),
  })
  return problems
}

/** What the literals of a Picky node become. */
async function castsOf(inputs: Record<string, JsonValue>) {
  const { literals, problems } = await openExecutor().check({ '1': node('Picky', { ...good, ...inputs }) })
  expect(problems).toEqual([])
  return literals.get('1')
}

describe('problems, in ComfyUI’s words', () => {
  test('required_input_missing', async () => {
    expect(await problemsOf({ title: undefined })).toEqual([
      {
        nodeId: '1',
        nodeType: 'Picky',
        code: 'required_input_missing',
        message: 'Required input is missing',
        details: 'title',
        input: 'title',
        hint: expect.stringContaining('title'),
        extra: { input_name: 'title' },
        dependentOutputs: ['1'],
      },
    ])
  })

  test.each([[[1, 2, 3]], [[]], [['1']], [[1, 0]], [['1', 'a']], [['1', 0.5]]])(
    'bad_linked_input for %j',
    async value => {
      expect(await problemsOf({ title: value })).toMatchObject([
        {
          code: 'bad_linked_input',
          message: 'Bad linked input, must be a length-2 list of [node_id, slot_index]',
          details: 'title',
          extra: { input_name: 'title', input_config: ['STRING', { default: '' }], received_value: value },
        },
      ])
    },
  )

  test('return_type_mismatch, with both types and the link', async () => {
    const { problems } = await openExecutor().check({
      words: node('Words', { words: 'a' }),
      '2': node('Pictures', { images: ['words', 0] }),
    })
    expect(problems).toMatchObject([
      {
        nodeId: '2',
        code: 'return_type_mismatch',
        message: 'Return type mismatch between linked nodes',
        details: 'images, received_type(STRING) mismatch input_type(IMAGE)',
        extra: {
          input_name: 'images',
          input_config: ['IMAGE', {}],
          received_type: 'STRING',
          linked_node: ['words', 0],
        },
      },
    ])
  })

  test.each([
    ['small', 'x', 'INT', "invalid literal for int() with base 10: 'x'"],
    ['small', '', 'INT', "invalid literal for int() with base 10: ''"],
    ['small', '1.5', 'INT', "invalid literal for int() with base 10: '1.5'"],
    ['small', null, 'INT', expect.stringContaining('null')],
    ['ratio', 'abc', 'FLOAT', "could not convert string to float: 'abc'"],
    ['ratio', '0x10', 'FLOAT', "could not convert string to float: '0x10'"],
    ['ratio', '', 'FLOAT', "could not convert string to float: ''"],
  ])('invalid_input_type for %s = %j', async (input, value, type, exception) => {
    expect(await problemsOf({ [input]: value })).toMatchObject([
      {
        code: 'invalid_input_type',
        message: `Failed to convert an input value to a ${type} value`,
        details: expect.stringContaining(`${input}, ${value}, `),
        extra: { input_name: input, received_value: value, exception_message: exception },
      },
    ])
  })

  test('invalid_input_type for a value typed where only a link will do', async () => {
    const { problems } = await openExecutor().check({ '1': node('Pictures', { images: 'a.png' }) })
    expect(problems).toMatchObject([{ code: 'invalid_input_type', input: 'images' }])
  })

  test.each([
    ['small', 0, 'value_smaller_than_min', 'Value 0 smaller than min of 1'],
    ['small', 9, 'value_bigger_than_max', 'Value 9 bigger than max of 8'],
    ['small', '9', 'value_bigger_than_max', 'Value 9 bigger than max of 8'],
    ['small', 1e30, 'value_bigger_than_max', 'Value 1000000000000000019884624838656 bigger than max of 8'],
    ['ratio', 1.01, 'value_bigger_than_max', 'Value 1.01 bigger than max of 1'],
    ['ratio', -0.01, 'value_smaller_than_min', 'Value -0.01 smaller than min of 0'],
    ['huge', -1, 'value_smaller_than_min', 'Value -1 smaller than min of 0'],
    [
      'huge',
      2n ** 64n,
      'value_bigger_than_max',
      'Value 18446744073709551616 bigger than max of 18446744073709551615',
    ],
  ])('%s = %s is %s', async (input, value, code, message) => {
    expect(await problemsOf({ [input]: value })).toMatchObject([
      { code, message, details: input, extra: { input_name: input } },
    ])
  })

  test('value_not_in_list, with the list while it is short', async () => {
    expect(await problemsOf({ mode: 'zzz' })).toMatchObject([
      {
        code: 'value_not_in_list',
        message: 'Value not in list',
        details: "mode: 'zzz' not in ['a', 'b']",
        extra: { input_config: [['a', 'b'], {}], received_value: 'zzz' },
      },
    ])
    const letters = Array.from({ length: 21 }, (_, index) => `v${index}`)
    const long = defineNode({
      type: 'Long',
      displayName: '',
      category: '',
      isOutput: true,
      inputs: { mode: oneOf(['v', ...letters]) },
      outputs: {},
      execute: async () => ({}),
    })
    const { problems } = await openExecutor({ nodes: [long] }).check({ '1': node('Long', { mode: 'zzz' }) })
    expect(problems).toMatchObject([
      { details: "mode: 'zzz' not in (list of length 22)", extra: { input_config: null } },
    ])
  })

  test('custom_validation_failed, in the node’s own words', async () => {
    const { check } = openExecutor()
    expect((await check({ '1': node('Checked', { name: 'none' }) })).problems).toMatchObject([
      {
        code: 'custom_validation_failed',
        message: 'Custom validation failed for node',
        details: 'name - no such thing: none',
        hint: 'Write good.',
        extra: { input_name: 'name', received_value: 'none' },
      },
    ])
    expect((await check({ '1': node('Checked', { name: 'good' }) })).problems).toEqual([])
  })

  test('exception_during_validation for a link to nothing and to a slot that is not there', async () => {
    const { check } = openExecutor()
    expect((await check({ '1': node('End', { in0: ['9', 0] }) })).problems).toMatchObject([
      {
        code: 'exception_during_validation',
        message: 'Exception when validating node',
        details: "'9'",
        extra: { exception_type: 'KeyError', traceback: [] },
      },
    ])
    for (const slot of [2, -1]) {
      const { problems } = await check({ a: node('Step'), '1': node('End', { in0: ['a', slot] }) })
      expect(problems).toMatchObject([
        { details: 'tuple index out of range', extra: { exception_type: 'IndexError' } },
      ])
    }
  })

  test('missing_node_type, by title where there is one', async () => {
    const { problems } = await openExecutor().check({
      '1': { class_type: 'KSampler', inputs: {}, _meta: { title: 'My sampler' } },
      '2': fed('End', '1'),
    })
    expect(problems).toMatchObject([
      {
        nodeId: '1',
        nodeType: 'KSampler',
        code: 'missing_node_type',
        message: "Node 'My sampler' not found. The custom node may not be installed.",
        details: "Node ID '#1'",
        hint: '"KSampler" needs a GPU: run it in the cloud workflow. Everything that does not need it still runs.',
        extra: { node_id: '1', class_type: 'KSampler', node_title: 'My sampler' },
        dependentOutputs: ['2'],
      },
    ])
  })

  test('dependency_cycle, with the way round', async () => {
    const { problems, outputs } = await openExecutor().check({
      '1': fed('Step', '3'),
      '2': fed('Step', '1'),
      '3': fed('Step', '2'),
      end: fed('End', '1'),
      fine: node('End'),
    })
    expect(problems).toMatchObject([
      {
        code: 'dependency_cycle',
        message: 'Dependency cycle detected',
        details: '1 (Step) -> 3 (Step) -> 2 (Step) -> 1 (Step)',
        extra: { node_id: '1', cycle_nodes: ['1', '3', '2', '1'] },
        dependentOutputs: ['end'],
      },
    ])
    expect(outputs).toEqual(['fine'])
  })

  test('a node that feeds itself is a cycle of one', async () => {
    const { problems } = await openExecutor().check({ '1': fed('End', '1') })
    expect(problems).toMatchObject([{ code: 'dependency_cycle', details: '1 (End) -> 1 (End)' }])
  })

  test('a cycle names every output behind it, however the way there was found', async () => {
    const { problems, outputs } = await openExecutor().check({
      a: fed('Step', 'b'),
      b: fed('Step', 'a'),
      first: fed('End', 'a'),
      second: fed('End', 'b'),
    })
    expect(problems.map(({ code }) => code)).toEqual(['dependency_cycle'])
    expect(problems[0]?.dependentOutputs).toEqual(['first', 'second'])
    expect(outputs).toEqual([])
  })
})

describe('a check', () => {
  test('tells all problems of all nodes at once', async () => {
    const { problems, outputs } = await openExecutor().check({
      '1': node('Picky', { small: 0, ratio: 'x', mode: 'c', flag: 1, title: 2 }),
      '2': fed('End', 'unknown', 'away'),
      unknown: node('KSampler'),
    })
    expect(problems.map(({ nodeId, code }) => `${nodeId} ${code}`)).toEqual([
      '1 value_smaller_than_min',
      '1 required_input_missing',
      '1 invalid_input_type',
      '1 value_not_in_list',
      'unknown missing_node_type',
      '2 exception_during_validation',
    ])
    expect(outputs).toEqual([])
  })

  test('fails only the outputs that need what is wrong', async () => {
    const { run, check } = openExecutor()
    const prompt = {
      strange: node('KSampler'),
      middle: fed('Step', 'strange'),
      cut: fed('End', 'middle'),
      good: node('Step'),
      whole: fed('End', 'good'),
    }
    const checked = await check(prompt)
    expect(checked).toMatchObject({ outputs: ['whole'], failedOutputs: ['cut'], order: ['good', 'whole'] })
    expect(checked.problems).toMatchObject([{ nodeId: 'strange', dependentOutputs: ['cut'] }])
    const { result, executed } = await run(prompt)
    expect(executed).toEqual(['good', 'whole'])
    expect(result.status).toBe('error')
  })

  test('takes an unknown node at the end of a branch for an output that cannot be had', async () => {
    const { problems, failedOutputs } = await openExecutor().check({
      a: node('Step'),
      saver: fed('SomeSaver', 'a'),
      end: fed('End', 'a'),
    })
    expect(failedOutputs).toEqual(['saver'])
    expect(problems).toMatchObject([{ nodeId: 'saver', dependentOutputs: ['saver'] }])
  })

  test('looks at no node that no output needs', async () => {
    const { problems } = await openExecutor().check({
      lonely: node('KSampler'),
      idle: node('Checked', { name: 'good' }),
      bad: fed('Step', 'nowhere'),
    })
    expect(problems).toEqual([])
  })

  test('names every output behind a problem once, in the order of the file', async () => {
    const { problems } = await openExecutor().check({
      bad: node('KSampler'),
      left: fed('Step', 'bad'),
      right: fed('Step', 'bad'),
      z: fed('End', 'left', 'right'),
      y: fed('End', 'right'),
      other: node('End'),
    })
    expect(problems[0]?.dependentOutputs).toEqual(['z', 'y'])
  })

  test('does not take an optional input that is left out for missing', async () => {
    expect((await openExecutor().check({ '1': node('End') })).problems).toEqual([])
  })
})

describe('casts', () => {
  test('whole numbers: texts parse, floats are cut, truth is 1', async () => {
    const cast = async (value: JsonValue) => (await castsOf({ small: value }))?.small
    expect(await cast('7')).toBe(7)
    expect(await cast(' +7 ')).toBe(7)
    expect(await cast(7.9)).toBe(7)
    expect(await cast(true)).toBe(1)
  })

  test('whole numbers up to 64 bits keep every digit', async () => {
    const most = 18446744073709551615n
    expect((await castsOf({ huge: most }))?.huge).toBe(most)
    expect((await castsOf({ huge: most.toString() }))?.huge).toBe(most)
    expect((await castsOf({ huge: '9007199254740993' }))?.huge).toBe(9007199254740993n)
    expect((await castsOf({ huge: '9007199254740991' }))?.huge).toBe(9007199254740991)
    expect((await castsOf({ huge: 1e19 }))?.huge).toBe(10000000000000000000n)
  })

  test('numbers: texts parse as Python’s float() does', async () => {
    const cast = async (value: JsonValue) => (await castsOf({ ratio: value }))?.ratio
    expect(await cast('0.5')).toBe(0.5)
    expect(await cast(' .5 ')).toBe(0.5)
    expect(await cast('5e-1')).toBe(0.5)
    expect(await cast(true)).toBe(1)
  })

  test('truth is Python’s: the text "false" is true', async () => {
    const cast = async (value: JsonValue) => (await castsOf({ flag: value }))?.flag
    expect(await cast('false')).toBe(true)
    for (const empty of [0, '', null, {}]) expect(await cast(empty)).toBe(false)
  })

  test('texts are Python’s str()', async () => {
    const cast = async (value: JsonValue) => (await castsOf({ title: value }))?.title
    expect(await cast(true)).toBe('True')
    expect(await cast(null)).toBe('None')
    expect(await cast(12)).toBe('12')
    expect(await cast(18446744073709551615n)).toBe('18446744073709551615')
    expect(await cast({ __value__: [1, 2] })).toBe('[1,2]')
  })
})
