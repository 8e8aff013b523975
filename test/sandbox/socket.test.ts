import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { specialWorkflows } from '../../server/sandbox/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { openBench, sdxl, zImage } from './support.ts'

type Heard = {
  messages: string[]
  binary: number
  closed: Promise<number>
  open: Promise<void>
  failed: Promise<Error>
}

function listen(url: string): Heard {
  const socket = new WebSocket(url)
  const heard: Heard = {
    messages: [],
    binary: 0,
    closed: new Promise(resolve => socket.on('close', resolve)),
    open: new Promise(resolve => socket.on('open', resolve)),
    failed: new Promise(resolve => socket.on('error', resolve)),
  }
  socket.on('message', (data, isBinary) => {
    if (isBinary) heard.binary++
    else heard.messages.push(String(data))
  })
  return heard
}

/** A task that has just begun to run, on a clock that stands still, with its socket open. */
async function runningTask(workflowId: string) {
  const clock = createFakeClock()
  const bench = await openBench({ clock, speed: 1 })
  const taskId = await bench.create(workflowId)
  await clock.advance(301)
  const { json } = await bench.post('/task/openapi/outputs', { taskId })
  const { netWssUrl } = json.data as { netWssUrl: string }
  return { ...bench, clock, taskId, netWssUrl }
}

const typesOf = (heard: Heard) => heard.messages.map(text => (JSON.parse(text) as { type: string }).type)

test('a joiner hears status, then live steps of every node, and the end in ComfyUI order', async () => {
  const { clock, taskId, netWssUrl, finished } = await runningTask(sdxl)
  const heard = listen(netWssUrl)
  await heard.open
  await clock.run(finished(taskId))
  await clock.run(heard.closed)
  const types = typesOf(heard)
  expect(types[0]).toBe('status')
  // What was said before it joined is not said again.
  expect(types).not.toContain('execution_start')
  expect(types.slice(-3)).toEqual(['executed', 'executing', 'execution_success'])
  expect(types.filter(type => type === 'progress')).toHaveLength(20)
  const parsed = heard.messages.map(
    text => JSON.parse(text) as { type: string; data: Record<string, unknown> },
  )
  expect(parsed.findLast(message => message.type === 'executing')?.data.node).toBeNull()
  expect(parsed.find(message => message.type === 'progress')?.data).toMatchObject({
    node: '3',
    value: 1,
    max: 20,
  })
  expect(parsed.find(message => message.type === 'executed')?.data).toMatchObject({
    node: '9',
    output: { images: [{ type: 'output', subfolder: '' }] },
  })
})

test('a second run of a workflow finds its loaders cached', async () => {
  const { create, finished, post, clock } = await runningTask(zImage)
  const first = await create(zImage)
  await clock.run(finished(first))
  const second = await create(zImage)
  await clock.advance(301)
  const { json } = await post('/task/openapi/outputs', { taskId: second })
  const heard = listen((json.data as { netWssUrl: string }).netWssUrl)
  await heard.open
  await clock.run(finished(second))
  await clock.run(heard.closed)
  const executed = heard.messages.filter(text => text.includes('"executing"')).join()
  expect(executed).toContain('"node":"3"')
  expect(executed).not.toContain('"node":"1"')
})

test('a wrong credential is refused with 403', async () => {
  const { netWssUrl } = await runningTask(sdxl)
  const error = await listen(netWssUrl.replace(/Rh-Comfy-Auth=.*/, 'Rh-Comfy-Auth=x')).failed
  expect(error.message).toContain('403')
})

test('a silent socket opens and says nothing while the task succeeds', async () => {
  const { netWssUrl, clock, finished, taskId } = await runningTask(specialWorkflows.silentSocket.id)
  const heard = listen(netWssUrl)
  await heard.open
  expect((await clock.run(finished(taskId))).json.code).toBe(0)
  expect(heard.messages).toEqual([])
})

test('a broken socket sends text that is no JSON and binary, then closes', async () => {
  const { netWssUrl } = await runningTask(specialWorkflows.brokenSocket.id)
  const heard = listen(netWssUrl)
  expect(await heard.closed).toBe(1011)
  expect(() => JSON.parse(heard.messages[0] ?? '')).toThrow()
  expect(heard.binary).toBe(2)
})

test('a dropped socket is cut while the task goes on', async () => {
  const { netWssUrl, clock, finished, taskId } = await runningTask(specialWorkflows.dropsSocket.id)
  const heard = listen(netWssUrl)
  await heard.open
  const done = finished(taskId)
  expect(await clock.run(heard.closed)).toBe(1006)
  expect((await clock.run(done)).json.code).toBe(0)
})

test('execution_success can come for every node', async () => {
  const { netWssUrl, clock, finished, taskId } = await runningTask(specialWorkflows.successPerNode.id)
  const heard = listen(netWssUrl)
  await heard.open
  await clock.run(finished(taskId))
  await clock.run(heard.closed)
  expect(typesOf(heard).filter(type => type === 'execution_success').length).toBeGreaterThan(3)
})

test('a socket can be refused, by its workflow or by a fault', async () => {
  const refused = await runningTask(specialWorkflows.refusesSocket.id)
  expect((await listen(refused.netWssUrl).failed).message).toContain('403')
  const faulty = await runningTask(sdxl)
  faulty.sandbox.addFaults([{ on: 'socket', do: { kind: 'http', status: 502 } }])
  expect((await listen(faulty.netWssUrl).failed).message).toContain('502')
})
