import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { type Bridge, createBridge } from '../../server/main.ts'
import { createSandbox } from '../../server/sandbox/index.ts'

const sdxl = '1904136902449209346'
const kontext = '1877265245566922753'
const never = new AbortController().signal

type Sandbox = Awaited<ReturnType<typeof createSandbox>>
let [here, there]: Sandbox[] = []
let bridge: Bridge
let dataDir: string

// Two sandboxes stand for RunningHub's two sites. The first one knows neither workflow nor app.
beforeAll(async () => {
  here = await createSandbox({
    seed: 1,
    speed: 500,
    faults: [
      { on: 'json', times: 99, do: { kind: 'code', code: 380, msg: 'WORKFLOW_NOT_EXISTS' } },
      { on: 'create', times: 99, do: { kind: 'code', code: 380, msg: 'WORKFLOW_NOT_EXISTS' } },
    ],
  })
  there = await createSandbox({ seed: 2, speed: 500 })
  dataDir = await mkdtemp(join(tmpdir(), 'rh-other-site-'))
  bridge = await createBridge(readConfig({ dataDir }, { RH_BRIDGE_SITES: `${here.url},${there.url}` }))
  bridge.state()
  const keep = (name: string, site: Sandbox) =>
    bridge.keyStore.put({ name, key: `${name}0`.padEnd(32, 'x'), baseUrl: site.url }, { makeDefault: false })
  await keep('first', here)
  await keep('second', there)
})
afterAll(async () => {
  await bridge.close()
  await Promise.all([here?.close(), there?.close()])
  await rm(dataDir, { recursive: true, force: true })
})

const promptOf = (id: string, isApp: boolean, settings: object) => ({
  2: { class_type: 'RH_SettingsNode', inputs: { ...settings, workflowId_webappId: id } },
  9: { class_type: 'RH_ExecuteNode', inputs: { apiConfig: ['2', 0], is_webapp_task: isApp } },
})
const atFirst = () => ({ base_url: here?.url, apiKey: '<key:first>' })
const creates = () =>
  [here, there].flatMap(site => site?.requests() ?? []).filter(({ path }) => path.endsWith('/create')).length

test.each([
  ['a workflow', sdxl, false],
  ['an AI app', kontext, true],
])(
  '%s of the other site is told at the settings, with the site and the key that have it',
  async (_, id, isApp) => {
    const { problems, outputs } = await bridge.check(promptOf(id, isApp, atFirst()), { cloud: 'ask' })
    const fix = { base_url: there?.url, apiKey: '<key:second>' }
    expect(problems).toMatchObject([{ nodeId: '2', code: 'cloud-other-site', extra: { fix } }])
    expect(problems[0]?.message).toContain(`${id} is on ${new URL(there?.url ?? '').host}`)
    expect(outputs).toEqual([])
    expect(creates()).toBe(0)

    const mended = await bridge.check(promptOf(id, isApp, fix), { cloud: 'ask' })
    expect(mended.problems).toEqual([])
  },
)

test('unchecked, the site refuses it', async () => {
  const checked = await bridge.check(promptOf(sdxl, false, atFirst()), { cloud: 'off', force: true })
  const result = await bridge.run({ checked, keys: new Map(), signal: never, onEvent() {} })
  expect(result.status).toBe('error')
  expect(here?.tasks()).toEqual([])
})

test('an id no site has stays unknown, and so does one nobody described', async () => {
  const { problems } = await bridge.check(promptOf('1904136902449209300', false, atFirst()), { cloud: 'ask' })
  expect(problems).toMatchObject([{ nodeId: '9', code: 'cloud-380' }])
  const open = await bridge.check(promptOf('2024703585040211969', false, atFirst()), { cloud: 'ask' })
  expect(open.problems).toMatchObject([{ nodeId: '9', code: 'cloud-380' }])
})

test('what was read from a link of the other site is remembered; without a key of it the next step is to add one', async () => {
  expect(await bridge.keyStore.remove('second')).toBe(true)
  const { problems } = await bridge.check(promptOf(sdxl, false, atFirst()), { cloud: 'ask' })
  expect(problems).toMatchObject([{ nodeId: '9', code: 'cloud-other-site' }])
  expect(problems[0]?.hint).toContain('keys add')
})

test('a key the site of a link does not know is told with the next step', async () => {
  const baseUrl = there?.url ?? ''
  const key = 'invalid'.padEnd(32, 'x')
  await bridge.keyStore.put({ name: 'stranger', key, baseUrl }, { makeDefault: false })
  const settings = { baseUrl, apiKey: '<key:stranger>', targetId: '' }
  const asked = bridge.knowledge.describe({ settings, kind: 'app', id: kontext }, { signal: never })
  // What is known serves all the same.
  expect(await asked).toMatchObject({ id: kontext })
  const unknown = bridge.knowledge.describe(
    { settings, kind: 'app', id: '1968224578318974977' },
    { signal: never },
  )
  await expect(unknown).rejects.toMatchObject({
    code: 'no-key',
    message: `${new URL(baseUrl).host} does not know the key "stranger".`,
    hint: expect.stringContaining('--sandbox on'),
  })
})
