import { describe, expect, test } from 'vitest'
import { node, read, workflow } from './support.ts'

function inputsOf(type: string, values: unknown, fields: object = {}) {
  const { prompt, report } = read(workflow([node(1, type, { values, ...fields })]))
  return { inputs: prompt['1']?.inputs, codes: report.notices.map(({ code }) => code) }
}
const sampler = { seed: 5, steps: 20, cfg: 8, sampler_name: 'euler', scheduler: 'normal', denoise: 1 }

describe('widgets_values', () => {
  test('the word after a seed is its control, not a value', () => {
    for (const word of ['fixed', 'randomize', 'increment', true, false]) {
      expect(inputsOf('KSampler', [5, word, 20, 8, 'euler', 'normal', 1]).inputs).toEqual(sampler)
    }
  })

  test('a file without control words is read as well', () => {
    expect(inputsOf('KSampler', [5, 20, 8, 'euler', 'normal', 1]).inputs).toEqual(sampler)
  })

  test('a text may be the word "fixed"', () => {
    expect(inputsOf('SeededText', [5, 'randomize', 'fixed']).inputs).toEqual({ seed: 5, text: 'fixed' })
    expect(inputsOf('SeededText', [5, 'fixed']).inputs).toEqual({ seed: 5, text: 'fixed' })
    expect(inputsOf('SeededText', [5, 'randomize', 'cat']).inputs).toEqual({ seed: 5, text: 'cat' })
  })

  test('the option asks for a control word where the name does not', () => {
    expect(inputsOf('PrimitiveInt', [10, 'fixed'])).toEqual({ inputs: { value: 10 }, codes: [] })
    expect(inputsOf('PrimitiveInt', [10]).inputs).toEqual({ value: 10 })
  })

  test('missing values are the defaults, whatever form nothing takes', () => {
    const defaults = { ...sampler, seed: 0 }
    for (const values of [undefined, null, [], {}]) {
      expect(inputsOf('KSampler', values).inputs).toEqual(defaults)
    }
    expect(inputsOf('KSampler', [7, 'fixed', 3]).inputs).toEqual({ ...sampler, seed: 7, steps: 3 })
    expect(inputsOf('KSampler', [null, 'fixed', 3]).inputs).toEqual({ ...defaults, steps: 3 })
  })

  test('upload buttons leave a word behind, which is no value', () => {
    expect(inputsOf('LoadImage', ['a.png', 'image'])).toEqual({ inputs: { image: 'a.png' }, codes: [] })
    expect(inputsOf('RH_AudioUploader', ['a.m4a', ''])).toEqual({ inputs: { audio: 'a.m4a' }, codes: [] })
    expect(inputsOf('LoadImage', null).inputs).toEqual({})
  })

  test('more values than inputs are ignored with a notice', () => {
    expect(inputsOf('PrimitiveString', ['a', 'b', 3])).toEqual({
      inputs: { value: 'a' },
      codes: ['values-ignored'],
    })
  })

  test('values in an object are taken by name, without previews and captions', () => {
    const values = {
      text: 'x',
      seed: 3,
      extra_crf: 19,
      videopreview: { a: 1 },
      'choose file to upload': 'image',
    }
    expect(inputsOf('SeededText', values).inputs).toEqual({ text: 'x', seed: 3, extra_crf: 19 })
  })

  test('dummies of inputs that are forced to be sockets are dropped', () => {
    expect(inputsOf('ForcedText', ['dummy', true]).inputs).toEqual({ upper: true })
    expect(inputsOf('ForcedText', [true]).inputs).toEqual({ upper: true })
  })

  test('a list as a value is wrapped, so that nobody takes it for a link', () => {
    expect(inputsOf('PrimitiveString', [['a', 1]]).inputs).toEqual({ value: { __value__: ['a', 1] } })
  })

  test('an older layout is read by the node itself, with a notice', () => {
    expect(inputsOf('RH_SettingsNode', ['', '12'])).toEqual({
      inputs: { base_url: 'https://www.runninghub.cn', apiKey: '', workflowId_webappId: '12' },
      codes: ['old-layout'],
    })
    const { inputs } = inputsOf('RH_ExecuteNode', [600, 10], { outputs: ['IMAGE'] })
    expect(inputs).toMatchObject({ run_timeout: 600, concurrency_limit: 1 })
  })

  test('a link overrides a stale value, and without a link the value counts', () => {
    const info = (link: number | null) =>
      node(2, 'RH_NodeInfoListNode', {
        inputs: [
          ['previousNodeInfoList', 'ARRAY'],
          ['fieldValue', 'STRING', link, 'widget'],
        ],
        values: [19, 'image', '18'],
      })
    const text = node(1, 'PrimitiveString', { outputs: ['STRING'], values: ['new'] })
    const value = (link: number | null) =>
      read(workflow([text, info(link)], [[4, 1, 0, 2, 1, 'STRING']])).prompt['2']?.inputs.fieldValue
    expect(value(4)).toEqual(['1', 0])
    expect(value(null)).toBe('18')
  })

  test('integers beyond 2^53 survive in prompt and workflow', () => {
    const text = JSON.stringify(workflow([node(1, 'KSampler', { values: ['SEED', 'fixed'] })]))
    const { prompt, workflow: kept } = read(text.replace('"SEED"', '18446744073709551615'))
    expect(prompt['1']?.inputs.seed).toBe(18446744073709551615n)
    expect(kept?.nodes).toMatchObject([{ widgets_values: [18446744073709551615n, 'fixed'] }])
  })
})

describe('unknown nodes', () => {
  test('they stay in the prompt with their links, and with the values that can be named', () => {
    const odd = node(5, 'Odd', {
      inputs: [
        ['image', 'IMAGE', 1],
        ['seed', 'INT', null, 'widget'],
        ['text', 'STRING', null, 'widget'],
      ],
      outputs: ['IMAGE'],
      values: [7, 'randomize', 'hello'],
      title: 'My node',
      properties: { cnr_id: 'odd-pack', ver: '0123456789abcdef0123456789abcdef01234567' },
    })
    const nodes = [
      node(1, 'LoadImage', { outputs: ['IMAGE', 'MASK'], values: ['a.png', 'image'] }),
      odd,
      node(9, 'SaveImage', { inputs: [['images', 'IMAGE', 2]], values: ['x'] }),
      node(10, 'OddEnd', { inputs: [['images', 'IMAGE', 3]], values: [1, 2] }),
    ]
    const links = [
      [1, 1, 0, 5, 0, 'IMAGE'],
      [2, 5, 0, 9, 0, 'IMAGE'],
      [3, 1, 0, 10, 0, 'IMAGE'],
    ]
    const { prompt, report } = read(workflow(nodes, links))
    expect(prompt['5']).toMatchObject({
      class_type: 'Odd',
      inputs: { image: ['1', 0], seed: 7, text: 'hello' },
    })
    expect(prompt['10']?.inputs).toEqual({ images: ['1', 0] })
    expect(report.unknown).toEqual([
      { type: 'Odd', nodeIds: ['5'], titles: ['My node'], pack: 'odd-pack', cutsOff: ['9'] },
      { type: 'OddEnd', nodeIds: ['10'], titles: ['OddEnd'], cutsOff: [], outputs: true },
    ])
    expect(report.keys).toEqual([])
  })

  test('values are not guessed when only some widgets have a slot', () => {
    const old = node(5, 'Odd', {
      inputs: [['steps', 'INT', null, 'widget']],
      values: [7, 'randomize', 20, 'x'],
    })
    expect(read(workflow([old])).prompt['5']?.inputs).toEqual({})
  })
})
