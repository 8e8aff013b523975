import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isEndOf, openServer, type TestServer, type TestSocket } from '../support/open-server.ts'
import { cloudPrompt, slowPrompt, textPrompt, zImage } from '../support/prompts.ts'

type Queue = { queue_running: [number, string][]; queue_pending: [number, string][] }

const queueOf = async (server: TestServer) => {
  const { queue_running, queue_pending } = (await server.get('/queue')).json as Queue
  return { running: queue_running.map(([, id]) => id), pending: queue_pending.map(([, id]) => id) }
}

/** A server of one place, which a slow prompt holds. */
async function held(more: { parallel?: number } = {}) {
  const server = await openServer({ parallel: 1, sandboxSpeed: 1, ...more })
  const socket = await server.socket('holder')
  const hold = async (id: string) => {
    await server.submit(slowPrompt(), { prompt_id: id, client_id: 'holder' })
    await socket.until(({ type, data }) => type === 'executing' && data.node === '3' && data.prompt_id === id)
  }
  const release = async (id: string) => {
    await server.post('/interrupt', { prompt_id: id })
    await socket.until(isEndOf(id))
  }
  return { server, socket, hold, release }
}

const startsOf = (socket: TestSocket) =>
  socket.messages.flatMap(({ type, data }) => (type === 'execution_start' ? [data.prompt_id] : []))

test.each(['', '/api'])(
  '%s/queue lists what runs and what waits, front first, then by number, then as it came',
  async prefix => {
    const { server, socket, hold, release } = await held()
    await hold('held')
    const add = (id: string, more: object = {}) =>
      server.submit(textPrompt(), { prompt_id: id, client_id: 'holder', ...more })
    await add('a')
    await add('b')
    await add('front', { front: true })
    await add('early', { number: 0.5 })
    await add('late', { number: 1000 })
    await add('more front', { front: true })
    const { json } = await server.get(`${prefix}/queue`)
    const { queue_running, queue_pending } = json as Queue
    expect(queue_running.map(item => item[1])).toEqual(['held'])
    const order = ['more front', 'front', 'early', 'a', 'b', 'late']
    expect(queue_pending.map(item => item[1])).toEqual(order)
    expect(queue_pending[0]).toEqual([
      -6,
      'more front',
      expect.any(Object),
      expect.objectContaining({ client_id: 'holder' }),
      ['2'],
    ])
    expect((await server.get(`${prefix}/prompt`)).json).toEqual({ exec_info: { queue_remaining: 7 } })
    await release('held')
    await socket.until(isEndOf('late'))
    expect(startsOf(socket)).toEqual(['held', ...order])
  },
)

test('as many prompts run side by side as --parallel says', async () => {
  const { server, hold } = await held({ parallel: 3 })
  for (const id of ['1', '2', '3']) await hold(id)
  await server.submit(textPrompt(), { prompt_id: '4' })
  expect(await queueOf(server)).toEqual({ running: ['1', '2', '3'], pending: ['4'] })
})

test('waiting prompts are deleted one by one or all at once, and only those', async () => {
  const { server, socket, hold, release } = await held()
  await hold('held')
  for (const id of ['a', 'b', 'c', 'd']) await server.submit(textPrompt(), { prompt_id: id })
  const answer = await server.post('/queue', { delete: ['b', 'held', 'nobody'] })
  expect([answer.status, answer.text]).toEqual([200, ''])
  expect(await queueOf(server)).toEqual({ running: ['held'], pending: ['a', 'c', 'd'] })
  await server.post('/api/queue', { clear: true })
  expect(await queueOf(server)).toEqual({ running: ['held'], pending: [] })
  const left = socket.messages.findLast(({ type }) => type === 'status')
  expect(left?.data).toEqual({ status: { exec_info: { queue_remaining: 1 } } })
  await release('held')
  expect(Object.keys((await server.get('/history')).json as object)).toEqual(['held'])
})

