import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { specialWorkflows } from '../../server/sandbox/index.ts'
import { openHouse } from './open-house.ts'

const sdxl = '1904136902449209346'

test('a task is reported from its creation to its success, with its cost once', async () => {
  const { run, sandbox } = await openHouse()
  const { result, statuses } = await run(sdxl)
  expect(result.status).toBe('success')
  expect(statuses[0]).toBe('created')
  expect(statuses.at(-1)).toBe('success')
  const [task] = sandbox.tasks()
  expect(result.tasks).toMatchObject([{ taskId: task?.taskId, status: 'success', coins: task?.coins }])
})

test('progress never goes back or over its count', async () => {
  const { run, events } = await openHouse({ speed: 1 })
  await run(sdxl)
  let before = 0
  for (const event of events) {
    if (event.type !== 'node-progressed' || event.progress.phase !== 'running') continue
    const { nodesDone = 0, nodesTotal = Number.POSITIVE_INFINITY, done = 0, of = Infinity } = event.progress
    expect(nodesDone).toBeGreaterThanOrEqual(before)
    expect(nodesDone).toBeLessThanOrEqual(nodesTotal)
    expect(done).toBeLessThanOrEqual(of)
    before = nodesDone
  }
})

test('a stop while the create is on its way cancels the task that comes of it', async () => {
  const { run, stop, sandbox } = await openHouse({
    speed: 1,
    faults: [{ on: 'create', do: { kind: 'delay', ms: 300 } }],
  })
  const { result, statuses } = await run(specialWorkflows.slow.id, {
    onEvent(event) {
      if (event.type === 'node-progressed' && event.progress.phase === 'submitting')
        setImmediate(() => stop.abort(new Error('stopped')))
    },
  })
  expect(result.status).toBe('interrupted')
  expect(sandbox.tasks().map(({ state }) => state)).toEqual(['CANCEL'])
  expect(statuses.at(-1)).toBe('cancelled')
})

test('a stop while the task runs ends the wait at once and cancels it', async () => {
  const { run, stop, sandbox } = await openHouse({ speed: 1 })
  let stoppedAt = 0
  const { result } = await run(specialWorkflows.slow.id, {
    onEvent(event) {
      if (event.type === 'node-task-changed' && event.task.status === 'created') {
        setImmediate(() => {
          stoppedAt = performance.now()
          stop.abort(new Error('stopped'))
        })
      } else if (event.type === 'run-finished') expect(performance.now() - stoppedAt).toBeLessThan(100)
    },
  })
  expect(result.status).toBe('interrupted')
  expect(sandbox.tasks()[0]?.state).toBe('CANCEL')
})

test('a failed task stays failed when its run is stopped later', async () => {
  const { run, stop, bridge, events, sandbox } = await openHouse()
  const { statuses } = await run(specialWorkflows.fails.id)
  expect(statuses.at(-1)).toBe('failed')
  stop.abort(new Error('stopped'))
  await bridge.idle()
  expect(events.at(-1)?.type).toBe('run-finished')
  expect(sandbox.requests().filter(({ path }) => path.endsWith('/cancel'))).toEqual([])
})

test('eight files are fetched at the same time, and in the order of the cloud', async () => {
  const { run, sandbox, dataDir } = await openHouse()
  const { result } = await run(specialWorkflows.huge.id)
  expect(result.status).toBe('success')
  const fetches = sandbox.requests().filter(({ path }) => path.startsWith('/output/'))
  expect(fetches).toHaveLength(8)
  const lastBegin = Math.max(...fetches.map(({ at }) => at))
  // Begins are told by this house's clock, ten times as fast as the one that durations are taken with.
  const firstEnd = Math.min(...fetches.map(({ at, durationMs }) => at + (durationMs ?? 0) * 10))
  expect(lastBegin).toBeLessThan(firstEnd)
  const folder = join(dataDir, 'results', sandbox.tasks()[0]?.taskId ?? '')
  const names = await readdir(folder)
  expect(names.sort().map(name => name.slice(0, 3))).toEqual(
    Array.from({ length: 8 }, (_, index) => `0${index + 1}_`),
  )
})

test('one file that cannot be had ends the others, and no half file is left when that is told', async () => {
  const { run, half, dataDir, sandbox } = await openHouse()
  sandbox.addFaults([{ on: 'file', skip: 3, do: { kind: 'http', status: 403 } }])
  const { result } = await run(specialWorkflows.huge.id)
  expect(result.errors).toMatchObject([
    { code: 'result-expired', nodeId: '4', taskId: sandbox.tasks()[0]?.taskId },
  ])
  expect(await half()).toEqual([])
  expect(await readdir(dataDir)).toContain('results')
})

test('a results folder that cannot be written is told with the task, which is paid for', async () => {
  const { run, dataDir, sandbox } = await openHouse()
  await run(sdxl)
  await rm(join(dataDir, 'results'), { recursive: true })
  const { result } = await run(sdxl, {
    onEvent(event) {
      if (event.type === 'node-task-changed' && event.task.status === 'created')
        void rm(join(dataDir, 'results'), { recursive: true, force: true }).then(() =>
          writeFile(join(dataDir, 'results'), 'in the way'),
        )
    },
  })
  expect(result.errors).toMatchObject([{ code: 'disk', taskId: sandbox.tasks()[1]?.taskId }])
})

test.each([
  ['', 'RH Settings names no workflow.'],
  ['your_workflow_id_here', '"your_workflow_id_here" is no workflow id: ids are digits only.'],
])('the id %j is refused before anything is sent', async (targetId, message) => {
  const { run, sandbox } = await openHouse()
  // The check knows it, too, unless it comes along a link from what only a run tells.
  const { result } = await run(targetId, { cloud: 'off' })
  expect(result.errors).toMatchObject([
    { code: 'bad-target-id', message, hint: expect.stringContaining('RH Settings') },
  ])
  expect(sandbox.requests().filter(({ path }) => !path.startsWith('/__sandbox'))).toEqual([])
})

test('run_timeout ends the wait with the taskId and leaves the task alone', async () => {
  const { run, sandbox } = await openHouse({ speed: 1 })
  const { result } = await run(specialWorkflows.slow.id, { execute: { run_timeout: 1 } })
  expect(result.errors).toMatchObject([{ code: 'cloud-run-timeout', taskId: sandbox.tasks()[0]?.taskId }])
  expect(sandbox.tasks()[0]?.state).toBe('RUNNING')
})
