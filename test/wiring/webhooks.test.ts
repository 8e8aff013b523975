import { expect, test } from 'vitest'
import { followTask } from '../../server/runninghub/follow.ts'
import type { RunningHubClient } from '../../server/runninghub/index.ts'
import type { TaskState } from '../../server/runninghub/outputs.ts'
import type { TaskNote } from '../../server/wiring/index.ts'
import { createWebhooks } from '../../server/wiring/webhooks.ts'
import { createFakeClock } from '../support/fake-clock.ts'

function open() {
  const clock = createFakeClock()
  const events = new Map<string, TaskNote[]>()
  const webhooks = createWebhooks({
    clock,
    journal: () => ({
      byTaskIds: ids =>
        ids.flatMap(taskId => {
          const notes = events.get(taskId)
          return notes ? [{ seq: Number(taskId), taskId, events: notes } as never] : []
        }),
      note: (seq, note) => void events.get(String(seq))?.push(note),
    }),
  })
  webhooks.serveAt({ outside: 'https://x.example/h', local: 'http://127.0.0.1:1/h' })
  let woken = 0
  return {
    clock,
    webhooks,
    created: (taskId: string) => events.set(taskId, [{ at: 0, what: 'created', why: 'asked for a webhook' }]),
    notes: (taskId: string) =>
      (events.get(taskId) ?? []).filter(({ what }) => what === 'webhook came').length,
    listen: (taskId: string) => webhooks.listen(taskId, () => void woken++),
    woken: () => woken,
  }
}

test('a call wakes who follows that task; of replays few are noted and few wake, unknown ones nothing', async () => {
  const it = open()
  it.created('1')
  const stop = it.listen('1')
  it.webhooks.arrived('2')
  expect(it.woken()).toBe(0)
  for (let round = 0; round < 100; round++) it.webhooks.arrived('1')
  expect([it.woken(), it.notes('1')]).toEqual([1, 1])
  for (let round = 0; round < 50; round++) {
    await it.clock.advance(2_000)
    it.webhooks.arrived('1')
  }
  expect(it.notes('1')).toBe(5)
  const before = it.woken()
  stop()
  await it.clock.advance(2_000)
  it.webhooks.arrived('1')
  expect(it.woken()).toBe(before)
})

test('one that comes before the create is written down is remembered for a while', async () => {
  const it = open()
  it.webhooks.arrived('1')
  it.webhooks.arrived('2')
  for (const taskId of ['1', '2']) it.created(taskId)
  it.listen('1')
  expect(it.woken()).toBe(1)
  await it.clock.advance(60_000)
  it.listen('2')
  expect(it.woken()).toBe(1)
})

test('asking is rarer only while calls come: after two that did not it has its own pace again', async () => {
  const it = open()
  for (const taskId of ['1', '2', '3', '4', '5']) it.created(taskId)
  expect(it.webhooks.isTrusted()).toBe(false)
  it.webhooks.arrived('1')
  it.webhooks.ended('1')
  expect(it.webhooks.isTrusted()).toBe(true)
  it.webhooks.ended('2')
  it.webhooks.ended('not ours')
  await it.clock.advance(61_000)
  expect(it.webhooks.isTrusted()).toBe(true)
  it.webhooks.ended('3')
  await it.clock.advance(61_000)
  expect(it.webhooks.isTrusted()).toBe(false)
  // Late, but it came.
  it.webhooks.ended('4')
  it.webhooks.arrived('4')
  await it.clock.advance(61_000)
  expect(it.webhooks.isTrusted()).toBe(true)
  await it.clock.advance(7 * 3600_000)
  expect(it.webhooks.isTrusted()).toBe(false)
})

test('a follower asks at once when it is called for, and rarely while calls are trusted; lost ones are found by asking', async () => {
  const follow = async (isTrusted: boolean, calls: readonly number[]) => {
    const clock = createFakeClock()
    const startedAt = clock.ticks()
    const asked: number[] = []
    const endAt = 300_000
    let wake = () => {}
    for (const at of calls) clock.schedule(at, () => wake())
    const sights = followTask('1', {
      client: { baseUrl: 'https://x.example' } as RunningHubClient,
      transport: { dispatcherFor: () => undefined as never },
      clock,
      signal: new AbortController().signal,
      patienceMs: 3600_000,
      async ask(): Promise<TaskState> {
        const at = clock.ticks() - startedAt
        asked.push(at)
        if (at < endAt) return { state: 'running' }
        const cost = { coins: null, money: null, thirdPartyMoney: null, seconds: null }
        return { state: 'done', files: [], texts: ['x'], cost }
      },
      webhook: {
        listen(_taskId, on) {
          wake = on
          return () => {
            wake = () => {}
          }
        },
        isTrusted: () => isTrusted,
        ended() {},
      },
    })
    await clock.run(Array.fromAsync(sights))
    return { count: asked.length, lastAt: asked.at(-1) ?? 0, asked }
  }
  const called = await follow(true, [300_000])
  expect(called.lastAt).toBe(300_000)
  const usual = await follow(false, [])
  expect(called.count).toBeLessThan(usual.count / 3)
  // A forged call in the middle costs one question.
  expect((await follow(true, [100_000, 300_000])).asked).toContain(100_000)
  const lost = await follow(true, [])
  expect(lost.lastAt).toBeLessThanOrEqual(330_000)
  expect(lost.lastAt).toBeGreaterThan(300_000)
})
