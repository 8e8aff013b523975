import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { shippedModels } from '../../nodes/models/index.ts'
import { readConfig } from '../../server/config.ts'
import { createBridge } from '../../server/main.ts'
import { createSandbox, specialWorkflows } from '../../server/sandbox/index.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { sandboxKey } from '../../server/shared/secrets.ts'
import { createFastClock } from '../runninghub/support.ts'

const sdxl = '1904136902449209346'
const kontext = '1877265245566922753'
const kinds = ['workflow', 'app', 'model', 'cached', 'failed', 'cancelled'] as const
type Kind = (typeof kinds)[number]

const settings = (target: string) => ({
  class_type: 'RH_SettingsNode',
  inputs: { base_url: '', apiKey: '', workflowId_webappId: target },
})
const info = (nodeId: number, fieldName: string, fieldValue: string) => ({
  class_type: 'RH_NodeInfoListNode',
  inputs: { nodeId, fieldName, fieldValue },
})
const execute = (isApp = false) => ({
  class_type: 'RH_ExecuteNode',
  inputs: { apiConfig: ['1', 0], nodeInfoList: ['2', 0], is_webapp_task: isApp, concurrency_limit: 50 },
})

function promptOf(kind: Kind, index: number): Prompt {
  switch (kind) {
    case 'app':
      return { 1: settings(kontext), 2: info(52, 'prompt', `hat ${index}`), 3: execute(true) }
    case 'model':
      return {
        1: { class_type: 'RH_RhartTextG25FlashTextToText', inputs: { prompt: `story ${index}` } },
        2: { class_type: 'PreviewAny', inputs: { source: ['1', 0] } },
      }
    case 'failed':
      return { 1: settings(specialWorkflows.fails.id), 2: info(6, 'text', `x ${index}`), 3: execute() }
    case 'cancelled':
      return { 1: settings(specialWorkflows.endless.id), 2: info(6, 'text', `y ${index}`), 3: execute() }
    default:
      // `cached` asks for what an earlier one of its round has paid for.
      return { 1: settings(sdxl), 2: info(6, 'text', `cat ${index - kinds.indexOf(kind)}`), 3: execute() }
  }
}

test('over 100 mixed runs the costs shown are the sandbox’s, to the coin and the cent', async () => {
  const clock = createFastClock(6)
  const sandbox = await createSandbox({ seed: 1, speed: 100, clock, concurrency: 50, models: shippedModels })
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-mixed-'))
  const bridge = await createBridge(readConfig({ dataDir, baseUrl: sandbox.url }, {}), { clock })
  onTestFinished(async () => {
    await bridge.close()
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  async function run(kind: Kind, index: number): Promise<string> {
    const stop = new AbortController()
    const { status, errors } = await bridge.run({
      checked: await bridge.check(promptOf(kind, index), { cloud: 'off' }),
      keys: new Map(),
      runId: `${kind}-${index}`,
      signal: stop.signal,
      onEvent(event) {
        // It exists and is paid for by nobody: stopped before its end.
        if (kind === 'cancelled' && event.type === 'node-task-changed') stop.abort()
      },
    })
    return status === 'error' && kind !== 'failed' ? JSON.stringify(errors) : status
  }
  const statuses = new Map<Kind, Set<string>>(kinds.map(kind => [kind, new Set<string>()]))
  const told = async (kind: Kind, index: number) => void statuses.get(kind)?.add(await run(kind, index))
  const indices = Array.from({ length: 102 }, (_, index) => index)
  const kindAt = (index: number) => kinds[index % kinds.length] as Kind
  const isCached = (index: number) => kindAt(index) === 'cached'
  const fresh = indices.filter(index => !isCached(index))
  // A few at a time: on a busy machine a create's minute, which is ten seconds here, must not pass.
  for (let at = 0; at < fresh.length; at += 10) {
    await Promise.all(fresh.slice(at, at + 10).map(index => told(kindAt(index), index)))
  }
  // What was paid for is there by now.
  await Promise.all(indices.filter(isCached).map(index => told('cached', index)))
  await bridge.idle()
  expect(Object.fromEntries([...statuses].map(([kind, seen]) => [kind, [...seen]]))).toEqual({
    ...{ workflow: ['success'], app: ['success'], model: ['success'], cached: ['success'] },
    ...{ failed: ['error'], cancelled: ['interrupted'] },
  })

  const tasks = sandbox.tasks()
  // Five kinds create; what is cached creates nothing.
  expect(tasks).toHaveLength(85)
  const coins = tasks.reduce((sum, task) => sum + Number(task.coins ?? 0), 0)
  const account = await fetch(`${sandbox.url}/uc/openapi/accountStatus`, {
    method: 'POST',
    body: JSON.stringify({ apikey: sandboxKey }),
  })
  const { data } = (await account.json()) as { data: { remainCoins: string; remainMoney: string } }
  const money = Math.round((999 - Number(data.remainMoney)) * 100) / 100
  expect([coins > 0, money > 0]).toEqual([true, true])
  expect(99999 - Number(data.remainCoins)).toBe(coins)

  const ever = { from: 0, to: Number.MAX_SAFE_INTEGER }
  for (const by of ['run', 'day', 'target', 'key'] as const) {
    const sums = bridge.costs.sum(by, ever)
    expect(sums.reduce((sum, one) => sum + one.coins, 0)).toBe(coins)
    expect(Math.round(sums.reduce((sum, one) => sum + one.money, 0) * 100) / 100).toBe(money)
  }
  const runs = bridge.costs.sum('run', ever)
  const paying = runs.filter(one => one.coins > 0 || one.money > 0).map(({ name }) => name.split('-')[0])
  expect([...new Set(paying)].sort()).toEqual(['app', 'model', 'workflow'])
})
