import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Progress } from '../../nodes/context.ts'
import { createProgressGate } from '../../server/executor/progress.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { node, openExecutor } from './support.ts'

function openGate(): { report: (progress: Progress) => void; seen: Progress[]; clock: FakeClock } {
  const clock = createFakeClock()
  const seen: Progress[] = []
  return { report: createProgressGate(clock, progress => seen.push(progress)), seen, clock }
}
const step = (done: number, of: number, more: Partial<Progress> = {}): Progress => ({
  phase: 'running',
  label: 'KSampler',
  done,
  of,
  ...more,
})

describe('progress', () => {
  test('is told ten times a second at most', async () => {
    const { report, seen, clock } = openGate()
    for (let done = 1; done <= 1000; done++) {
      report(step(done, 10_000))
      await clock.advance(1)
    }
    expect(seen.length).toBeLessThanOrEqual(11)
    expect(seen.length).toBeGreaterThanOrEqual(10)
  })

  test('is told at once when the phase, the work or the count of nodes changes, and at 100 %', () => {
    const { report, seen } = openGate()
    report({ phase: 'queued' })
    report(step(1, 4))
    report(step(2, 4))
    report(step(4, 4))
    report(step(4, 4))
    report(step(1, 4, { label: 'VAE' }))
    report(step(2, 4, { label: 'VAE', nodesDone: 2 }))
    expect(seen.map(({ phase, label, done }) => `${phase} ${label} ${done}`)).toEqual([
      'queued undefined undefined',
      'running KSampler 1',
      'running KSampler 4',
      'running VAE 1',
      'running VAE 2',
    ])
  })

  test('never passes 100 %', async () => {
    const { report, seen, clock } = openGate()
    report(step(7, 5))
    await clock.advance(1000)
    report({ phase: 'running', nodesDone: 12, nodesTotal: 10 })
    expect(seen).toMatchObject([{ done: 5, of: 5 }, { nodesDone: 10 }])
  })

  test('does not go backwards', async () => {
    const { report, seen, clock } = openGate()
    for (const [done, nodesDone] of [
      [5, 3],
      [2, 1],
      [6, 4],
    ] as const) {
      report(step(done, 10, { nodesDone, nodesTotal: 9 }))
      await clock.advance(200)
    }
    expect(seen.map(({ done, nodesDone }) => [done, nodesDone])).toEqual([
      [5, 3],
      [5, 3],
      [6, 4],
    ])
  })

  test('starts over with another count, as a second sampler of the same title does', async () => {
    const { report, seen, clock } = openGate()
    report(step(8, 10))
    await clock.advance(200)
    report(step(2, 5))
    expect(seen.at(-1)).toMatchObject({ done: 2, of: 5 })
  })

  test('whatever a node reports, no news is over 100 % or behind the last of its kind', async () => {
    const progress = fc.record(
      {
        phase: fc.constantFrom('running', 'downloading', 'queued'),
        label: fc.constantFrom('a', 'b'),
        done: fc.nat(20),
        of: fc.constantFrom(5, 10),
        nodesDone: fc.nat(12),
        nodesTotal: fc.constant(8),
      },
      { requiredKeys: ['phase'] },
    ) as fc.Arbitrary<Progress>
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(progress, fc.nat(150))), async reports => {
        const { report, seen, clock } = openGate()
        for (const [given, wait] of reports) {
          report(given)
          await clock.advance(wait)
        }
        for (const [index, now] of seen.entries()) {
          if (now.of !== undefined) expect(now.done ?? 0).toBeLessThanOrEqual(now.of)
          if (now.nodesTotal !== undefined) expect(now.nodesDone ?? 0).toBeLessThanOrEqual(now.nodesTotal)
          const last = seen[index - 1]
          if (!last || last.phase !== now.phase) continue
          if (now.nodesTotal !== undefined)
            expect(now.nodesDone ?? 0).toBeGreaterThanOrEqual(Math.min(last.nodesDone ?? 0, 8))
          if (last.label === now.label && last.of === now.of) {
            expect(now.done ?? 0).toBeGreaterThanOrEqual(last.done ?? 0)
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})

test('a run passes on what its nodes report, node by node', async () => {
  const { run } = openExecutor({
    clock: createFakeClock(),
    behaviours: {
      a: ({ report }) => {
        report(step(1, 2))
        report(step(1, 2))
        report(step(2, 2))
      },
      b: ({ report }) => report(step(1, 2)),
    },
  })
  const { events } = await run({ a: node('End'), b: node('End') })
  const told = events.flatMap(event =>
    event.type === 'node-progressed' ? [`${event.nodeId} ${event.progress.done}`] : [],
  )
  expect(told).toEqual(['a 1', 'a 2', 'b 1'])
})
