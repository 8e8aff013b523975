import { expect, test } from 'vitest'
import { en } from '../../editor/i18n/en.ts'
import type { NodeRun, Progress } from '../../editor/state/run.ts'
import { type StripWords, stripOf } from '../../editor/state/strip.ts'

const words: StripWords = (key, values = {}) =>
  en[key].replace(/\{(\w+)\}/g, (_whole, name: string) => String(values[name]))
const running = (progress?: Progress): NodeRun => ({
  state: 'running',
  since: 0,
  ...(progress && { progress }),
})

test.each<[NodeRun, string, string, number | 'unknown' | undefined]>([
  [
    running({ phase: 'running', label: 'KSampler', done: 12, of: 20, nodesDone: 3, nodesTotal: 7 }),
    'KSampler 12/20 · 3 of 7 nodes · 0:41',
    'run',
    (3 + 12 / 20) / 7,
  ],
  [running({ phase: 'queued' }), 'Queued on RunningHub · 0:41', 'wait', undefined],
  [running({ phase: 'waiting-slot' }), 'Waiting for a free slot · 0:41', 'wait', undefined],
  [
    running({ phase: 'waiting-slot', label: '2 of 2 busy' }),
    'Waiting for a free slot · 2 of 2 busy · 0:41',
    'wait',
    undefined,
  ],
  [
    running({ phase: 'unknown-create', label: 'HTTP 502' }),
    'No answer from RunningHub. A paid task may exist.',
    'wait',
    undefined,
  ],
  [
    { state: 'stopped', since: 0, taskId: '1', outcome: 'cancelled' },
    'Stopped · cancelled on RunningHub',
    'muted',
    undefined,
  ],
  [
    running({ phase: 'uploading', label: 'a.png', done: 3_100_000, of: 4_200_000 }),
    'Uploading a.png · 3.1 / 4.2 MB',
    'run',
    31 / 42,
  ],
  [
    running({ phase: 'downloading', done: 2, of: 4, bytes: 6_300_000 }),
    'Downloading 2 of 4 · 6.3 MB',
    'run',
    0.5,
  ],
  [running({ phase: 'running' }), 'Running on RunningHub · 0:41', 'run', 'unknown'],
  [running(), 'Working · 0:41', 'run', 'unknown'],
  [{ state: 'done', since: 0, durationMs: 72_000, coins: '17' }, '1:12 · 17 coins', 'good', undefined],
  [{ state: 'cached', since: 0 }, 'Unchanged, reused', 'muted', undefined],
  [
    { state: 'failed', since: 0, error: { code: 'x', message: 'It broke.\nTraceback' } },
    'It broke.',
    'bad',
    undefined,
  ],
])('%o reads "%s"', (node, text, tone, share) => {
  const strip = stripOf(node, 41_000, words)
  expect(strip.text).toBe(text)
  expect(strip.tone).toBe(tone)
  if (typeof share === 'number') expect(strip.share).toBeCloseTo(share)
  else expect(strip.share).toBe(share)
})
