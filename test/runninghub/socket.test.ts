import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createProgressReader, readTitles } from '../../server/runninghub/cloud-progress.ts'
import type { TaskEvent } from '../../server/runninghub/index.ts'
import { openTaskSocket } from '../../server/runninghub/socket.ts'
import { specialWorkflows } from '../../server/sandbox/index.ts'
import { clientFor, createFastClock, openCloud, sdxl } from './support.ts'

/** A second of the cloud in 20 ms: sockets, polls and tasks keep their proportions. */
const factor = 50

async function followed(
  targetId: string,
  more: { withGraph?: ReadonlyMap<string, string>; speed?: number } = {},
) {
  const clock = createFastClock(factor)
  const cloud = await openCloud({ clock, speed: more.speed ?? 1 })
  const outcome = await cloud.runToEnd(targetId, more)
  const progress = outcome.events.flatMap(event => (event.type === 'running' ? [event.progress] : []))
  return { ...cloud, ...outcome, progress }
}

const lastOf = (events: readonly TaskEvent[]) => events.at(-1)

describe('a socket that works', () => {
  test('gives the nodes by title, their steps, and never more than there are', async () => {
    const titles = new Map(['3', '4', '5', '6', '7', '8', '9'].map(id => [id, `Title ${id}`]))
    const { events, progress } = await followed(sdxl, { withGraph: titles, speed: 0.1 })
    expect(lastOf(events)?.type).toBe('done')
    expect(progress.some(({ label, steps }) => label === 'Title 3' && steps === 20)).toBe(true)
    let before = 0
    for (const { nodesDone, nodesTotal = 0, step = 0, steps = 0 } of progress) {
      expect(nodesDone).toBeGreaterThanOrEqual(before)
      expect(nodesDone).toBeLessThanOrEqual(nodesTotal)
      expect(step).toBeLessThanOrEqual(steps)
      before = nodesDone
    }
  })

  test('ends the wait before the next poll is due', async () => {
    const { events, sandbox, requests } = await followed(sdxl)
    expect(lastOf(events)?.type).toBe('done')
    const endedAt = sandbox.tasks()[0]?.endedAt ?? 0
    const askedAt = requests('/outputs').at(-1)?.at ?? 0
    expect(askedAt - endedAt).toBeLessThan(2500)
  })
})

