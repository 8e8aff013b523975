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

/** The most of them in any window of so many milliseconds, per second. */
function mostPerSecond(requests: readonly LoggedRequest[], windowMs: number): number {
  const most = Math.max(
    ...requests.map(({ at }) => requests.filter(other => other.at >= at && other.at < at + windowMs).length),
  )
  return most / (windowMs / 1000)
}

test('ten tasks on a key with three slots, two processes on one data folder: never a fourth at once, none refused, four task times, about one question a second', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-two-'))
  const sandbox = await createSandbox({ speed, concurrency: slots, render: tinyRender })
  onTestFinished(async () => {
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
  })
  const start = () => startServe(['--data-dir', dataDir], { RH_BRIDGE_LOG: 'silent' })
  const servers = await Promise.all([start(), start()])

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
  expect(tookMs).toBeLessThan(4 * taskMs + 2_000)
  const questions = sandbox.requests().filter(({ path }) => /^\/task\/openapi\/(outputs|status)$/.test(path))
  expect(mostPerSecond(questions, 5_000)).toBeLessThanOrEqual(1.3)
}, 60_000)
