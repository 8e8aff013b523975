import { describe, expect, test } from 'vitest'
import { parseJson } from '../../editor/api/json.ts'
import {
  boxText,
  clampNumber,
  controlledValue,
  layoutColumns,
  normaliseWorkflow,
  parseNumber,
  readObjectInfo,
  readWidgetValues,
  shapedType,
  storedValue,
  workflowFromPrompt,
} from '../../editor/node-types/index.ts'

const info = readObjectInfo({
  KSampler: {
    input: {
      required: {
        model: ['MODEL', {}],
        seed: ['INT', { default: 0, min: 0, max: 18446744073709551615n }],
        steps: ['INT', { default: 20, min: 1, max: 10000 }],
        sampler_name: [['euler', 'ddim'], {}],
        image: [['a.png'], { image_upload: true }],
      },
      optional: { apiKey: ['STRING', { secret: true, default: '' }] },
    },
    input_order: { required: ['model', 'seed', 'steps', 'sampler_name', 'image'], optional: ['apiKey'] },
    output: ['LATENT'],
    output_name: ['LATENT'],
    output_is_list: [false],
    display_name: 'KSampler',
    category: 'sampling',
    output_node: false,
  },
})
const sampler = info.get('KSampler')
if (!sampler) throw new Error('no type')
const find = (type: string) => info.get(type)

test('object_info becomes sockets, widgets with their control, and the upload constant', () => {
  expect(sampler.sockets.map(socket => socket.name)).toEqual(['model'])
  expect(sampler.widgets.map(widget => `${widget.name}:${widget.kind}`)).toEqual([
    'seed:number',
    'control_after_generate:control',
    'steps:number',
    'sampler_name:combo',
    'image:file',
    'apiKey:key',
    'upload:constant',
  ])
  expect(sampler.widgets.find(widget => widget.kind === 'key')?.socketType).toBeUndefined()
})

describe('a choice that brings widgets and sockets along', () => {
  const types = readObjectInfo({
    Resize: {
      input: {
        required: {
          input: ['IMAGE,MASK', {}],
          type: [
            'COMFY_DYNAMICCOMBO_V3',
            {
              options: [
                { key: 'sides', inputs: { required: { width: ['INT', { default: 5 }], seed: ['INT', {}] } } },
                { key: 'match', inputs: { required: { match: ['IMAGE', {}], crop: [['no', 'yes'], {}] } } },
              ],
            },
          ],
          method: [['area', 'lanczos'], {}],
        },
      },
      output: ['*'],
    },
  })
  const type = types.get('Resize')
  if (!type) throw new Error('no type')
  const names = (values: Parameters<typeof shapedType>[1]) => {
    const { sockets, widgets } = shapedType(type, values)
    return [...sockets, ...widgets].map(({ name }) => name)
  }
  const sides = ['input', 'type', 'type.width', 'type.seed', 'control_after_generate', 'method']
  const match = ['input', 'type.match', 'type', 'type.crop', 'method']

  test('has those of the first choice, or of the one a file or prompt names', () => {
    const first: Parameters<typeof names>[0][] = [
      undefined,
      [],
      {},
      ['sides', 1, 2, 'fixed'],
      { type: 'sides' },
    ]
    for (const values of first) expect(names(values)).toEqual(sides)
    for (const values of [['match', 'yes', 'area'], { type: 'match' }]) expect(names(values)).toEqual(match)
    expect(names(['gone'])).toEqual(['input', 'type', 'method'])
    expect(shapedType(shapedType(type, ['match']), ['sides']).widgets).toEqual(type.widgets)
    expect(shapedType(type, ['sides'])).toBe(type)
  })

  test('has its values read in their order', () => {
    const stored = ['match', 'yes', 'lanczos']
    expect(readWidgetValues(shapedType(type, stored), stored, 0)).toEqual(stored)
  })

  test('keeps links into what it brought along', () => {
    const file = {
      nodes: [
        { id: 1, type: 'Resize', inputs: [], outputs: [{ name: 'resized', links: [1] }] },
        {
          id: 2,
          type: 'Resize',
          inputs: [{ name: 'type.match', type: 'IMAGE', link: 1 }],
          outputs: [],
          widgets_values: ['match', 'no', 'area'],
        },
      ],
      links: [[1, 1, 0, 2, 0, 'IMAGE']],
    }
    const { nodes } = normaliseWorkflow(file as never, name => types.get(name)) as unknown as {
      nodes: { inputs: { name: string; link: unknown }[] }[]
    }
    const [, second] = nodes
    expect(second?.inputs.map(({ name, link }) => [name, link])).toEqual([
      ['input', null],
      ['type.match', 1],
      ['type', null],
      ['type.crop', null],
      ['method', null],
    ])
  })
})

