import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { createBridge } from '../../server/main.ts'
import { createSandbox, type SandboxOptions } from '../../server/sandbox/index.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { createFastClock } from '../runninghub/support.ts'

const sdxl = '1904136902449209346'
const zImage = '2016195556967714818'

async function openHouse(options: SandboxOptions = {}) {
  // Ten seconds of the cloud are one here.
  const fast = createFastClock(10)
  // From noon on, so that no midnight comes by itself.
  let ahead = new Date(fast.now()).setHours(12, 0, 0, 0) - fast.now()
  const clock = { ...fast, now: () => fast.now() + ahead }
  const sandbox = await createSandbox({ seed: 1, speed: 20, ...options, clock })
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-spending-'))
  const config = () => readConfig({ dataDir, baseUrl: sandbox.url }, {})
  let bridge = await createBridge(config(), { clock })
  onTestFinished(async () => {
    await bridge.close()
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  /** So many tasks side by side, each of its own. */
  const prompt = (count: number, target = sdxl, salt = ''): Prompt => ({
    1: { class_type: 'RH_SettingsNode', inputs: { base_url: '', apiKey: '', workflowId_webappId: target } },
    ...Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        [
          `i${index}`,
          {
            class_type: 'RH_NodeInfoListNode',
            inputs: { nodeId: 6, fieldName: 'text', fieldValue: `${salt} ${index}` },
          },
        ],
        [
          `t${index}`,
          {
            class_type: 'RH_ExecuteNode',
            inputs: { apiConfig: ['1', 0], nodeInfoList: [`i${index}`, 0], concurrency_limit: 50 },
          },
        ],
      ]).flat(),
    ),
  })
  async function run(given: Prompt, spending?: Parameters<typeof bridge.run>[0]['spending']) {
    const result = await bridge.run({
      checked: await bridge.check(given, { cloud: 'off' }),
      keys: new Map(),
      signal: new AbortController().signal,
      onEvent() {},
      ...(spending && { spending }),
    })
    await bridge.idle()
    return result
  }
  const paid = () => sandbox.tasks().reduce((sum, task) => sum + Number(task.coins ?? 0), 0)
  return {
    sandbox,
    run,
    prompt,
    paid,
    get bridge() {
      return bridge
    },
    nextDay() {
      ahead += 24 * 3_600_000
    },
    async reopen() {
      await bridge.close()
      bridge = await createBridge(config(), { clock })
    },
  }
}

const ever = { from: 0, to: Number.MAX_SAFE_INTEGER }

