import { describe, expect, test } from 'vitest'
import { openNodeBench } from '../support/node-bench.ts'
import { nodeOf, someSettings } from './support.ts'

describe('RH_Utils', () => {
  const toText = async (anything: unknown, type?: string) => {
    const bench = await openNodeBench()
    const { STRING } = await bench.run(nodeOf('RH_Utils'), { anything }, { linkedType: () => type })
    return STRING
  }

  test.each([
    [' 007 ', '7'],
    ['1_000', '1000'],
    ['+5', '5'],
    ['-0', '0'],
    ['-012', '-12'],
    ['\t12\n', '12'],
    ['000123456789012345678901234567890', '123456789012345678901234567890'],
    // Not what Python's int() takes: unchanged.
    ['1.0', '1.0'],
    ['1__0', '1__0'],
    ['_1', '_1'],
    ['1_', '1_'],
    ['+ 5', '+ 5'],
    ['0x10', '0x10'],
    ['1e3', '1e3'],
    ['', ''],
    [' a ', ' a '],
    ['12 apples', '12 apples'],
  ])('the text %j becomes %j', async (given, text) => {
    expect(await toText(given)).toBe(text)
  })

  test.each([
    [7, 'INT', '7'],
    [7, 'FLOAT', '7.0'],
    [0.1, 'FLOAT', '0.1'],
    [-0, 'FLOAT', '-0.0'],
    [1e-5, 'FLOAT', '1e-05'],
    [0.00012, 'FLOAT', '0.00012'],
    [1.5e-7, 'FLOAT', '1.5e-07'],
    [1e15, 'FLOAT', '1000000000000000.0'],
    [1e16, 'FLOAT', '1e+16'],
    [1.5e300, 'FLOAT', '1.5e+300'],
    [123456.789, 'FLOAT', '123456.789'],
    [Number.POSITIVE_INFINITY, 'FLOAT', 'inf'],
    [Number.NEGATIVE_INFINITY, 'FLOAT', '-inf'],
    [Number.NaN, 'FLOAT', 'nan'],
    [18446744073709551615n, 'INT', '18446744073709551615'],
    [1e21, 'INT', '1000000000000000000000'],
    [true, 'BOOLEAN', 'True'],
    [false, 'BOOLEAN', 'False'],
    [null, '*', 'None'],
    [['a', 1, true, null], '*', "['a', 1, True, None]"],
    [
      { a: "it's", b: 'say "no"', c: `both ' and "` },
      '*',
      `{'a': "it's", 'b': 'say "no"', 'c': 'both \\' and "'}`,
    ],
    [['a\nb\\'], '*', "['a\\nb\\\\']"],
  ])('%o of type %s becomes %s', async (given, type, text) => {
    expect(await toText(given, type)).toBe(text)
  })
})

describe('PreviewAny', () => {
  const show = async (source: unknown, type?: string) => {
    const bench = await openNodeBench()
    const { STRING, ui } = await bench.run(nodeOf('PreviewAny'), { source }, { linkedType: () => type })
    expect(ui).toEqual({ text: [STRING] })
    return STRING
  }

  test('texts stay as they are', async () => {
    expect(await show(' 007 图\n')).toBe(' 007 图\n')
  })

  test('numbers, truth and nothing are written as Python writes them', async () => {
    expect(await show(1, 'FLOAT')).toBe('1.0')
    expect(await show(1e-5, 'FLOAT')).toBe('1e-05')
    expect(await show(18446744073709551615n, 'INT')).toBe('18446744073709551615')
    expect(await show(true, 'BOOLEAN')).toBe('True')
    expect(await show(null)).toBe('None')
  })

  test('all else is JSON, four spaces deep, in ASCII, every digit kept', async () => {
    const list = [{ nodeId: '6', fieldName: 'text', fieldValue: '图' }]
    expect(await show(list, 'ARRAY')).toBe(
      '[\n    {\n        "nodeId": "6",\n        "fieldName": "text",\n        "fieldValue": "\\u56fe"\n    }\n]',
    )
    expect(await show({ seed: 18446744073709551615n })).toBe('{\n    "seed": 18446744073709551615\n}')
  })

  test('pictures are shown by name', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('fox.png', 'x')
    const batch = [
      { kind: 'image', asset },
      { kind: 'image', asset },
    ]
    expect(await show(batch, 'IMAGE')).toBe('fox.png\nfox.png')
  })
})

