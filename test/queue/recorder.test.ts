import { expect, test } from 'vitest'
import type { RemoteTask } from '../../nodes/context.ts'
import type { RunEvent } from '../../server/executor/index.ts'
import { createRecorder } from '../../server/queue/recorder.ts'
import type { StoredRun } from '../../server/queue/types.ts'

const run = { prompt: {}, extra: {} } as unknown as StoredRun
const task = (facts: Partial<RemoteTask>): RemoteTask => ({
  ...{ taskId: '42', status: 'success', coins: null, money: null, seconds: null },
  ...facts,
})
const told = (nodeId: string, facts: Partial<RemoteTask>): RunEvent => ({
  ...{ type: 'node-task-changed', runId: 'r', at: 0 },
  nodeId,
  task: task(facts),
})

test('a node that asks after another node’s task takes neither its cost nor its node away', () => {
  const recorder = createRecorder(run)
  recorder.record(told('3', { coins: '57', seconds: '284' }))
  recorder.record(told('8', { note: 'fetched by its id' }))
  expect(recorder.tasks()).toEqual([{ ...task({ coins: '57', seconds: '284' }), nodeId: '3' }])
})

test('what is learned of a task later on is kept, whoever learned it', () => {
  const recorder = createRecorder(run)
  recorder.record(told('3', { status: 'running' }))
  recorder.record(told('8', { coins: '57' }))
  expect(recorder.tasks()).toEqual([{ ...task({ coins: '57' }), nodeId: '3' }])
})
