import { describe, expect, test } from 'vitest'
import { node, read, refusal, workflow } from './support.ts'

const uuid = '2f3a0d0c-7d6b-4f3e-9d0e-1c2b3a4d5e6f'
const link = (id: number, from: number, fromSlot: number, to: number, toSlot: number) => ({
  id,
  origin_id: from,
  origin_slot: fromSlot,
  target_id: to,
  target_slot: toSlot,
  type: '*',
})
const slots = (...names: string[]) => names.map(name => ({ id: name, name, type: '*', linkIds: [] }))

/** A subgraph that inverts `image` and has a text node inside whose `value` is promoted as input `words`. */
const definition = {
  id: uuid,
  name: 'Inverter',
  version: 1,
  inputNode: { id: -10 },
  outputNode: { id: -20 },
  inputs: slots('image', 'words'),
  outputs: slots('IMAGE', 'STRING'),
  nodes: [
    node(27, 'ImageInvert', { inputs: [['image', 'IMAGE', 1]], outputs: ['IMAGE'] }),
    node(28, 'PrimitiveString', {
      inputs: [['value', 'STRING', 2, 'widget']],
      outputs: ['STRING'],
      values: ['inside'],
    }),
  ],
  links: [link(1, -10, 0, 27, 5), link(2, -10, 1, 28, 0), link(3, 27, 0, -20, 0), link(4, 28, 0, -20, 1)],
}
const load = node(1, 'LoadImage', { outputs: ['IMAGE', 'MASK'], values: ['a.png', 'image'] })
const instance = (id: number, fields: object = {}) =>
  node(id, uuid, {
    inputs: [
      ['image', 'IMAGE', 10],
      ['words', 'STRING', null, 'widget'],
    ],
    outputs: ['IMAGE', 'STRING'],
    values: [],
    ...fields,
  })
const save = (id: number, from: number) => node(id, 'SaveImage', { inputs: [['images', 'IMAGE', from]] })
const file = (nodes: object[], links: unknown[], subgraphs: object[] = [definition]) =>
  workflow(nodes, links, { definitions: { subgraphs } })
const links = [
  [10, 1, 0, 57, 0, 'IMAGE'],
  [11, 57, 0, 9, 0, 'IMAGE'],
]