describe.each(['ShowText|pysssss', 'GR85_ShowText'])('%s', type => {
  test('shows all texts at once and hands them on as a list', async () => {
    const bench = await openNodeBench()
    expect(nodeOf(type).inputIsList).toBe(true)
    const outputs = await bench.run(nodeOf(type), { text: ['a', 'b'] })
    expect(outputs).toEqual({ STRING: ['a', 'b'], ui: { text: ['a', 'b'] } })
  })
})

describe('primitives', () => {
  test.each([
    ['PrimitiveString', 'value', 'STRING', ' a '],
    ['PrimitiveStringMultiline', 'value', 'STRING', 'a\nb'],
    ['PrimitiveInt', 'value', 'INT', 9223372036854775807n],
    ['PrimitiveFloat', 'value', 'FLOAT', 0.5],
    ['PrimitiveBoolean', 'value', 'BOOLEAN', true],
    ['easy seed', 'seed', 'seed', 1125899906842624],
  ] as [string, string, string, unknown][])(
    '%s hands its value on untouched',
    async (type, input, output, value) => {
      const bench = await openNodeBench()
      expect(await bench.run(nodeOf(type), { [input]: value })).toEqual({ [output]: value })
    },
  )
})

describe('RH_SettingsNode', () => {
  const settings = nodeOf('RH_SettingsNode')

  test('hands on what was typed, without the spaces of a paste', async () => {
    const bench = await openNodeBench()
    const { STRUCT } = await bench.run(settings, {
      base_url: ' https://www.runninghub.cn ',
      apiKey: ' <key:main> ',
      workflowId_webappId: '2016195556967714818\n',
    })
    expect(STRUCT).toEqual({ ...someSettings, apiKey: '<key:main>' })
  })

  test.each([
    [
      ['key', '123'],
      ['https://www.runninghub.cn', 'key', '123'],
    ],
    [
      ['https://x.y', 'key'],
      ['https://x.y', 'key'],
    ],
    [
      ['https://x.y', 'key', '123'],
      ['https://x.y', 'key', '123'],
    ],
    [[], []],
  ])('widgets_values %j are read as %j', (values, read) => {
    expect(settings.migrateWidgets?.(values, { outputs: 1 })).toEqual(read)
  })
})

describe('RH_NodeInfoListNode', () => {
  const list = nodeOf('RH_NodeInfoListNode')
  const item = (nodeId: unknown, fieldName: string, fieldValue: unknown, previousNodeInfoList?: unknown) => ({
    nodeId,
    fieldName,
    fieldValue,
    ...(previousNodeInfoList !== undefined && { previousNodeInfoList }),
  })

  test('adds its field behind those before it and leaves their list alone', async () => {
    const bench = await openNodeBench()
    const first = await bench.run(list, item(6, ' text ', 'a fox'))
    expect(first.ARRAY).toEqual([{ nodeId: '6', fieldName: 'text', fieldValue: 'a fox' }])
    const second = await bench.run(list, item(3, 'seed', 18446744073709551615n, first.ARRAY))
    expect(second.ARRAY).toEqual([
      { nodeId: '6', fieldName: 'text', fieldValue: 'a fox' },
      { nodeId: '3', fieldName: 'seed', fieldValue: 18446744073709551615n },
    ])
    expect(first.ARRAY).toHaveLength(1)
  })

  test('hands a linked number, truth or text on as it is', async () => {
    const bench = await openNodeBench()
    for (const value of [7, 0.5, true, ' spaces stay ']) {
      const { ARRAY } = await bench.run(list, item('57:8', 'value', value))
      expect(ARRAY).toEqual([{ nodeId: '57:8', fieldName: 'value', fieldValue: value }])
    }
  })

  test('takes ids inside subgraphs as text', () => {
    const accepts = list.inputs.get('nodeId')?.acceptsText
    for (const id of ['57:8', '1:2:3']) expect(accepts?.test(id)).toBe(true)
    for (const id of ['x', '57:', ':8', '57:a', '57']) expect(accepts?.test(id)).toBe(false)
  })
})
