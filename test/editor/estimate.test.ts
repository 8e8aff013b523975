import { expect, test } from 'vitest'
import { en } from '../../editor/i18n/en.ts'
import { leftText, timeLeft, usualCost } from '../../editor/state/estimate.ts'

const task = { nodeId: '3', taskId: '1', status: 'success', coins: '17', money: null, seconds: '9' }
const done = (seconds: number, more: object = {}) => ({
  shape: 'a',
  status: 'success',
  startedAt: 0,
  finishedAt: seconds * 1000,
  tasks: [task],
  ...more,
})
const now = { shape: 'a', status: 'running', startedAt: 100_000, finishedAt: null, tasks: [] }
const words = (key: Parameters<Parameters<typeof leftText>[1]>[0], values: Record<string, number>) =>
  en[key].replace(/\{(\w+)\}/g, (_whole, name: string) => String(values[name]))

test('the time left is the range of runs of the same shape, less what has gone', () => {
  expect(timeLeft(now, [done(60), done(80)], 110_000)).toEqual({ from: 50_000, to: 70_000 })
  expect(timeLeft(now, [done(60), done(80)], 170_000)).toEqual({ from: 0, to: 10_000 })
})

test.each([
  ['one run is no range', [done(60)]],
  ['another shape says nothing', [done(60), done(80, { shape: 'b' })]],
  ['a failed run says nothing', [done(60), done(80, { status: 'error' })]],
  ['a cached run says nothing', [done(60), done(1, { tasks: [] })]],
  ['past the longest nobody knows', [done(3), done(5)]],
])('%s', (_why, earlier) => {
  expect(timeLeft(now, earlier, 110_000)).toBeUndefined()
})

test.each([
  [50_000, 70_000, 'about 50 to 70 s left'],
  [48_000, 50_000, 'about 50 s left'],
  [0, 12_000, 'under 15 s left'],
  [100_000, 290_000, 'about 2 to 5 min left'],
  [110_000, 115_000, 'about 2 min left'],
])('%i to %i ms reads "%s"', (from, to, text) => {
  expect(leftText({ from, to }, words)).toBe(text)
})

test('what a node usually costs is what it cost last', () => {
  expect(usualCost('3', 'a', [done(1)])?.coins).toBe('17')
  expect(usualCost('4', 'a', [done(1)])).toBeUndefined()
  expect(usualCost('3', 'b', [done(1)])).toBeUndefined()
})
