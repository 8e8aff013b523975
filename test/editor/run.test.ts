import { expect, test } from 'vitest'
import { isOver, type RunView, reduceRun, shareOf, startRun } from '../../editor/state/run.ts'
import { stripOf } from '../../editor/state/strip.ts'

const message = (type: string, data: Record<string, unknown> = {}) => ({
  type,
  data: { prompt_id: 'p', ...data },
})
const play = (run: RunView, ...messages: ReturnType<typeof message>[]) =>
  messages.reduce((next, one, at) => reduceRun(next, one, at * 1_000), run)

test('a run goes from the line to its pictures', () => {
  const run = play(
    startRun('p', 2),
    message('execution_start'),
    message('executing', { node: '4' }),
    message('bridge.progress', {
      node: '4',
      progress: { phase: 'running', label: 'KSampler', done: 12, of: 20 },
    }),
    message('bridge.task', { node: '4', task: { taskId: '2123872294028468907', coins: '17' } }),
    message('bridge.finished', { node: '4', cached: false, durationMs: 72_000 }),
    message('executing', { node: '5' }),
    message('executed', {
      node: '5',
      output: { images: [{ filename: 'a.png', subfolder: '', type: 'output' }], text: ['hi'] },
    }),
    message('bridge.finished', { node: '5', cached: false, durationMs: 3 }),
    message('execution_success'),
  )
  expect(run.status).toBe('success')
  expect(run.nodes['4']).toMatchObject({
    state: 'done',
    taskId: '2123872294028468907',
    coins: '17',
    durationMs: 72_000,
  })
  expect(run.outputs['5']).toEqual({
    files: [{ filename: 'a.png', subfolder: '', type: 'output', kind: 'image' }],
    texts: ['hi'],
  })
  expect(shareOf(run)).toBe(1)
})

test('messages of other runs and unknown ones leave it as it is', () => {
  const run = startRun('p', 1)
  expect(reduceRun(run, { type: 'executing', data: { prompt_id: 'q', node: '1' } }, 0)).toBe(run)
  expect(reduceRun(run, message('crystools.monitor'), 0)).toBe(run)
})

test('the first failure is the cause, and what still ran has stopped', () => {
  const run = play(
    startRun('p', 3),
    message('executing', { node: '1' }),
    message('executing', { node: '2' }),
    message('bridge.failed', { node: '1', error: { code: 'cloud-805', message: 'It broke.', taskId: '9' } }),
    message('execution_error', { node_id: '1', exception_message: 'It broke.\n' }),
  )
  expect(run.error).toEqual({ code: 'cloud-805', message: 'It broke.', taskId: '9', nodeId: '1' })
  expect(run.nodes['2']?.state).toBe('stopped')
  expect(isOver(run)).toBe(true)
})

test('the share never passes one and never counts a running node as done', () => {
  const run = play(
    startRun('p', 2),
    message('executing', { node: '1' }),
    message('bridge.progress', { node: '1', progress: { phase: 'running', nodesDone: 9, nodesTotal: 7 } }),
  )
  expect(shareOf(run)).toBeLessThan(0.5)
  expect(
    shareOf(play(run, message('bridge.finished', { node: '1' }), message('bridge.finished', { node: '2' }))),
  ).toBe(1)
})

test('a node that somebody stopped has not failed, and its line says what became of its task', () => {
  const stop = [
    message('executing', { node: '1' }),
    message('bridge.task', { node: '1', task: { taskId: '7', status: 'running' } }),
    message('bridge.failed', { node: '1', error: { code: 'stopped', message: 'Stopped by you.' } }),
  ]
  const here = play(startRun('p', 2), ...stop).nodes['1']
  expect(here?.state).toBe('stopped')
  const line = (node: NonNullable<typeof here>) => stripOf(node, 0, key => key).text
  expect(here && line(here)).toBe('strip.stoppedHere')
  const cancelled = message('bridge.task', { node: '1', task: { taskId: '7', status: 'cancelled' } })
  const there = play(startRun('p', 2), ...stop, cancelled).nodes['1']
  expect(there && line(there)).toBe('strip.stoppedCancelled')
})
