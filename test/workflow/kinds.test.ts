import { describe, expect, test } from 'vitest'
import { writeJson } from '../../server/shared/lossless-json.ts'
import { node, packedChunk, png, read, textChunk, workflow, zippedChunk } from './support.ts'

const saved = workflow(
  [
    node(1, 'LoadImage', { outputs: ['IMAGE', 'MASK'], values: ['a.png', 'image'] }),
    node(2, 'SaveImage', { inputs: [['images', 'IMAGE', 7]], values: ['out'] }),
  ],
  [[7, 1, 0, 2, 0, 'IMAGE']],
)
const prompt = {
  1: { class_type: 'LoadImage', inputs: { image: 'exact.png' } },
  2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'out' } },
}

describe('every kind of file', () => {
  test('a workflow of version 0.4', () => {
    const { prompt: made, workflow: kept, report } = read(saved)
    expect(report.kind).toBe('workflow-0.4')
    expect(made['1']?.inputs).toEqual({ image: 'a.png' })
    expect(made['2']).toEqual({
      class_type: 'SaveImage',
      inputs: { images: ['1', 0], filename_prefix: 'out' },
      _meta: { title: 'Save Image' },
    })
    expect(kept).toEqual(saved)
    expect(report.known.map(({ type, count }) => [type, count])).toEqual([
      ['LoadImage', 1],
      ['SaveImage', 1],
    ])
  })

  test('a workflow of version 1, whose links are objects', () => {
    const link = { id: 7, origin_id: 1, origin_slot: 0, target_id: 2, target_slot: 0, type: 'IMAGE' }
    const { prompt: made, report } = read({ ...saved, version: 1, links: [link] })
    expect(report.kind).toBe('workflow-1')
    expect(made['2']?.inputs.images).toEqual(['1', 0])
  })

  test('a prompt', () => {
    const { prompt: made, workflow: kept, report } = read(prompt)
    expect(report.kind).toBe('prompt')
    expect(kept).toBeUndefined()
    expect(made).toEqual(prompt)
    expect(Object.getPrototypeOf(made)).toBeNull()
  })

  test.each([
    ['an object', { prompt }],
    ['a text, as getJsonApiFormat gives it', { prompt: writeJson(prompt) }],
    [
      'inside the whole answer of RunningHub',
      { code: 0, msg: 'success', data: { prompt: writeJson(prompt) } },
    ],
    ['as one JSON text', JSON.stringify(writeJson({ prompt }))],
  ])('a prompt wrapped: %s', (_name, source) => {
    const { prompt: made, report } = read(typeof source === 'string' ? source : source)
    expect(report.kind).toBe('wrapper')
    expect(made).toEqual(prompt)
  })

  test('a whole request body gives the prompt as written and the workflow beside it', () => {
    const { prompt: made, workflow: kept } = read({
      client_id: 'x',
      prompt,
      extra_data: { extra_pnginfo: { workflow: saved }, api_key_comfy_org: 'k' },
    })
    expect(made['1']?.inputs.image).toBe('exact.png')
    expect(kept).toEqual(saved)
  })

  test.each([
    ['tEXt', textChunk],
    ['compressed iTXt', packedChunk],
    ['zTXt', zippedChunk],
  ])('a PNG with %s', (_name, chunk) => {
    const { report, prompt: made, workflow: kept } = read(png([chunk('workflow', writeJson(saved))]))
    expect(report.kind).toBe('png-workflow')
    expect(made['1']?.inputs.image).toBe('a.png')
    expect(kept).toEqual(saved)
    expect(read(png([chunk('prompt', writeJson(prompt))])).report.kind).toBe('png-prompt')
  })

  test('an animated PNG keeps its texts in comf chunks', () => {
    const [, data] = textChunk('workflow', writeJson(saved))
    expect(read(png([['comf', data]])).report.kind).toBe('png-workflow')
  })

  test('of a PNG with both, the prompt is the exact record and the workflow is for editing', () => {
    const both = [textChunk('prompt', writeJson(prompt)), textChunk('workflow', writeJson(saved))]
    const { prompt: made, workflow: kept, report } = read(png(both))
    expect(made['1']?.inputs.image).toBe('exact.png')
    expect(kept).toEqual(saved)
    expect(report.kind).toBe('png-workflow')
  })

  test('a PNG whose prompt is broken is converted from its workflow', () => {
    const both = [textChunk('prompt', '{"1": {'), textChunk('workflow', writeJson(saved))]
    const { prompt: made, report } = read(png(both))
    expect(made['1']?.inputs.image).toBe('a.png')
    expect(report.notices.map(({ code }) => code)).toContain('png-text')
  })

  test('a byte order mark, UTF-16 and NaN are no obstacle', () => {
    const text = writeJson(saved)
    expect(read(`\ufeff${text}`).report.nodes).toBe(2)
    expect(read(Buffer.from(`\ufeff${text}`, 'utf16le')).report.nodes).toBe(2)
    const withNaN = read(text.replace('"version":0.4', '"version":0.4,"zoom":NaN'))
    expect(withNaN.workflow?.zoom).toBeNull()
    expect(withNaN.report.notices.map(({ code }) => code)).toContain('not-a-number')
  })
})