test('costs equal the sandbox’s coins to the coin, by run, day, target and key, across a restart', async () => {
  const house = await openHouse()
  for (let round = 0; round < 4; round++) {
    await house.run(house.prompt(5, round % 2 ? sdxl : zImage, String(round)))
  }
  await house.reopen()
  const { costs } = house.bridge
  expect(house.paid()).toBeGreaterThan(0)
  for (const by of ['run', 'day', 'target', 'key'] as const) {
    const sums = costs.sum(by, ever)
    expect(sums.reduce((sum, one) => sum + one.coins, 0)).toBe(house.paid())
    expect(sums.reduce((sum, one) => sum + one.tasks, 0)).toBe(20)
  }
  expect(costs.sum('run', ever)).toHaveLength(4)
  expect(
    costs
      .sum('target', ever)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual([`workflow ${sdxl}`, `workflow ${zImage}`])
  const lines = costs.csv(ever).trim().split('\r\n')
  expect(lines).toHaveLength(21)
  expect(lines[1]).toContain(`"\t${sdxl}"`)
})

test('a cap stops new creates, with at most one task over it; what runs already is fetched', async () => {
  const house = await openHouse()
  await house.run(house.prompt(1, sdxl, 'first'))
  const one = house.paid()
  const cap = one * 4
  const result = await house.run(house.prompt(12, sdxl, 'many'), { capCoins: cap })
  expect(result.status).toBe('error')
  expect(new Set(result.errors.map(error => error.code))).toEqual(new Set(['cap-reached']))
  const spent = house.paid() - one
  expect(spent).toBeGreaterThanOrEqual(cap)
  const dearest = Math.max(...house.sandbox.tasks().map(task => Number(task.coins ?? 0)))
  expect(spent).toBeLessThan(cap + dearest)
  const fetched = result.tasks.filter(task => task.status === 'success')
  expect(fetched).toHaveLength(house.sandbox.tasks().length - 1)
})

test('a day’s cap stops new creates in every run of the day, with at most one task over it, and no longer the day after', async () => {
  const house = await openHouse()
  await house.run(house.prompt(1, sdxl, 'first'))
  const cap = house.paid() * 4
  await house.bridge.limits.change({ capCoinsPerDay: cap })
  const runs = await Promise.all(['a', 'b', 'c'].map(salt => house.run(house.prompt(5, sdxl, salt))))
  const codes = runs.flatMap(run => run.errors.map(error => error.code))
  expect(new Set(codes)).toEqual(new Set(['cap-reached']))
  expect(house.paid()).toBeGreaterThanOrEqual(cap)
  const dearest = Math.max(...house.sandbox.tasks().map(task => Number(task.coins ?? 0)))
  expect(house.paid()).toBeLessThan(cap + dearest)
  // It holds across a restart: the day is in the journal, not in the process.
  await house.reopen()
  const created = house.sandbox.tasks().length
  expect((await house.run(house.prompt(2, sdxl, 'late'))).status).toBe('error')
  expect(house.sandbox.tasks()).toHaveLength(created)
  house.nextDay()
  expect((await house.run(house.prompt(1, sdxl, 'tomorrow'))).status).toBe('success')
})

test('what nobody knows the price of runs alone while a cap holds', async () => {
  const house = await openHouse()
  await house.run(house.prompt(3), { capCoins: 1 })
  expect(house.sandbox.tasks()).toHaveLength(1)
})

test('a create without an answer counts as paid: near the cap nobody waits for what nobody will say', async () => {
  const house = await openHouse()
  await house.run(house.prompt(1, sdxl, 'first'))
  const one = house.paid()
  const group = { id: 'batch', coins: one * 4 }
  house.sandbox.addFaults([{ on: 'create', do: { kind: 'commit-then-reset' } }])
  const lost = await house.run(house.prompt(1, sdxl, 'lost'), { group })
  expect(lost.errors.map(({ code }) => code)).toEqual(['cloud-create-unknown'])
  const { errors } = await house.run(house.prompt(12, sdxl, 'many'), { group })
  expect(errors[0]).toMatchObject({ code: 'cap-reached', message: expect.stringContaining('may have cost') })
  const dearest = Math.max(...house.sandbox.tasks().map(task => Number(task.coins ?? 0)))
  expect(house.paid() - one).toBeLessThan(group.coins + dearest)
})

test('runs that share a cap stop together', async () => {
  const house = await openHouse()
  await house.run(house.prompt(1, sdxl, 'first'))
  const group = { id: 'batch', coins: house.paid() * 2 }
  const results = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map(salt => house.run(house.prompt(1, sdxl, salt), { group })),
  )
  const statuses = results.map(result => result.status)
  expect(statuses).toContain('success')
  expect(statuses).toContain('error')
  const other = await house.run(house.prompt(1, sdxl, 'other'), { group: { id: 'another', coins: 1000 } })
  expect(other.status).toBe('success')
})

test('an estimate names its source, or says that nothing is known', async () => {
  const house = await openHouse()
  const estimate = async (prompt: Prompt) => house.bridge.estimate(await house.bridge.check(prompt))
  expect(await estimate(house.prompt(2))).toEqual({
    tasks: 2,
    coins: null,
    money: null,
    seconds: null,
    currency: null,
    source: { kind: 'unknown' },
  })
  await house.run(house.prompt(3))
  const all = house.sandbox.tasks().map(task => Number(task.coins))
  expect(await estimate(house.prompt(2, sdxl, 'new'))).toMatchObject({
    tasks: 2,
    coins: { low: 2 * Math.min(...all), high: 2 * Math.max(...all) },
    source: { kind: 'runs', count: 3 },
  })
  expect(await estimate(house.prompt(1, zImage))).toMatchObject({ source: { kind: 'unknown' } })
})