describe('a socket that does not', () => {
  test.each([
    ['silentSocket'],
    ['brokenSocket'],
    ['refusesSocket'],
    ['dropsSocket'],
    ['earlySuccess'],
    ['successPerNode'],
  ] as const)('%s is no failure of the task', async name => {
    const { events, error, sandbox } = await followed(specialWorkflows[name].id)
    expect(error).toBeUndefined()
    expect(lastOf(events)).toMatchObject({ type: 'done', files: [{ type: 'png' }] })
    expect(sandbox.tasks()[0]?.state).toBe('SUCCESS')
  })

  test('that is refused is not knocked at for ever', async () => {
    const clock = createFastClock(factor)
    const { runToEnd, requests } = await openCloud({
      clock,
      speed: 0.1,
      faults: [{ on: 'socket', times: 99, do: { kind: 'http', status: 502 } }],
    })
    expect((await runToEnd(sdxl)).error).toBeUndefined()
    expect(requests('/ws/c_instance').length).toBeLessThanOrEqual(5)
    expect(requests('/ws/c_instance').length).toBeGreaterThan(1)
  })

  test('an address that is none is reported like any other', async () => {
    const { transport } = clientFor('http://127.0.0.1:1', createFastClock(1))
    for (const url of ['not a url', 'ftp://x', 'ws://127.0.0.1:1/ws']) {
      await new Promise<void>(resolve => {
        openTaskSocket(url, transport, { message: () => {}, end: resolve })
      })
    }
  })

  test('one that never answers the closing is let go', async () => {
    const upgraded = Promise.withResolvers<Socket>()
    const server = createServer()
    server.on('upgrade', (request, socket: Socket) => {
      const accept = createHash('sha1')
        .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      socket.write(Buffer.from([0x81, 0x02, 0x7b, 0x7d]))
      socket.resume().on('error', () => {})
      upgraded.resolve(socket)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { transport } = clientFor(`http://127.0.0.1:${port}`, createFastClock(1))
    const heard = Promise.withResolvers<string>()
    const socket = openTaskSocket(`ws://127.0.0.1:${port}/ws`, transport, {
      message: heard.resolve,
      end() {},
    })
    expect(await heard.promise).toBe('{}')
    const peer = await upgraded.promise
    const ended = new Promise(resolve => peer.on('end', resolve))
    socket.close()
    await ended
    peer.destroy()
    await new Promise(resolve => server.close(resolve))
  })
})

describe('progress', () => {
  const reader = (ids: string[] = []) => {
    const made = createProgressReader()
    if (ids.length > 0) made.knowGraph(new Map(ids.map(id => [id, `T${id}`])))
    const say = (type: string, data?: object) => made.accept(JSON.stringify({ type, data }))
    return { ...made, say }
  }

  test('counts cached nodes and those that were left', () => {
    const { say, current } = reader(['1', '2', '3', '4'])
    say('execution_cached', { nodes: ['1', 2] })
    say('executing', { node: '3' })
    expect(current()).toEqual({ nodesDone: 2, nodesTotal: 4, label: 'T3' })
    say('progress', { node: '3', value: 10, max: 20 })
    expect(current()).toMatchObject({ step: 10, steps: 20 })
    say('executing', { node: '4' })
    expect(current()).toEqual({ nodesDone: 3, nodesTotal: 4, label: 'T4' })
    say('executing', { node: null })
    expect(current()).toEqual({ nodesDone: 4, nodesTotal: 4 })
  })

  test('without a graph there is a count and no total', () => {
    const { say, current } = reader()
    say('executing', { node: '57:8' })
    say('executing', { node: '3' })
    expect(current()).toEqual({ nodesDone: 1, label: 'node 3' })
  })

  test('nodes the graph does not know raise the total, so that it is never passed', () => {
    const { say, current } = reader(['1'])
    for (const node of ['1', '57:1', '57:2', '57:3', null]) say('executing', { node })
    expect(current()).toEqual({ nodesDone: 4, nodesTotal: 4 })
  })

  test('a node that runs again takes nothing back', () => {
    const { say, current } = reader(['1', '2'])
    for (const node of ['1', '2', '1', '2']) say('executing', { node })
    expect(current().nodesDone).toBe(2)
  })

  test.each([
    [{ value: 30, max: 20 }, 20, 20],
    [{ value: -3, max: 20 }, 0, 20],
    [{ value: '7', max: '20' }, 7, 20],
    [{ value: 5, max: 0 }, undefined, undefined],
    [{ value: 5 }, undefined, undefined],
    [{ value: 5, max: -1 }, undefined, undefined],
  ])('steps %j read as %s of %s', (data, step, steps) => {
    const { say, current } = reader(['3'])
    say('progress', { node: '3', ...data })
    expect([current().step, current().steps]).toEqual([step, steps])
  })

  test.each([
    ['executing', { node: null }, true],
    ['executing', { node: '3' }, false],
    ['execution_success', {}, true],
    ['execution_success', { node: '3' }, true],
    ['execution_error', { node_id: '3' }, true],
    ['progress', { node: '3', value: 20, max: 20 }, false],
  ])('%s with %j hints at the end: %s', (type, data, hint) => {
    expect(reader().say(type, data).hint).toBe(hint)
  })

  test.each([
    [''],
    ['no json'],
    ['{"type":"executing","data":{"node":'],
    ['null'],
    ['[]'],
    ['{"type":7}'],
    ['{"type":"crystools.monitor","data":{"cpu":7}}'],
    ['{"type":"progress","data":{"node":"3","value":"x","max":{}}}'],
    ['{"type":"execution_cached","data":{"nodes":"all"}}'],
  ])('the frame %j is passed over', frame => {
    const made = createProgressReader()
    expect(made.accept(frame)).toEqual({ news: false, hint: false })
    expect(made.current()).toEqual({ nodesDone: 0 })
  })
})

test('titles come from _meta, else from the class, and from nothing else', () => {
  const titles = readTitles({
    3: { class_type: 'KSampler', inputs: {}, _meta: { title: 'Sampler' } },
    '57:8': { class_type: 'VAEDecode', inputs: {} },
    9: 'no node',
  })
  expect([...titles]).toEqual([
    ['3', 'Sampler'],
    ['57:8', 'VAEDecode'],
  ])
  expect(readTitles([]).size).toBe(0)
  expect(readTitles(null).size).toBe(0)
})
