import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { BatchSummary } from '../../server/batch/index.ts'
import { createSandbox, type SandboxOptions } from '../../server/sandbox/index.ts'
import { createRandom } from '../../server/sandbox/random.ts'
import { node } from '../support/prompts.ts'
import { tinyRender } from '../support/tiny-render.ts'

const root = join(import.meta.dirname, '../..')

/** A table of prompts over one cloud workflow, and `rh-bridge batch` as a process that can be killed at any of its steps. */
async function openTable(count: number, options: SandboxOptions) {
  const sandbox = await createSandbox({ speed: 400, concurrency: 50, render: tinyRender, ...options })
  const folder = await mkdtemp(join(tmpdir(), 'rh-killed-'))
  onTestFinished(async () => {
    await sandbox.close()
    await rm(folder, { recursive: true, force: true })
    expect(sandbox.violations()).toEqual([])
  })
  const graph = join(folder, 'graph.json')
  await writeFile(
    graph,
    JSON.stringify({
      1: node('RH_SettingsNode', { base_url: '', apiKey: '', workflowId_webappId: '1904136902449209346' }),
      2: node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: '' }),
      3: node('RH_ExecuteNode', { apiConfig: ['1', 0], nodeInfoList: ['2', 0], concurrency_limit: 50 }),
      4: node('SaveImage', { images: ['3', 0], filename_prefix: 'x' }),
    }),
  )
  const table = join(folder, 'rows.csv')
  const prompts = Array.from({ length: count }, (_, index) => `第 ${index} 只 "fox"`)
  await writeFile(table, `prompt\n${prompts.map(text => `"${text.replaceAll('"', '""')}"`).join('\n')}\n`)

  const command = [
    'batch',
    graph,
    '--rows',
    table,
    '--map',
    'prompt=2.fieldValue',
    '--parallel',
    '48',
    '--json',
  ]
  const place = ['--base-url', sandbox.url, '--data-dir', join(folder, 'data')]
  /** Its exit code or what killed it, and what it says at its end; `crashAt` counts its steps. */
  async function batch(
    more: readonly string[],
    how: { crashAt?: number; env?: Record<string, string> } = {},
  ) {
    const preload = join(root, 'test/crash/preload.mjs')
    const { PATH = '', HOME = '' } = process.env
    const child = spawn(
      process.execPath,
      ['--import', preload, join(root, 'server/cli.ts'), ...command, ...place, ...more],
      {
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
        env: { PATH, HOME, NODE_COMPILE_CACHE: join(tmpdir(), 'rh-cli-compile-cache'), ...how.env },
      },
    )
    let steps = 0
    child.on('message', (message: { count?: number }) => {
      steps = message.count ?? steps
    })
    child.send({ crashAt: how.crashAt ?? 0 })
    let text = ''
    child.stdout?.on('data', chunk => {
      text += String(chunk)
    })
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    return {
      end: code ?? signal,
      steps,
      summary: text === '' ? undefined : (JSON.parse(text) as BatchSummary),
    }
  }
  const coins = () => sandbox.tasks().reduce((sum, task) => sum + Number(task.coins ?? 0), 0)
  /** What of the table was paid for; twice the same would be a duplicate. */
  const paidFor = () => sandbox.tasks().map(task => String(task.nodeInfoList[0]?.fieldValue))
  return { sandbox, prompts, batch, coins, paidFor, folder }
}

test('200 rows, one in twenty refused, two kills: the same command finishes them, within its cap, each paid once and to the coin', async () => {
  const random = createRandom(8)
  const { sandbox, prompts, batch, coins, paidFor, folder } = await openTable(200, {
    seed: 3,
    faults: [
      {
        on: 'create',
        probability: 0.05,
        times: 1_000_000,
        do: { kind: 'code', code: 433, msg: 'VALIDATE_PROMPT_FAILED' },
      },
    ],
  })
  const cap = ['--cap-coins', '900']
  const killed = { env: { CRASH_WHEN_SETTLED: '1' } }
  for (let kill = 0; kill < 2; kill++) {
    expect((await batch(cap, { crashAt: random.between(300, 900), ...killed })).end).toBe('SIGKILL')
    expect(coins()).toBeLessThan(900)
  }

  const capped = await batch(cap)
  expect(capped.end).toBe(1)
  expect(capped.summary).toMatchObject({ state: 'paused', running: 0, coins: coins() })
  expect(capped.summary?.why).toContain('cap of 900 coins')
  const dearest = Math.max(...sandbox.tasks().map(task => Number(task.coins)))
  expect(coins()).toBeGreaterThanOrEqual(900)
  expect(coins()).toBeLessThan(900 + dearest)

  const whole = ['--cap-coins', '100000', '--results', join(folder, 'results.csv')]
  const finished = await batch(whole)
  expect(finished.summary).toMatchObject({ state: 'done', running: 0, waiting: 0, coins: coins() })
  const { done = 0, failed = 0 } = finished.summary ?? {}
  expect(failed).toBeGreaterThan(3)
  expect(done).toBe(200 - failed)
  expect(paidFor()).toHaveLength(done)
  const reasons = await readFile(join(folder, 'results.failed.csv'), 'utf8')
  expect(reasons.trim().split('\r\n')).toHaveLength(failed + 1)

  sandbox.clearFaults()
  const again = await batch([...whole, '--retry-failed'])
  expect(again).toMatchObject({ end: 0, summary: { done: 200, failed: 0, coins: coins() } })
  expect(paidFor().sort()).toEqual(prompts.toSorted())
}, 300_000)

test('killed while a create is in the air, its row alone is in doubt: nothing is sent a second time until somebody says so', async () => {
  const { sandbox, batch, coins, paidFor } = await openTable(6, { seed: 4 })
  expect((await batch(['--parallel', '1'], { env: { CRASH_IN_CREATE: '1' } })).end).toBe('SIGKILL')
  expect(paidFor()).toHaveLength(1)

  const next = await batch([])
  expect(next.end).toBe(1)
  expect(next.summary).toMatchObject({
    done: 5,
    failed: 1,
    coins: coins() - Number(sandbox.tasks()[0]?.coins),
  })
  expect(paidFor()).toHaveLength(6)

  const again = await batch(['--retry-failed', '--on-unknown', 'resubmit'])
  expect(again).toMatchObject({ end: 0, summary: { done: 6, failed: 0 } })
  expect(paidFor()).toHaveLength(7)
})