describe('a prompt as people have it', () => {
  test('wrong names of types are put right, and said', () => {
    const { prompt: made, report } = read({ 5: { class_type: 'SettingsNode', inputs: {} } })
    expect(made['5']?.class_type).toBe('RH_SettingsNode')
    expect(report.aliases).toEqual([{ nodeId: '5', written: 'SettingsNode', type: 'RH_SettingsNode' }])
  })

  test('links to nothing are reported and left as written', () => {
    const { prompt: made, report } = read({ 2: { class_type: 'SaveImage', inputs: { images: ['9', 0] } } })
    expect(made['2']?.inputs.images).toEqual(['9', 0])
    expect(report.brokenLinks).toMatchObject([{ nodeId: '2', input: 'images' }])
  })

  test('a link whose source is a number is read as a link', () => {
    const { prompt: made } = read({ ...prompt, 2: { class_type: 'SaveImage', inputs: { images: [1, 0] } } })
    expect(made['2']?.inputs.images).toEqual(['1', 0])
  })

  test('a node called __proto__ is a node like any other', () => {
    const text = `{"__proto__": {"class_type": "Odd", "inputs": {"__proto__": 1}}, "2": {"class_type": "SaveImage", "inputs": {"images": ["__proto__", 0]}}}`
    const { prompt: made, report } = read(text)
    expect(Object.keys(made)).toEqual(['2', '__proto__'])
    expect(Object.keys(Object.getOwnPropertyDescriptor(made, '__proto__')?.value.inputs)).toEqual([
      '__proto__',
    ])
    expect(report.unknown).toMatchObject([{ type: 'Odd', nodeIds: ['__proto__'], cutsOff: ['2'] }])
    expect(({} as { class_type?: unknown }).class_type).toBeUndefined()
  })
})

describe('a frozen node', () => {
  test('says in its properties which pin it gives; muted or bypassed it is just that', () => {
    const [one, two] = (saved as { nodes: object[] }).nodes
    const frozen = (mode: number) => ({
      ...saved,
      nodes: [{ ...one, mode, properties: { rh_frozen: 'pin-1' } }, two],
    })
    const { prompt: made, workflow: kept } = read(frozen(0))
    expect(made['1']?._meta).toEqual({ title: 'Load Image', frozen: 'pin-1' })
    expect(made['2']?._meta).toEqual({ title: 'Save Image' })
    expect(kept).toEqual(frozen(0))
    expect(Object.keys(read(frozen(2)).prompt)).toEqual(['2'])
    expect(Object.keys(read(frozen(4)).prompt)).toEqual(['2'])
  })

  test('of a prompt keeps its pin', () => {
    const meta = { title: 'mine', frozen: 'pin-1' }
    const { prompt: made } = read({ ...prompt, 1: { ...prompt[1], _meta: meta } })
    expect(made['1']?._meta).toEqual(meta)
    expect(read({ ...prompt, 1: { ...prompt[1], _meta: { frozen: 7 } } }).prompt['1']?._meta).toBeUndefined()
  })
})
