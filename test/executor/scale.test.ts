import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ResultCache } from '../../server/executor/index.ts'
import type { PromptNode } from '../../server/shared/prompt.ts'
import { fed, idsOf, memoryCache, node, openExecutor, stopButton } from './support.ts'

type Nodes = Record<string, PromptNode>

function chain(length: number): Nodes {
  const nodes: Nodes = { n0: node('Step') }
  for (let index = 1; index < length; index++) nodes[`n${index}`] = fed('Step', `n${index - 1}`)
  return { ...nodes, end: fed('End', `n${length - 1}`) }
}

/** Counts how often the cache is asked: the work per node, in a unit that no slow machine changes. */
function countingCache(): ResultCache & { counts: { get: number; set: number } } {
  const memory = memoryCache()
  const counts = { get: 0, set: 0 }
  return {
    counts,
    get(signature) {
      counts.get++
      return memory.get(signature)
    },
    set(...entry) {
      counts.set++
      memory.set(...entry)
    },
  }
}

describe('large graphs', () => {
  test('a chain of 10,000 runs each node once and overflows nothing', async () => {
    const cache = countingCache()
    const { run } = openExecutor({ cache, behaviours: { '*': ({ inputs }) => Number(inputs.in0 ?? 0) + 1 } })
    const { result, executed, events, texts } = await run(chain(10_000))
    expect(texts).toEqual({ end: '10001' })
    expect(result.status).toBe('success')
    expect(executed).toHaveLength(10_001)
    expect(new Set(executed).size).toBe(10_001)
    // Two events a node, and three for the run.
    expect(events).toHaveLength(2 * 10_001 + 3)
    expect(cache.counts).toEqual({ get: 10_001, set: 10_001 })
  })

  test('a chain of 10,000 that fails at its head skips every other node once', async () => {
    const { run } = openExecutor({ behaviours: { n0: () => Promise.reject(new Error('no')) } })
    const { events, executed } = await run(chain(10_000))
    expect(executed).toEqual(['n0'])
    expect(idsOf(events, 'node-skipped')).toHaveLength(10_000)
  })

  test('5,000 side by side run once each, in and out of one node', async () => {
    const cache = countingCache()
    const { run } = openExecutor({ cache })
    const nodes: Nodes = { source: node('Step') }
    for (let index = 0; index < 5000; index++)
      nodes[`w${index}`] = node('End', { in0: ['source', 0], number: index })
    const { executed, result, events } = await run(nodes)
    expect(result.outputs.size).toBe(5000)
    expect(executed).toHaveLength(5001)
    expect(events).toHaveLength(2 * 5001 + 3)
    expect((await run(nodes)).executed).toEqual([])
    expect(cache.counts).toEqual({ get: 5001 + 5000, set: 5001 })
  })

  test('5,000 side by side listen to the stop with one ear, and leave none behind', async () => {
    const { signal } = stopButton()
    let most = 0
    const { run } = openExecutor({
      behaviours: {
        '*': async () => {
          most = Math.max(most, getEventListeners(signal, 'abort').length)
          await new Promise(resolve => setImmediate(resolve))
        },
      },
    })
    const nodes: Nodes = {}
    for (let index = 0; index < 5000; index++) nodes[`w${index}`] = node('End', { number: index })
    await run(nodes, { signal })
    expect(most).toBe(1)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('1,000 failures before one chain skip its nodes once in all', async () => {
    const heads = Array.from({ length: 1000 }, (_, index) => `bad${index}`)
    const fail = () => Promise.reject(new Error('no'))
    const { run } = openExecutor({ behaviours: Object.fromEntries(heads.map(id => [id, fail])) })
    const nodes: Nodes = chain(2000)
    for (const [index, id] of heads.entries()) {
      nodes[id] = node('Step', { number: index })
      const follower = nodes[`n${index}`]
      if (follower) nodes[`n${index}`] = { ...follower, inputs: { ...follower.inputs, in1: [id, 0] } }
    }
    const { events, result } = await run(nodes)
    expect(result.errors).toHaveLength(1000)
    expect(idsOf(events, 'node-skipped')).toHaveLength(2001)
  })

  test('20,000 wrong nodes in a chain are each told with the output they cost', async () => {
    const nodes: Nodes = chain(20_000)
    for (const [id, each] of Object.entries(nodes)) {
      nodes[id] = { ...each, inputs: { ...each.inputs, number: 'x' } }
    }
    const { problems } = await openExecutor().check(nodes)
    expect(problems).toHaveLength(20_001)
    expect(problems.every(({ dependentOutputs }) => dependentOutputs.join() === 'end')).toBe(true)
  })
})

describe('any graph without cycles', () => {
  /** Node i may be fed by any earlier ones; some are outputs, some fail. */
  const graphs = fc.integer({ min: 1, max: 25 }).chain(size =>
    fc.tuple(
      ...Array.from({ length: size }, (_, index) =>
        fc.record({
          sources: fc.uniqueArray(fc.nat(Math.max(0, index - 1)), { maxLength: index === 0 ? 0 : 5 }),
          isOutput: fc.boolean(),
          fails: fc.integer({ min: 0, max: 9 }).map(value => value === 0),
        }),
      ),
    ),
  )

  test('runs every needed node exactly once, after its sources, and only those', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, fc.infiniteStream(fc.boolean()), async (graph, late) => {
        const nodes: Nodes = {}
        for (const [index, each] of graph.entries()) {
          const plain = fed(each.isOutput ? 'End' : 'Step', ...each.sources.map(source => `n${source}`))
          nodes[`n${index}`] = { ...plain, inputs: { ...plain.inputs, number: index } }
        }
        const idOf = (index: number) => `n${index}`
        const behaviours = Object.fromEntries(
          graph.map(({ fails }, index) => [
            idOf(index),
            async () => {
              if (late.next().value) await new Promise(resolve => setImmediate(resolve))
              if (fails) throw new Error('no')
              return index
            },
          ]),
        )
        const { run } = openExecutor({ behaviours })
        const { executed, events, result } = await run(nodes)

        const needed = new Set<number>()
        for (let index = graph.length - 1; index >= 0; index--) {
          const each = graph[index]
          if (!each || (!each.isOutput && !needed.has(index))) continue
          needed.add(index)
          for (const source of each.sources) needed.add(source)
        }
        const broken = new Set<number>()
        for (const [index, { sources, fails }] of graph.entries()) {
          if (fails || sources.some(source => broken.has(source))) broken.add(index)
        }
        const ran = [...needed].filter(index => !graph[index]?.sources.some(source => broken.has(source)))
        expect(executed.toSorted()).toEqual(ran.map(idOf).sort())
        expect(idsOf(events, 'node-finished').sort()).toEqual(
          ran
            .filter(index => !graph[index]?.fails)
            .map(idOf)
            .sort(),
        )
        expect(idsOf(events, 'node-skipped').sort()).toEqual(
          [...needed]
            .filter(index => !ran.includes(index))
            .map(idOf)
            .sort(),
        )
        expect(result.status).toBe([...needed].some(index => broken.has(index)) ? 'error' : 'success')

        const place = (type: 'node-started' | 'node-finished', id: string) =>
          events.findIndex(event => event.type === type && event.nodeId === id)
        for (const index of ran) {
          for (const source of graph[index]?.sources ?? []) {
            expect(place('node-finished', idOf(source))).toBeLessThan(place('node-started', idOf(index)))
          }
        }
      }),
      { numRuns: 150 },
    )
  })
})
