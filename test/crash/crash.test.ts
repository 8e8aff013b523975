import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../server/sandbox/index.ts'
import { tinyRender } from '../support/tiny-render.ts'
import { type Chain, createChain, outcome, post, type Server, startServer } from './harness.ts'

const points = 42
/** Most of a run is waiting, so many go side by side on two cores. */
const sideBySide = 8

let sandbox: Sandbox
let folder: string
beforeAll(async () => {
  sandbox = await createSandbox({ speed: 100, render: tinyRender })
  folder = await mkdtemp(join(tmpdir(), 'rh-crash-'))
})
afterAll(async () => {
  await sandbox.close()
  await rm(folder, { recursive: true, force: true })
})

async function start(dataDir: string, environment?: Record<string, string>): Promise<Server> {
  const server = await startServer(dataDir, environment).ready
  if (!server) throw new Error('the server does not start')
  return server
}

const filesOf = async (server: Server, one: Chain) => {
  const entry = await outcome(server, one)
  return {
    status: entry?.status.status_str,
    files: entry?.outputs['40']?.images?.length,
    creates: one.creates().length,
  }
}
const whole = { status: 'success', files: 1, creates: 3 }

test('a chain of three paid tasks survives a kill at any step: three creates, every result, nobody asked', async () => {
  const first = await start(join(folder, 'count'))
  await first.arm(0)
  const counted = createChain(sandbox)
  await counted.send(first)
  expect(await filesOf(first, counted)).toEqual(whole)
  const total = first.last().count
  await first.stop()
  expect(total).toBeGreaterThan(points)

  const left = Array.from(
    { length: points },
    (_, index) => 1 + Math.floor((index * (total - 1)) / (points - 1)),
  )
  const wrong: unknown[] = []
  // Each server takes up what the one before it left, and is killed in the middle of a chain of its own.
  const worker = async (_: unknown, number: number) => {
    const dataDir = join(folder, `worker-${number}`)
    let server = await start(dataDir)
    for (let crashAt = left.shift(); crashAt !== undefined; crashAt = left.shift()) {
      const one = createChain(sandbox)
      await server.arm(crashAt)
      await one.send(server)
      await outcome(server, one)
      // The last points may lie behind the end of this chain.
      server.kill()
      await server.exited
      const killedAt = server.last()
      server = await start(dataDir)
      await one.send(server)
      const came = await filesOf(server, one)
      if (JSON.stringify(came) !== JSON.stringify(whole)) wrong.push({ crashAt, killedAt, ...came })
    }
    server.kill()
    await server.exited
  }
  await Promise.all(Array.from({ length: sideBySide }, worker))
  expect(wrong).toEqual([])
}, 240_000)

test('killed between a create and its answer, it asks instead of paying twice, and follows the task it is told', async () => {
  const dataDir = join(folder, 'in-create')
  const one = createChain(sandbox)
  const first = await start(dataDir, { CRASH_IN_CREATE: '1' })
  await one.send(first)
  await first.exited
  expect(one.creates()).toHaveLength(1)

  const second = await start(dataDir)
  type Unknown = { unknown: { seq: number; nodeId: string }[] }
  let open: Unknown['unknown'] = []
  while (open.length === 0)
    open = ((await (await fetch(`${second.url}/bridge/unknown`)).json()) as Unknown).unknown
  expect(open).toMatchObject([{ nodeId: '11' }])
  expect(one.creates()).toHaveLength(1)

  const taskId = one.creates()[0]?.taskId
  const answer = await post(`${second.url}/bridge/unknown/${open[0]?.seq}`, { choice: 'adopt', taskId })
  expect(answer.status).toBe(200)
  expect(await filesOf(second, one)).toEqual(whole)
  second.kill()
  await second.exited
})
