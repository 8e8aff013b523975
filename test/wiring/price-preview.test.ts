import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { shippedModels } from '../../nodes/models/index.ts'
import { readConfig } from '../../server/config.ts'
import { createBridge } from '../../server/main.ts'
import { createSandbox, type FaultRule } from '../../server/sandbox/index.ts'
import type { Prompt } from '../../server/shared/prompt.ts'

const shared = 'shared00fake00key00for00tests001'
const normal = 'normal00fake00key00for00tests001'

async function openHouse(faults: FaultRule[] = []) {
  const sandbox = await createSandbox({ seed: 1, speed: 500, models: shippedModels, faults })
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-preview-'))
  const bridge = await createBridge(readConfig({ dataDir, baseUrl: sandbox.url }, {}))
  onTestFinished(async () => {
    await bridge.close()
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const previews = () => sandbox.requests().filter(({ path }) => path.includes('/price-preview/'))
  const creates = () => sandbox.tasks().length
  const estimate = async (prompt: Prompt) => bridge.estimate(await bridge.check(prompt, { cloud: 'off' }))
  async function run(prompt: Prompt) {
    return bridge.run({
      checked: await bridge.check(prompt, { cloud: 'off' }),
      keys: new Map(),
      signal: new AbortController().signal,
      onEvent() {},
    })
  }
  return { sandbox, bridge, dataDir, previews, creates, estimate, run }
}

const text = (prompt: string | [string, number], more: Prompt = {}): Prompt => ({
  1: { class_type: 'RH_RhartTextG25FlashTextToText', inputs: { prompt } },
  2: { class_type: 'PreviewAny', inputs: { source: ['1', 0] } },
  ...more,
})
const workflow: Prompt = {
  8: {
    class_type: 'RH_SettingsNode',
    inputs: { base_url: '', apiKey: '', workflowId_webappId: '1904136902449209346' },
  },
  9: { class_type: 'RH_ExecuteNode', inputs: { apiConfig: ['8', 0] } },
}

test('a standard model’s price comes from the site’s preview, asked once, and is what is paid', async () => {
  const house = await openHouse()
  const told = await house.estimate(text('a story'))
  expect(told).toEqual({
    tasks: 1,
    coins: null,
    money: { low: 0.02, high: 0.02 },
    seconds: null,
    currency: 'CNY',
    source: { kind: 'preview' },
  })
  await house.estimate(text('a story'))
  expect(house.previews()).toHaveLength(1)
  expect([house.creates(), house.sandbox.violations()]).toEqual([0, []])
  await house.run(text('a story'))
  const [paid] = house.bridge.costs.sum('target', { from: 0, to: Number.MAX_SAFE_INTEGER })
  expect(paid?.money).toBe(told.money?.low)
})

test('a picture that is uploaded only in a run has its price before', async () => {
  const house = await openHouse()
  const prompt: Prompt = {
    1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
    2: { class_type: 'RH_AlibabaWan27ImageEdit', inputs: { prompt: 'red', image1: ['1', 0] } },
    3: { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'x' } },
  }
  expect(await house.estimate(prompt)).toMatchObject({ money: { low: 0.06 }, source: { kind: 'preview' } })
  expect(house.sandbox.requests().filter(({ path }) => path.includes('upload'))).toEqual([])
})

test('without a preview earlier runs tell, and without either nobody does', async () => {
  const house = await openHouse([
    { on: 'account', times: 1000, do: { kind: 'code', code: 1001, msg: 'Invalid URL' } },
  ])
  expect(await house.estimate(text('one'))).toMatchObject({ money: null, source: { kind: 'unknown' } })
  await house.run(text('one'))
  expect(await house.estimate(text('two'))).toMatchObject({
    money: { low: 0.02, high: 0.02 },
    source: { kind: 'runs', count: 1 },
  })
  // What only a run will tell may change the price.
  const open = text(['5', 0], { 5: { class_type: 'StringTrim', inputs: { string: ' a ', mode: 'Both' } } })
  expect((await house.estimate(open)).source.kind).toBe('runs')
})

test('a graph of models and workflows names both sources', async () => {
  const house = await openHouse()
  expect((await house.estimate(text('a', workflow))).source).toEqual({ kind: 'unknown' })
  await house.run(workflow)
  const both = await house.estimate(text('a', workflow))
  expect(both).toMatchObject({ tasks: 2, money: { low: 0.02 }, source: { kind: 'mixed', count: 1 } })
  expect(both.coins?.low).toBeGreaterThan(0)
  // The time of the one is not the time of both.
  expect(both.seconds).toBeNull()
})

test('a key of the wrong kind is told before anything is sent (1014), with the kept key that would do', async () => {
  const house = await openHouse()
  const { sandbox, bridge, dataDir } = house
  await writeFile(
    join(dataDir, 'keys.json'),
    JSON.stringify({
      default: 'mine',
      keys: [
        { name: 'mine', key: normal, baseUrl: sandbox.url },
        { name: 'team', key: shared, baseUrl: sandbox.url },
      ],
    }),
  )
  const through = (key: string): Prompt => ({
    ...text('a'),
    1: {
      class_type: 'RH_RhartTextG25FlashTextToText',
      inputs: { prompt: 'a', api_config: ['4', 0] },
    },
    4: { class_type: 'RHSettingsNode', inputs: { base_url: sandbox.url, apiKey: `<key:${key}>` } },
  })
  // Nobody is asked while people type.
  expect((await bridge.check(through('mine'), { cloud: 'known' })).problems).toEqual([])
  const first = await bridge.check(through('mine'), { cloud: 'ask' })
  expect(first.problems).toMatchObject([{ nodeId: '1', code: 'cloud-1014' }])
  expect(first.outputs).toEqual([])
  expect((await bridge.check(through('team'), { cloud: 'ask' })).problems).toEqual([])
  const second = await bridge.check(through('mine'), { cloud: 'known' })
  expect(second.problems).toMatchObject([
    { nodeId: '4', code: 'cloud-1014', extra: { fix: { apiKey: '<key:team>' } } },
  ])
  expect(house.creates()).toBe(0)
  // What the check says is true.
  const refused = await house.run(through('mine'))
  expect(refused.errors).toMatchObject([{ code: 'cloud-1014' }])
  expect((await house.run(through('team'))).status).toBe('success')
})
