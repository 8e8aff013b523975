import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BridgeError } from '../../server/shared/errors.ts'
import { writeJson } from '../../server/shared/lossless-json.ts'
import { readWorkflow } from '../../server/workflow/index.ts'
import { cpuTime } from '../support/cpu-time.ts'
import { catalogue, node, png, read, textChunk, workflow } from './support.ts'

function survives(source: Uint8Array | string): void {
  try {
    const { report } = readWorkflow(source, { catalogue })
    writeJson(report)
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error
    expect(error.code).toMatch(/^workflow-/)
    expect(error.message).not.toContain('\n')
  }
}

const rich = writeJson(
  workflow(
    [
      node(1, 'LoadImage', { outputs: ['IMAGE', 'MASK'], values: ['a.png', 'image'] }),
      node(2, 'Reroute', { inputs: [['', '*', 1]], outputs: ['*'] }),
      node(3, 'ImageInvert', { mode: 4, inputs: [['image', 'IMAGE', 2]], outputs: ['IMAGE'] }),
      node(4, 'sub', {
        inputs: [['image', 'IMAGE', 3]],
        outputs: ['IMAGE'],
        properties: { proxyWidgets: [['5', 'x']] },
      }),
      node(5, 'SaveImage', { inputs: [['images', 'IMAGE', 4]], values: { filename_prefix: 'x' } }),
      node(6, 'RH_SettingsNode', { values: ['https://www.runninghub.cn', '', 1873567075221295105n] }),
      node(7, 'PrimitiveNode', { outputs: ['INT'], values: [1, 'fixed'] }),
    ],
    [
      [1, 1, 0, 2, 0, '*'],
      [2, 2, 0, 3, 0, '*'],
      [3, 3, 0, 4, 0, '*'],
      [4, 4, 0, 5, 0, '*'],
    ],
    {
      definitions: {
        subgraphs: [
          { id: 'sub', inputs: [{ name: 'image' }], nodes: [node(5, 'Odd')], links: [[1, -10, 0, -20, 0]] },
        ],
      },
      extra: { groupNodes: { G: { nodes: [{}], links: [[0, 0, 0, 0]] } }, ue_links: [{ downstream: 5 }] },
    },
  ),
)

/** The same JSON with one value somewhere replaced by something else. */
function mutate(text: string, at: number, replacement: unknown): string {
  let count = 0
  const total = (text.match(/[[{,:]/g) ?? []).length
  const goal = at % total
  return JSON.stringify(JSON.parse(text), (_key, value) => (count++ === goal ? replacement : value)) ?? 'null'
}

describe('anything may come in', () => {
  test('random bytes give a BridgeError or are read', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), survives), { numRuns: 300 })
  })

  test('random JSON gives a BridgeError or is read', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        survives(writeJson(a))
        survives(writeJson({ nodes: a, links: b }))
        survives(
          writeJson({ nodes: [a, { id: b, type: 'LoadImage', widgets_values: a, inputs: b }], links: [b] }),
        )
        survives(writeJson({ prompt: { 1: { class_type: 'RH_SettingsNode', inputs: { apiKey: a, x: b } } } }))
      }),
      { numRuns: 300 },
    )
  })

  test('workflows with one value replaced give a BridgeError or are read', () => {
    const odd = fc.oneof(fc.jsonValue(), fc.constantFrom('__proto__', -10, -20, 4, 1, null, [], {}, ''))
    fc.assert(
      fc.property(fc.nat(), odd, (at, value) => survives(mutate(rich, at, value))),
      { numRuns: 1000 },
    )
  })

  test('texts with one character changed or cut off give a BridgeError or are read', () => {
    fc.assert(
      fc.property(fc.nat({ max: rich.length }), fc.string({ maxLength: 2 }), (at, text) => {
        survives(rich.slice(0, at))
        survives(rich.slice(0, at) + text + rich.slice(at + 1))
      }),
      { numRuns: 300 },
    )
  })

  test('damaged PNG files give a BridgeError or are read', () => {
    const whole = png([textChunk('workflow', rich), ['iTXt', Buffer.from('prompt\0\x01\0\0\0junk')]])
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        survives(whole.slice(0, at))
        survives(whole.with(at, byte))
      }),
      { numRuns: 300 },
    )
  })

  test('whole numbers of any size survive the way through', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), seed => {
        const text = writeJson(
          workflow([node(1, 'KSampler', { values: [seed, 'fixed'] })], [], { extra: { seed } }),
        )
        const { prompt, workflow: kept } = read(text)
        expect(writeJson(kept)).toBe(text)
        expect(writeJson(prompt['1']?.inputs.seed)).toBe(String(seed))
      }),
    )
  })
})

describe('broken files are read as far as possible', () => {
  test('two nodes with one id', () => {
    const twice = [node(1, 'LoadImage', { values: ['a.png'] }), node(1, 'LoadImage', { values: ['b.png'] })]
    const { prompt, report } = read(workflow(twice))
    expect(Object.values(prompt).map(item => item.inputs.image)).toEqual(['a.png', 'b.png'])
    expect(report.notices.map(({ code }) => code)).toEqual(['node-id'])
  })

  test('nodes that are none and links that are none', () => {
    const { prompt, report } = read(
      workflow([null, 'x', 7, [], {}, node(1, 'LoadImage', { values: ['a.png'] })], [null, 'x', [1], {}]),
    )
    expect(Object.keys(prompt)).toEqual(['1'])
    const codes = report.notices.map(({ code }) => code)
    expect(codes.filter(code => code === 'node-unreadable')).toHaveLength(5)
    expect(codes.filter(code => code === 'link-unreadable')).toHaveLength(4)
  })

  test('no links, or no nodes', () => {
    expect(read({ nodes: [node(1, 'LoadImage')], version: 0.4, last_node_id: 1 }).report.nodes).toBe(1)
    const { report } = read({ links: [], version: 0.4, last_node_id: 1 })
    expect(report.nodes).toBe(0)
    expect(report.notices.map(({ code }) => code)).toEqual(['nodes-missing'])
  })

  test('thousands of troubles make a short report', () => {
    const { report } = read(workflow(Array.from({ length: 5000 }, () => null)))
    expect(report.notices.length).toBeLessThan(100)
    expect(report.notices.at(-1)?.message).toContain('4950')
  })

  test('unknown fields at every level survive', () => {
    const odd = {
      ...workflow([{ ...node(1, 'LoadImage'), odd: [1] }]),
      odd: { a: null },
      floatingLinks: [{ id: 1 }],
    }
    expect(read(odd).workflow).toEqual(JSON.parse(writeJson(odd)))
  })

  test('20,000 unknown types in a chain are reported in time', () => {
    const count = 20_000
    const nodes = Array.from({ length: count }, (_, id) =>
      node(id, `Odd${id}`, { inputs: id === 0 ? [] : [['in', '*', id]], outputs: ['*'] }),
    )
    const links = Array.from({ length: count - 1 }, (_, id) => [id + 1, id, 0, id + 1, 0, '*'])
    const took = cpuTime()
    expect(read(workflow(nodes, links)).report.unknown).toHaveLength(count)
    expect(took()).toBeLessThan(20_000)
  })
})
