import { expect, test } from 'vitest'
import { createRunQueue, type QueueNews, type RunsStore } from '../../server/queue/index.ts'
import { createRunsStore, openDatabase } from '../../server/storage/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { textPrompt } from '../support/prompts.ts'

const limits = { maxEntries: 100, maxAgeMs: 1e9 }
const alone = { me: 'me', isAlive: () => true, others: () => [], close() {} }

/** A line whose disk is full as often as `full` says, for writes of that name. */
function openLine(full: Partial<Record<keyof RunsStore, number>>) {
  const clock = createFakeClock()
  const kept = createRunsStore(openDatabase(':memory:'), alone)
  const store = new Proxy(kept, {
    get(target, name: keyof RunsStore) {
      const left = full[name] ?? 0
      if (left === 0) return target[name]
      return () => {
        full[name] = left - 1
        throw new Error('database or disk is full')
      }
    },
  })
  const news: QueueNews[] = []
  const troubles: unknown[] = []
  const queue = createRunQueue({
    store,
    clock,
    parallel: () => 1,
    history: () => limits,
    onNews: item => void news.push(item),
    onTrouble: error => void troubles.push(error),
    execute: async (run, { onEvent }) => {
      onEvent({
        runId: run.id,
        at: clock.now(),
        type: 'node-task-changed',
        nodeId: '1',
        task: { taskId: '1', status: 'running', coins: null, money: null, seconds: null },
      })
      return { runId: run.id, status: 'success', durationMs: 1, outputs: new Map(), errors: [], tasks: [] }
    },
  })
  const add = (id: string) =>
    queue.add({
      id,
      number: 0,
      clientId: 'me',
      prompt: textPrompt(),
      extra: {},
      targets: undefined,
      outputsToRun: ['2'],
    })
  const left = async (id: string) => {
    while (!news.some(item => item.type === 'run-left' && item.run.id === id)) await clock.advance(1000)
  }
  return { clock, queue, kept, troubles, add, left }
}

test('a run whose end cannot be written is listed as running until it can, and then ends', async () => {
  const { kept, troubles, add, left } = openLine({ end: 3 })
  add('a')
  await left('a')
  expect(troubles).toHaveLength(3)
  expect(kept.find('a')).toMatchObject({ state: 'done', status: 'success' })
})

test('a run goes on although its tasks cannot be written down beside it', async () => {
  const { kept, troubles, add, left } = openLine({ saveTasks: 1 })
  add('a')
  await left('a')
  expect(troubles).toHaveLength(1)
  expect(kept.find('a')?.tasks).toMatchObject([{ nodeId: '1', taskId: '1' }])
})

test('a prompt that cannot be taken out of the line is taken when it can, though nobody else comes', async () => {
  const { troubles, add, left } = openLine({ takeNext: 1 })
  add('a')
  await left('a')
  expect(troubles).toHaveLength(1)
})

test('a close does not wait for a disk that stays full; the run is taken up at the next start', async () => {
  const { clock, queue, kept, troubles, add } = openLine({ end: 1e9 })
  add('a')
  while (troubles.length === 0) await clock.advance(100)
  await clock.run(queue.close(0))
  expect(kept.find('a')?.state).toBe('running')
})
