import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { RunEvent } from '../../server/executor/index.ts'
import { createSocketHub } from '../../server/ws/hub.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { openSocket } from '../support/open-server.ts'
import { storedRun } from '../support/stored-run.ts'

async function openHub() {
  const clock = createFakeClock()
  const hub = createSocketHub({ clock, features: () => ({}), remaining: () => 0 })
  const server = createServer()
  server.on('upgrade', (request, stream, head) => hub.upgrade(request, stream, head))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await clock.run(hub.close())
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ws?clientId=me`
  const socket = await openSocket(url)
  const run = storedRun()
  return {
    clock,
    hub,
    socket,
    event: (event: Omit<Extract<RunEvent, { type: 'node-started' }>, 'runId' | 'at' | 'type'>) =>
      hub.tell({
        type: 'run-event',
        run,
        event: { type: 'node-started', runId: run.id, at: clock.now(), ...event },
      }),
    /** Waits until all that was sent has arrived. */
    async end() {
      hub.tell({ type: 'run-ended', run: { ...run, state: 'done', status: 'success' } })
      hub.tell({ type: 'run-left', run })
      await socket.until(({ type, data }) => type === 'executing' && data.node === null)
      return socket.messages.filter(({ type }) => type === 'progress_state')
    },
  }
}

test('progress_state goes out at most ten times a second and once at the end, with every node of the run', async () => {
  const { clock, event, end } = await openHub()
  for (let at = 0; at < 200; at++) {
    event({ nodeId: String(at % 20) })
    await clock.advance(10)
  }
  const states = await end()
  expect(states.length).toBeGreaterThanOrEqual(15)
  expect(states.length).toBeLessThanOrEqual(21)
  expect(Object.keys(states.at(-1)?.data.nodes as object)).toHaveLength(20)
})

test('a run of 1,000 nodes sends less than 2 MB although it lasts for five seconds', async () => {
  const { clock, event, end, socket } = await openHub()
  for (let at = 0; at < 1000; at++) {
    event({ nodeId: String(at) })
    await clock.advance(5)
  }
  const states = await end()
  expect(Object.keys(states.at(-1)?.data.nodes as object)).toHaveLength(1000)
  expect(socket.bytes()).toBeLessThan(2_000_000)
})

test('nothing is sent of a run when nothing happens in it', async () => {
  const { clock, event, end } = await openHub()
  event({ nodeId: '1' })
  await clock.advance(100)
  await clock.advance(60_000)
  expect(await end()).toHaveLength(2)
})