describe('subgraphs', () => {
  test('an instance is replaced by its inside, with ids joined by colons', () => {
    const { prompt, report } = read(file([load, instance(57), save(9, 11)], links))
    expect(Object.keys(prompt).sort()).toEqual(['1', '57:27', '57:28', '9'])
    expect(prompt['57:27']?.inputs).toEqual({ image: ['1', 0] })
    expect(prompt['9']?.inputs.images).toEqual(['57:27', 0])
    expect(report.unknown).toEqual([])
    expect(report.nodes).toBe(5)
  })

  test('two instances share one definition, which counts once', () => {
    const { prompt, report } = read(file([load, instance(57), instance(58), save(9, 11)], links))
    expect(prompt['58:27']?.inputs).toEqual({ image: ['1', 0] })
    expect(report.nodes).toBe(6)
  })

  test('a promoted value of the instance wins over the inside, and an outer link over both', () => {
    const words = (fields: object, more: object[] = [], moreLinks: unknown[] = []) =>
      read(file([load, instance(57, fields), save(9, 11), ...more], [...links, ...moreLinks])).prompt['57:28']
        ?.inputs
    expect(words({})).toEqual({ value: 'inside' })
    expect(words({ values: ['outside'] })).toEqual({ value: 'outside' })
    expect(words({ values: ['p'], properties: { proxyWidgets: [['-1', 'words']] } })).toEqual({ value: 'p' })
    expect(
      words({
        values: [null, 'p'],
        properties: {
          proxyWidgets: [
            ['27', 'x'],
            ['28', 'value'],
          ],
        },
      }),
    ).toEqual({
      value: 'p',
    })
    const text = node(3, 'PrimitiveString', { outputs: ['STRING'], values: ['t'] })
    const inputs = [
      ['image', 'IMAGE', 10],
      ['words', 'STRING', 12, 'widget'],
    ]
    expect(words({ values: ['outside'], inputs }, [text], [[12, 3, 0, 57, 1, 'STRING']])).toEqual({
      value: ['3', 0],
    })
  })

  test('a muted instance vanishes with its inside, a bypassed one passes through', () => {
    const muted = read(file([load, instance(57, { mode: 2 }), save(9, 11)], links)).prompt
    expect(Object.keys(muted).sort()).toEqual(['1', '9'])
    expect(muted['9']?.inputs.images).toBeUndefined()
    const bypassed = read(file([load, instance(57, { mode: 4 }), save(9, 11)], links)).prompt
    expect(bypassed['9']?.inputs.images).toEqual(['1', 0])
  })

  test('subgraphs inside subgraphs are followed in both directions', () => {
    const outer = {
      ...definition,
      id: 'outer',
      inputs: slots('picture', 'caption'),
      nodes: [
        node(5, uuid, {
          inputs: [
            ['image', 'IMAGE', 1],
            ['words', 'STRING', 2, 'widget'],
          ],
          outputs: ['IMAGE', 'STRING'],
          values: ['middle'],
        }),
      ],
      links: [link(1, -10, 0, 5, 0), link(2, -10, 1, 5, 1), link(3, 5, 0, -20, 0)],
    }
    const top = (values: unknown[]) =>
      node(57, 'outer', {
        inputs: [
          ['picture', 'IMAGE', 10],
          ['caption', 'STRING', null, 'widget'],
        ],
        outputs: ['IMAGE'],
        values,
      })
    const { prompt } = read(file([load, top([]), save(9, 11)], links, [definition, outer]))
    expect(prompt['57:5:27']?.inputs).toEqual({ image: ['1', 0] })
    expect(prompt['9']?.inputs.images).toEqual(['57:5:27', 0])
    expect(prompt['57:5:28']?.inputs).toEqual({ value: 'middle' })
    const over = read(file([load, top(['top']), save(9, 11)], links, [definition, outer])).prompt
    expect(over['57:5:28']?.inputs).toEqual({ value: 'top' })
  })

  test('a border that is wired straight through is no node', () => {
    const wire = { ...definition, nodes: [], links: [link(1, -10, 0, -20, 0)] }
    expect(read(file([load, instance(57), save(9, 11)], links, [wire])).prompt['9']?.inputs.images).toEqual([
      '1',
      0,
    ])
  })

  test('a subgraph that contains itself is left closed, with a notice', () => {
    const self = {
      ...definition,
      nodes: [node(5, uuid, { outputs: ['IMAGE'] })],
      links: [link(3, 5, 0, -20, 0)],
    }
    const { report } = read(file([load, instance(57), save(9, 11)], links, [self]))
    expect(report.notices.map(({ code }) => code)).toContain('subgraph-recursive')
  })

  test('subgraphs that double at every level are refused', () => {
    const levels = Array.from({ length: 40 }, (_, level) => ({
      id: `level-${level}`,
      nodes: [node(1, `level-${level + 1}`), node(2, `level-${level + 1}`)],
      links: [],
    }))
    expect(refusal(file([node(1, 'level-0')], [], levels)).code).toBe('workflow-too-big')
  })
})

describe('legacy group nodes', () => {
  const group = {
    nodes: [
      { index: 0, ...node(-1, 'ImageInvert', { inputs: [['image', 'IMAGE', 5]], outputs: ['IMAGE'] }) },
      { index: 1, ...node(-1, 'SaveImage', { inputs: [['images', 'IMAGE', 6]], values: ['old'] }) },
    ],
    links: [[0, 0, 1, 0, 2, 'IMAGE']],
    external: [],
  }
  const extra = { groupNodes: { Mine: group } }

  test('they are opened like subgraphs', () => {
    const outer = node(57, 'workflow>Mine', { inputs: [['image', 'IMAGE', 10]], values: ['new'] })
    const { prompt, report } = read(workflow([load, outer], [[10, 1, 0, 57, 0, 'IMAGE']], { extra }))
    expect(report.unknown).toEqual([])
    expect(prompt['57:0']?.inputs).toEqual({ image: ['1', 0] })
    expect(prompt['57:1']?.inputs).toEqual({ images: ['57:0', 0], filename_prefix: 'new' })
  })

  test('one without its definition is reported as unknown', () => {
    expect(read(workflow([node(57, 'workflow>Gone')])).report.unknown[0]?.type).toBe('workflow>Gone')
  })
})
