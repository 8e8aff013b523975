import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  createSandbox,
  type LoggedRequest,
  type SandboxTask,
  specialWorkflows,
} from '../../server/sandbox/index.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { isEndOf, type Message } from '../support/open-server.ts'
import { node } from '../support/prompts.ts'
import { startServe } from '../support/start-cli.ts'
import { tinyRender } from '../support/tiny-render.ts'

/** One task of a minute, at this speed. */
const speed = 12
const taskMs = (60_000 + 300) / speed
const slots = 3

/** Independent tasks, each with a text of its own. */
function tasks(names: readonly string[], baseUrl: string): Prompt {
  const apiKey = 'twoProcessesOneKeyForTests012345'
  const nodes: Record<string, Prompt[string]> = {
    s: node('RH_SettingsNode', { base_url: baseUrl, apiKey, workflowId_webappId: specialWorkflows.slow.id }),
  }
  for (const name of names) {
    nodes[`i${name}`] = node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: name })
    nodes[`e${name}`] = node('RH_ExecuteNode', { apiConfig: ['s', 0], nodeInfoList: [`i${name}`, 0] })
  }
  return nodes
}

/** The most that were alive at one moment. */
function mostAtOnce(all: readonly SandboxTask[]): number {
  return Math.max(
    ...all.map(
      ({ createdAt }) =>
        all.filter(task => task.createdAt <= createdAt && (task.endedAt ?? Infinity) > createdAt).length,
    ),
  )
}

/** Of any window of five seconds the one with the most questions: how many more they are than one a second and one for each end, which a socket hints at. */
function mostTooMany(requests: readonly LoggedRequest[], all: readonly SandboxTask[]): number {
  const windowMs = 5_000
  const within = (from: number, at: number | null) => at !== null && at >= from && at < from + windowMs
  return Math.max(
    ...requests.map(({ at: from }) => {
      const questions = requests.filter(({ at }) => within(from, at)).length
      const ends = all.filter(({ endedAt }) => within(from - 500, endedAt)).length
      return questions - windowMs / 1000 - ends
    }),
  )
}

/** Two real processes on one data folder, and a sandbox for both. */
async function openTwo(atSpeed = speed) {
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-two-'))
  const sandbox = await createSandbox({ speed: atSpeed, concurrency: slots, render: tinyRender })
  onTestFinished(async () => {
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
  })
  const start = () => startServe(['--data-dir', dataDir], { RH_BRIDGE_LOG: 'silent' })
  return { sandbox, servers: await Promise.all([start(), start()]) }
}

/** Ten tasks in two processes of their own; how much longer than four task times they took, in milliseconds. */
async function runTen(): Promise<number> {
  const { sandbox, servers } = await openTwo()
  const startedAt = performance.now()
  const names = ['a', 'b', 'c', 'd', 'e']
  const ended = await Promise.all(
    servers.map((server, index) =>
      server.runToEnd(
        tasks(
          names.map(name => `${name}${index}`),
          sandbox.url,
        ),
      ),
    ),
  )
  const tookMs = performance.now() - startedAt

  expect(ended.map(({ entry }) => entry.status.status_str)).toEqual(['success', 'success'])
  const all = sandbox.tasks()
  expect(all).toHaveLength(10)
  expect(mostAtOnce(all)).toBe(slots)
  expect(sandbox.requests().filter(({ code }) => code === 421)).toEqual([])
  const questions = sandbox.requests().filter(({ path }) => /^\/task\/openapi\/(outputs|status)$/.test(path))
  // Turns are a second apart when they are given; on a busy machine the first of them is asked late.
  expect(mostTooMany(questions, all)).toBeLessThanOrEqual(1)
  return tookMs - 4 * taskMs
}

test('ten tasks on a key with three slots, two processes on one data folder: never a fourth at once, none refused, four task times, about one question a second', async () => {
  const overs: number[] = []
  // Alone on two cores 0.7 s. The best counts: other tests beside it may cost a round seconds, and a slot left empty costs every round a task time.
  while (overs.length === 0 || (Math.min(...overs) >= 2_000 && overs.length < 3)) overs.push(await runTen())
  console.log(`ten tasks in three slots: ${overs.map(Math.round).join(', ')} ms over four task times`)
  expect(Math.min(...overs)).toBeLessThan(2_000)
})

test('the same work begun in two processes at the same moment is one task, and the other takes it over when the one that made it is killed', async () => {
  const { sandbox, servers } = await openTwo(30)
  const both = (name: string) => servers.map(server => server.runToEnd(tasks([name], sandbox.url)))
  const ended = await Promise.all(both('together'))
  expect(ended.map(({ entry }) => entry.status.status_str)).toEqual(['success', 'success'])
  expect(sandbox.tasks()).toHaveLength(1)

  const sockets = await Promise.all(servers.map(server => server.socket('listener')))
  const ids = await Promise.all(
    servers.map(server => server.submit(tasks(['killed'], sandbox.url), { client_id: 'listener' })),
  )
  const hears = (wanted: (message: Message) => boolean) =>
    Promise.race(sockets.map((socket, index) => socket.until(wanted).then(() => index)))
  const maker = await hears(
    ({ type, data }) => type === 'bridge.task' && ids.includes(String(data.prompt_id)),
  )
  const waiter = await hears(({ type, data }) => type === 'bridge.progress' && isWait(data.progress))
  expect(waiter).toBe(1 - maker)
  servers[maker]?.child.kill('SIGKILL')
  await sockets[waiter]?.until(isEndOf(ids[waiter] ?? ''))
  const entry = await servers[waiter]?.get(`/history/${ids[waiter]}`)
  expect(entry?.text).toContain('"status_str":"success"')
  expect(sandbox.tasks()).toHaveLength(2)
})

function isWait(progress: unknown): boolean {
  return (progress as { label?: string }).label === 'The same task runs already'
}
