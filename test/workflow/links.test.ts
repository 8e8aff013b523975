import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cpuTime } from '../support/cpu-time.ts'
import { type ArrayLink, node, read, workflow } from './support.ts'

const load = (id: number) => node(id, 'LoadImage', { outputs: ['IMAGE', 'MASK'], values: ['a.png', 'image'] })
const save = (id: number, link: number | null) =>
  node(id, 'SaveImage', { inputs: [['images', 'IMAGE', link]], values: ['out'] })

/** What feeds SaveImage 9 when the node in the middle (5) is as given. */
function through(middle: object, links: ArrayLink[], more: object[] = []) {
  const { prompt, report } = read(workflow([load(1), middle, ...more, save(9, 2)], links))
  return { images: prompt['9']?.inputs.images, report, prompt }
}
const straight: ArrayLink[] = [
  [1, 1, 0, 5, 0, 'IMAGE'],
  [2, 5, 0, 9, 0, 'IMAGE'],
]

describe('what feeds an input', () => {
  test('a Reroute passes its input on, muted or not', () => {
    const reroute = (mode: number) => node(5, 'Reroute', { mode, inputs: [['', '*', 1]], outputs: ['*'] })
    expect(through(reroute(0), straight).images).toEqual(['1', 0])
    expect(through(reroute(2), straight).images).toEqual(['1', 0])
  })

  test.each([
    ['of two outputs, pictures and videos', ['IMAGE', 'VIDEO'], 5],
    ['of two outputs, pictures and a latent', ['IMAGE', 'LATENT'], 2],
    ['of today', ['IMAGE', 'IMAGE', 'LATENT', 'STRING', 'AUDIO', 'VIDEO'], 1],
    ['whose outputs say nothing', ['*', '*'], 1],
  ])('slot 1 of a node %s', (_when, outputs, slot) => {
    const execute = node(5, 'RH_ExecuteNode', { outputs })
    const show = node(9, 'ShowAnything', { inputs: [['anything', '*', 2]] })
    const { prompt } = read(workflow([execute, show], [[2, 5, 1, 9, 0, '*']]))
    expect(prompt['9']?.inputs.anything).toEqual(['5', slot])
  })

  test('an input is found by the name it had formerly', () => {
    const infos = node(5, 'RH_NodeInfoListNode', { outputs: ['ARRAY'], values: [1, 'text', 'x'] })
    const execute = node(9, 'RH_ExecuteNode', { inputs: [['infos', 'ARRAY', 2]] })
    const { prompt } = read(workflow([infos, execute], [[2, 5, 0, 9, 0, 'ARRAY']]))
    expect(prompt['9']?.inputs.nodeInfoList).toEqual(['5', 0])
  })

  test('a muted node drops the input and is reported as skipped', () => {
    const muted = node(5, 'ImageInvert', { mode: 2, inputs: [['image', 'IMAGE', 1]], outputs: ['IMAGE'] })
    const { images, report, prompt } = through(muted, straight)
    expect(images).toBeUndefined()
    expect(prompt['5']).toBeUndefined()
    expect(report.skipped).toEqual([{ nodeId: '5', type: 'ImageInvert', why: 'muted' }])
  })

  test('a muted source of a converted widget drops the stale value as well', () => {
    const text = node(5, 'PrimitiveString', { mode: 2, outputs: ['STRING'], values: ['x'] })
    const info = node(6, 'RH_NodeInfoListNode', {
      inputs: [
        ['previousNodeInfoList', 'ARRAY'],
        ['fieldValue', 'STRING', 3, 'widget'],
      ],
      values: [1, 'text', 'stale'],
    })
    const { prompt } = read(workflow([text, info], [[3, 5, 0, 6, 1, 'STRING']]))
    expect(prompt['6']?.inputs).toEqual({ nodeId: 1, fieldName: 'text' })
  })

  test('a bypassed node passes on the input of the same number when its type fits', () => {
    const bypassed = node(5, 'ImageInvert', { mode: 4, inputs: [['image', 'IMAGE', 1]], outputs: ['IMAGE'] })
    const { images, report } = through(bypassed, straight)
    expect(images).toEqual(['1', 0])
    expect(report.skipped[0]?.why).toBe('bypassed')
  })

  test('a bypassed node passes on the first input of the same type when the opposite one does not fit', () => {
    const inputs: [string, string, number | null][] = [
      ['mask', 'MASK', null],
      ['image', 'IMAGE', 1],
    ]
    expect(through(node(5, 'MaskJoin', { mode: 4, inputs, outputs: ['IMAGE'] }), straight).images).toEqual([
      '1',
      0,
    ])
  })

  test('a bypassed loader has nothing to pass on', () => {
    expect(through(node(5, 'LoadImage', { mode: 4, outputs: ['IMAGE'] }), straight).images).toBeUndefined()
  })

  test('a PrimitiveNode gives its value, also through a Reroute', () => {
    const primitive = node(5, 'PrimitiveNode', { outputs: ['INT'], values: [12345678901234567890n, 'fixed'] })
    const reroute = node(6, 'Reroute', { inputs: [['', '*', 3]], outputs: ['*'] })
    const sampler = node(7, 'KSampler', {
      inputs: [
        ['latent', 'LATENT'],
        ['seed', 'INT', 4, 'widget'],
      ],
      values: [1, 'fixed', 20, 8, 'euler', 'normal', 1],
    })
    const links = [
      [3, 5, 0, 6, 0, '*'],
      [4, 6, 0, 7, 1, 'INT'],
    ]
    const { prompt } = read(workflow([primitive, reroute, sampler], links))
    expect(prompt['7']?.inputs.seed).toBe(12345678901234567890n)
    expect(Object.keys(prompt)).toEqual(['7'])
  })

  test('GetNode follows the SetNode of its name', () => {
    const set = node(5, 'SetNode', { inputs: [['IMAGE', 'IMAGE', 1]], outputs: ['*'], values: ['picture'] })
    const get = node(6, 'GetNode', { outputs: ['IMAGE'], values: ['picture'] })
    const links: ArrayLink[] = [
      [1, 1, 0, 5, 0, 'IMAGE'],
      [2, 6, 0, 9, 0, 'IMAGE'],
    ]
    expect(through(set, links, [get]).images).toEqual(['1', 0])
    const lost = through(node(6, 'GetNode', { outputs: ['IMAGE'], values: ['other'] }), [
      [2, 6, 0, 9, 0, 'IMAGE'],
    ])
    expect(lost.report.brokenLinks[0]?.why).toContain('"other"')
  })

  test('notes are left out and counted as skipped', () => {
    const { report } = read(workflow([node(1, 'Note', { values: ['hi'] }), node(2, 'MarkdownNote'), load(3)]))
    expect(report.skipped.map(({ why }) => why)).toEqual(['virtual', 'virtual'])
    expect(report.unknown).toEqual([])
  })

  test('the input that holds the link counts, not the stale target slot', () => {
    const stale: ArrayLink[] = [[2, 1, 0, 9, 7, 'IMAGE']]
    expect(read(workflow([load(1), save(9, 2)], stale)).prompt['9']?.inputs.images).toEqual(['1', 0])
  })

  test('links to nothing are reported and count as not linked', () => {
    const noRecord = read(workflow([save(9, 2)])).report
    expect(noRecord.brokenLinks).toEqual([{ nodeId: '9', input: 'images', why: 'there is no link 2' }])
    const noNode = read(workflow([save(9, 2)], [[2, 77, 0, 9, 0, 'IMAGE']])).report
    expect(noNode.brokenLinks[0]?.why).toContain('77')
    const noSlot = read(workflow([load(1), save(9, 2)], [[2, 1, 6, 9, 0, 'IMAGE']]))
    expect(noSlot.report.brokenLinks[0]?.why).toContain('no output 6')
    expect(noSlot.prompt['9']?.inputs.images).toBeUndefined()
  })

  test('reroutes in a circle end', () => {
    const a = node(5, 'Reroute', { inputs: [['', '*', 2]], outputs: ['*'] })
    const b = node(6, 'Reroute', { inputs: [['', '*', 1]], outputs: ['*'] })
    const links: ArrayLink[] = [
      [1, 5, 0, 6, 0, '*'],
      [2, 6, 0, 5, 0, '*'],
      [3, 6, 0, 9, 0, '*'],
    ]
    const { report } = read(workflow([a, b, save(9, 3)], links))
    expect(report.brokenLinks[0]?.why).toContain('back to itself')
  })

  test('invisible links of Use Everywhere fill inputs that are not linked', () => {
    const extra = {
      ue_links: [{ downstream: 9, downstream_slot: 0, upstream: '1', upstream_slot: 0, type: 'IMAGE' }],
    }
    const { prompt } = read(workflow([load(1), save(9, null)], [], { extra }))
    expect(prompt['9']?.inputs.images).toEqual(['1', 0])
  })

  test('10,000 reroutes in a row, each also feeding a node, are followed in linear time', () => {
    const nodes: object[] = [load(0)]
    const links: ArrayLink[] = []
    const last = 10_000
    // The far end comes first in the file, so that nothing is remembered when it is followed.
    for (let id = last; id >= 1; id--) {
      links.push([id, id - 1, 0, id, 0, '*'], [100_000 + id, id, 0, 50_000 + id, 0, 'IMAGE'])
      nodes.push(
        node(id, 'Reroute', { inputs: [['', '*', id]], outputs: ['*'] }),
        save(50_000 + id, 100_000 + id),
      )
    }
    const took = cpuTime()
    const { prompt } = read(workflow(nodes, links))
    expect(prompt[String(50_000 + last)]?.inputs.images).toEqual(['0', 0])
    expect(took()).toBeLessThan(8000)
  })

  test('any chain of reroutes, bypassed nodes and Set/Get pairs equals a direct link', () => {
    const kind = fc.constantFrom('reroute', 'bypass', 'setget')
    fc.assert(
      fc.property(fc.array(kind, { maxLength: 30 }), fc.boolean(), (chain, shuffled) => {
        const nodes: object[] = [load(1)]
        const links: ArrayLink[] = []
        let from = 1
        let next = 100
        const connect = (to: number) => {
          links.push([next, from, 0, to, 0, 'IMAGE'])
          return next++
        }
        chain.forEach((what, index) => {
          const id = 1000 + index * 2
          const link = connect(id)
          if (what === 'reroute')
            nodes.push(node(id, 'Reroute', { inputs: [['', '*', link]], outputs: ['*'] }))
          else if (what === 'bypass') {
            nodes.push(
              node(id, 'ImageInvert', { mode: 4, inputs: [['image', 'IMAGE', link]], outputs: ['IMAGE'] }),
            )
          } else {
            nodes.push(node(id, 'SetNode', { inputs: [['IMAGE', 'IMAGE', link]], values: [`n${index}`] }))
            nodes.push(node(id + 1, 'GetNode', { outputs: ['IMAGE'], values: [`n${index}`] }))
          }
          from = what === 'setget' ? id + 1 : id
        })
        nodes.push(save(9, connect(9)))
        if (shuffled) nodes.reverse()
        const { prompt } = read(workflow(nodes, links))
        expect(Object.keys(prompt)).toEqual(['1', '9'])
        expect(prompt['9']?.inputs).toEqual({ images: ['1', 0], filename_prefix: 'out' })
      }),
      { numRuns: 60 },
    )
  })
})
