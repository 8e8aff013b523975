import { expect, onTestFinished, test } from 'vitest'
import { createSandbox, sandboxKey } from '../../server/sandbox/index.ts'
import { type HistoryEntry, isEndOf, type Message, tempFolder } from '../support/open-server.ts'
import { slowPrompt, textPrompt } from '../support/prompts.ts'
import { startServe } from '../support/start-cli.ts'

/** A sandbox that outlives the servers, where a slow task takes `seconds`. */
async function openCloud(seconds: number) {
  const sandbox = await createSandbox({ speed: 60 / seconds, concurrency: 50 })
  onTestFinished(() => sandbox.close())
  const environment = { RUNNINGHUB_BASE_URL: sandbox.url, RUNNINGHUB_API_KEY: sandboxKey }
  return { sandbox, environment }
}

type Server = Awaited<ReturnType<typeof startServe>>

const idsOf = async (server: Server) => {
  const { queue_running, queue_pending } = (await server.get('/queue')).json as Record<
    string,
    [number, string][]
  >
  return {
    running: (queue_running ?? []).map(item => item[1]),
    pending: (queue_pending ?? []).map(item => item[1]),
  }
}

/** Two prompts whose task has been created, and three that wait behind them. */
async function fill(server: Server): Promise<void> {
  const socket = await server.socket('me')
  for (const id of ['run-1', 'run-2']) await server.submit(slowPrompt(), { prompt_id: id, client_id: 'me' })
  for (const id of ['run-1', 'run-2']) {
    await socket.until(({ type, data }) => type === 'bridge.task' && data.prompt_id === id)
  }
  await server.submit(textPrompt('second'), { prompt_id: 'wait-2' })
  await server.submit(textPrompt('third'), { prompt_id: 'wait-3' })
  await server.submit(textPrompt('first'), { prompt_id: 'wait-1', front: true })
  expect(await idsOf(server)).toEqual({
    running: ['run-1', 'run-2'],
    pending: ['wait-1', 'wait-2', 'wait-3'],
  })
}

const isIdle = ({ type, data }: Message) =>
  type === 'status' &&
  (data as { status: { exec_info: { queue_remaining: number } } }).status.exec_info.queue_remaining === 0

test('after kill -9 the waiting prompts still wait and run, the history is whole, and those that ran are accounted for', async () => {
  const { sandbox, environment } = await openCloud(4)
  const dataDir = await tempFolder()
  const first = await startServe(['--data-dir', dataDir], environment)
  const done = await first.runToEnd(textPrompt('done before'), { prompt_id: 'done' })
  await fill(first)
  first.child.kill('SIGKILL')
  expect(await first.ended()).toBe('SIGKILL')

  const second = await startServe(['--data-dir', dataDir], environment)
  const socket = await second.socket('me')
  await socket.until(isIdle)
  const history = (await second.get('/history')).json as Record<string, HistoryEntry>
  expect(Object.keys(history).toSorted()).toEqual(['done', 'run-1', 'run-2', 'wait-1', 'wait-2', 'wait-3'])
  expect(history.done).toEqual(done.entry)
  for (const [id, text] of [
    ['wait-1', 'first'],
    ['wait-2', 'second'],
    ['wait-3', 'third'],
  ] as const) {
    expect(history[id]?.outputs).toEqual({ '2': { text: [text] } })
  }
  for (const id of ['run-1', 'run-2']) {
    const { json } = await second.get(`/bridge/runs/${id}`)
    const run = json as { status: string; tasks: { taskId: string; status: string }[] }
    expect([run.status, run.tasks.length]).toEqual(['success', 1])
    expect(history[id]?.outputs['4']?.images).toHaveLength(1)
  }
  expect(second.output.stdout).toMatch(/taken up again: 2 runs/)
  // Nothing was paid twice: the tasks that were under way were followed to their end.
  expect(sandbox.tasks().map(({ state }) => state)).toEqual(['SUCCESS', 'SUCCESS'])
})

test('SIGTERM lets what runs finish within its grace, and the rest goes on at the next start', async () => {
  const { sandbox, environment } = await openCloud(2)
  const dataDir = await tempFolder()
  const first = await startServe(['--data-dir', dataDir], environment)
  await fill(first)
  const listener = await first.socket('listener')
  const closed = listener.closed()
  first.child.kill('SIGTERM')
  await closed
  expect(await first.ended()).toBe(0)
  const second = await startServe(['--data-dir', dataDir], environment)
  const socket = await second.socket('me')
  await socket.until(isIdle)
  const history = (await second.get('/history')).json as Record<string, HistoryEntry>
  expect(Object.keys(history).toSorted()).toEqual(['run-1', 'run-2', 'wait-1', 'wait-2', 'wait-3'])
  expect(Object.values(history).map(({ status }) => status.status_str)).toEqual(Array(5).fill('success'))
  expect(sandbox.tasks()).toHaveLength(2)
})

test('SIGTERM ends the process although a socket never answers and a task runs on, which the next start takes up', async () => {
  const { sandbox, environment } = await openCloud(7)
  const dataDir = await tempFolder()
  const first = await startServe(['--data-dir', dataDir], environment)
  const socket = await first.socket('me')
  await first.submit(slowPrompt(), { prompt_id: 'long', client_id: 'me' })
  await socket.until(({ type }) => type === 'bridge.task')
  socket.raw.pause()
  first.child.kill('SIGTERM')
  expect(await first.ended()).toBe(0)
  expect(sandbox.tasks().map(({ state }) => state)).toEqual(['RUNNING'])
  const second = await startServe(['--data-dir', dataDir], environment)
  const again = await second.socket('me')
  if (!(await second.get('/history/long')).text.includes('long')) await again.until(isEndOf('long'))
  expect((await second.get('/history/long')).json).toMatchObject({
    long: { status: { status_str: 'success' } },
  })
  expect(sandbox.tasks()).toHaveLength(1)
})