test('a part of a picture is four numbers to people and an object in files', () => {
  const crop = readObjectInfo({
    ImageCropV2: {
      input: {
        required: {
          image: ['IMAGE', {}],
          crop_region: ['BOUNDING_BOX', { socketless: true, default: { x: 0, y: 0, width: 8, height: 8 } }],
        },
      },
    },
  }).get('ImageCropV2')
  const [spec] = crop?.widgets ?? []
  if (!crop || !spec) throw new Error('no widget')
  expect([spec.kind, spec.default, spec.socketType]).toEqual(['box', '0, 0, 8, 8', undefined])
  expect(crop.sockets.map(({ name }) => name)).toEqual(['image'])
  const box = { x: 1, y: 2, width: 3, height: 4 }
  const [value = null] = readWidgetValues(crop, [box, 1, 2, 3, 4], 0)
  expect(value).toBe('1, 2, 3, 4')
  expect(storedValue(spec, value)).toEqual(box)
  expect(boxText('5, 6 7×8')).toBe('5, 6, 7, 8')
  for (const wrong of ['1, 2, 3', '1, 2, 0, 4', '-1, 2, 3, 4', '1.5, 2, 3, 4', 'a'])
    expect(boxText(wrong)).toBeUndefined()
  const opened = workflowFromPrompt(
    { 1: { class_type: 'ImageCropV2', inputs: { crop_region: box } } },
    type => (type === 'ImageCropV2' ? crop : undefined),
  )
  expect(opened.nodes).toMatchObject([{ widgets_values: [box] }])
})

describe('widgets_values', () => {
  const read = (stored: Parameters<typeof readWidgetValues>[1]) =>
    readWidgetValues(sampler, stored, 0).slice(0, 4)
  test.each([
    ['in order', [18446744073709551615n, 'fixed', 8, 'ddim'], [18446744073709551615n, 'fixed', 8, 'ddim']],
    ['without the control', [5, 8, 'ddim'], [5, 'randomize', 8, 'ddim']],
    ['with the control of old files', [5, true, 8, 'ddim'], [5, 'randomize', 8, 'ddim']],
    ['too few', [5], [5, 'randomize', 20, 'euler']],
    ['none', null, [0, 'randomize', 20, 'euler']],
    ['by name', { seed: 7, steps: 3 }, [7, 'randomize', 3, 'euler']],
  ] as const)('%s', (_name, stored, expected) => {
    expect(read(stored as Parameters<typeof readWidgetValues>[1])).toEqual(expected)
  })
})

test('numbers are typed exactly, and kept inside their bounds exactly', () => {
  const whole = { isWhole: true }
  expect(parseNumber('18446744073709551615', whole)).toBe(18446744073709551615n)
  expect(parseNumber('42', whole)).toBe(42)
  expect(parseNumber('1.6', whole)).toBe(2)
  expect(parseNumber('1,000', whole)).toBe(1000)
  expect(parseNumber('x', whole)).toBeUndefined()
  expect(clampNumber(18446744073709551616n, { max: 18446744073709551615n })).toBe(18446744073709551615n)
})

test('a seed moves on as its control says, across 2^53 too', () => {
  const spec = { min: 0, max: 18446744073709551615n, step: 1 }
  expect(controlledValue(9007199254740991, 'increment', spec, Math.random)).toBe(9007199254740992n)
  expect(controlledValue(9007199254740992n, 'decrement', spec, Math.random)).toBe(9007199254740991)
  expect(controlledValue(5, 'fixed', spec, Math.random)).toBe(5)
  expect(controlledValue(5, 'randomize', spec, () => 0.5)).toBe(2 ** 49)
  expect(controlledValue(18446744073709551615n, 'increment', spec, Math.random)).toBe(18446744073709551615n)
})