test('an interrupt stops the prompt it names, all without a name, and none that waits', async () => {
  const { server, socket, hold, release } = await held({ parallel: 3 })
  for (const id of ['1', '2', '3']) await hold(id)
  await server.submit(textPrompt(), { prompt_id: 'waits', client_id: 'holder' })
  await server.post('/interrupt', { prompt_id: 'waits' })
  await server.post('/interrupt', { prompt_id: 'nobody' })
  expect(await queueOf(server)).toEqual({ running: ['1', '2', '3'], pending: ['waits'] })
  await release('2')
  await socket.until(isEndOf('waits'))
  expect((await queueOf(server)).running).toEqual(['1', '3'])
  const answer = await server.post('/interrupt')
  expect([answer.status, answer.json]).toEqual([200, {}])
  await socket.until(isEndOf('1'))
  await socket.until(isEndOf('3'))
  const statuses = (await server.get('/history')).json as Record<string, { status: { status_str: string } }>
  expect(
    Object.fromEntries(Object.entries(statuses).map(([id, { status }]) => [id, status.status_str])),
  ).toEqual({
    '1': 'error',
    '2': 'error',
    '3': 'error',
    waits: 'success',
  })
})

test('an interrupted run keeps the outputs that were finished, and frees its place', async () => {
  const { server, hold, release } = await held()
  const prompt = { ...slowPrompt(), t: { class_type: 'PreviewAny', inputs: { source: 'done before' } } }
  const socket = await server.socket('me')
  await server.submit(prompt, { prompt_id: 'half', client_id: 'me' })
  await socket.until(({ type, data }) => type === 'executing' && data.node === '3')
  await socket.until(({ type, data }) => type === 'executed' && data.node === 't')
  await server.post('/interrupt')
  await socket.until(isEndOf('half'))
  expect((await server.get('/history/half')).json).toMatchObject({
    half: { outputs: { t: { text: ['done before'] } } },
  })
  await hold('next')
  await release('next')
})

test('queue and history outlive the server; its temp files do not, and its results do', async () => {
  const { server: first, hold } = await held()
  await first.post('/history', { clear: true })
  await hold('running')
  await first.submit(textPrompt('later'), { prompt_id: 'waiting', number: 5 })
  await first.submit(textPrompt(), { prompt_id: 'front', front: true })
  const before = await queueOf(first)
  expect(before).toEqual({ running: ['running'], pending: ['front', 'waiting'] })
  await first.close()
  const second = await openServer({ dataDir: first.dataDir, parallel: 3 })
  expect(second.resumed).toBe(1)
  const socket = await second.socket()
  await socket.until(
    ({ type, data }) =>
      type === 'status' &&
      (data as { status: { exec_info: { queue_remaining: number } } }).status.exec_info.queue_remaining === 0,
  )
  const history = (await second.get('/history')).json as Record<string, { outputs: object; status: object }>
  expect(Object.keys(history).toSorted()).toEqual(['front', 'running', 'waiting'])
  expect(history.waiting?.outputs).toEqual({ '2': { text: ['later'] } })
})

test('the history keeps its newest entries within its limits', async () => {
  const server = await openServer()
  const { store } = server.queue
  for (let index = 0; index < 30; index++) {
    const run = store.add(
      {
        id: `old${index}`,
        number: index,
        clientId: undefined,
        prompt: {},
        extra: {},
        targets: undefined,
        outputsToRun: [],
      },
      index,
    )
    store.takeNext(index)
    store.end(run.seq, {
      finishedAt: index,
      status: 'success',
      outputs: {},
      cachedNodes: [],
      executedNodes: [],
      errors: [],
      tasks: [],
      results: {},
    })
  }
  const ids = () => store.history({}).map(({ id }) => id)
  store.trimHistory({ maxEntries: 10, olderThan: 0 })
  expect(ids()).toEqual(Array.from({ length: 10 }, (_, index) => `old${20 + index}`))
  store.trimHistory({ maxEntries: 10, olderThan: 27 })
  expect(ids()).toEqual(['old27', 'old28', 'old29'])
})

test('a start empties temp and leaves output files alone', async () => {
  const first = await openServer()
  const prompt = { ...cloudPrompt(zImage), '5': { class_type: 'PreviewImage', inputs: { images: ['3', 0] } } }
  await first.runToEnd(prompt)
  const names = async (folder: string) =>
    (await readdir(join(first.dataDir, folder)).catch(() => [])).filter(name => name.endsWith('.png'))
  expect([(await names('temp')).length, (await names('output')).length]).toEqual([4, 4])
  await first.close()
  await openServer({ dataDir: first.dataDir })
  expect([(await names('temp')).length, (await names('output')).length]).toEqual([0, 4])
})