test('links follow the input that holds them, whatever the file says of slots', () => {
  const file = parseJson(
    '{"version":0.4,"nodes":[{"id":1,"type":"KSampler","pos":{"0":5,"1":6},"outputs":[{"name":"OLD","type":"LATENT","links":[99]}]},{"id":2,"type":"KSampler","inputs":[{"name":"sampler_name","type":"COMBO","link":3,"widget":{"name":"sampler_name"}},{"name":"model","type":"MODEL","link":4}]}],"links":[[3,1,"0",2,7,"LATENT"],[4,77,0,2,0,"MODEL"]]}',
  )
  const doc = normaliseWorkflow(file as never, find) as unknown as {
    nodes: {
      pos: number[]
      inputs: { name: string; link: number | null }[]
      outputs: { name: string; links: number[] | null }[]
    }[]
    links: unknown[][]
    last_link_id: number
  }
  const [first, second] = doc.nodes
  expect(first?.pos).toEqual([5, 6])
  expect(first?.outputs[0]).toMatchObject({ name: 'LATENT', links: [3] })
  const at = second?.inputs.findIndex(input => input.name === 'sampler_name')
  expect(doc.links).toEqual([[3, 1, 0, 2, at, 'LATENT']])
  expect(second?.inputs[0]).toMatchObject({ name: 'model', link: null })
  expect(doc.last_link_id).toBe(3)
})

test('a prompt is drawn with its links by name and its values by widget', () => {
  const workflow = workflowFromPrompt(
    {
      '1': { class_type: 'Unknown', inputs: { a: 1 } },
      '57:8': {
        class_type: 'KSampler',
        inputs: { model: ['1', 0], seed: 18446744073709551615n, steps: 4 },
        _meta: { title: 'Mine' },
      },
    },
    find,
  )
  expect(workflow.links).toEqual([[1, 1, 0, '57:8', 0, '*']])
  const [, node] = workflow.nodes as Record<string, unknown>[]
  expect(node).toMatchObject({ title: 'Mine', id: '57:8' })
  expect(node?.widgets_values).toMatchObject([
    18446744073709551615n,
    'randomize',
    4,
    'euler',
    'a.png',
    '',
    'image',
  ])
})

test('columns follow links, and nothing overlaps', () => {
  const boxes = ['a', 'b', 'c', 'd'].map(id => ({ id, width: 200, height: 100 }))
  const places = layoutColumns(boxes, [
    { from: 'a', to: 'c' },
    { from: 'b', to: 'c' },
    { from: 'c', to: 'd' },
    { from: 'd', to: 'a' },
  ])
  const at = (id: string) => places.get(id) ?? [0, 0]
  expect(new Set(boxes.map(({ id }) => at(id).join())).size).toBe(4)
  expect(at('c')[0]).toBeGreaterThan(at('b')[0])
})

test('a link of an older node, with fewer outputs, goes to the output of its type', () => {
  const types = readObjectInfo({
    Old: { input: {}, output: ['IMAGE', 'IMAGE', 'VIDEO'], output_name: ['images', 'frames', 'video'] },
    Show: { input: { required: { any: ['*', {}] } }, output: [] },
  })
  const file = (outputs: string[]) =>
    normaliseWorkflow(
      {
        version: 0.4,
        nodes: [
          { id: 1, type: 'Old', outputs: outputs.map(type => ({ name: type, type, links: [3] })) },
          { id: 2, type: 'Show', inputs: [{ name: 'any', type: '*', link: 3 }] },
        ],
        links: [[3, 1, 1, 2, 0, '*']],
      },
      type => types.get(type),
    )
  expect(file(['IMAGE', 'VIDEO']).links).toEqual([[3, 1, 2, 2, 0, '*']])
  expect(file(['IMAGE', 'IMAGE']).links).toEqual([[3, 1, 1, 2, 0, '*']])
})

test('a file of a pack’s own button is a text for links, and leaves no constant behind', () => {
  const types = readObjectInfo({
    Up: { input: { required: { video: [['a.mp4'], { file_upload: 'video' }] } }, output: [] },
  })
  expect(types.get('Up')?.widgets).toMatchObject([{ kind: 'file', media: 'video', socketType: 'STRING' }])
  expect(types.get('Up')?.widgets).toHaveLength(1)
})
