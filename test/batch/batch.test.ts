import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { createBatches, rowsAsCsv, sheetAsHtml, sheetAsPng } from '../../server/batch/index.ts'
import { readConfig } from '../../server/config.ts'
import { createBridge } from '../../server/main.ts'
import { createSandbox, type SandboxOptions } from '../../server/sandbox/index.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { createFastClock } from '../runninghub/support.ts'

const sdxl = '1904136902449209346'
const prompt: Prompt = {
  1: { class_type: 'RH_SettingsNode', inputs: { base_url: '', apiKey: '', workflowId_webappId: sdxl } },
  2: { class_type: 'RH_NodeInfoListNode', inputs: { nodeId: 6, fieldName: 'text', fieldValue: '' } },
  3: {
    class_type: 'RH_ExecuteNode',
    inputs: { apiConfig: ['1', 0], nodeInfoList: ['2', 0], concurrency_limit: 50 },
  },
  4: { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'x' } },
}

async function openHouse(options: SandboxOptions = {}) {
  // Ten seconds of the cloud are one here.
  const clock = createFastClock(10)
  const sandbox = await createSandbox({ seed: 1, speed: 30, ...options, clock })
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-batch-'))
  const bridge = await createBridge(readConfig({ dataDir, baseUrl: sandbox.url }, {}), { clock })
  const states: string[] = []
  const batches = createBatches({
    house: bridge,
    store: () => bridge.state().batches,
    clock,
    onNews: ({ state }) => states.at(-1) !== state && states.push(state),
  })
  onTestFinished(async () => {
    await batches.close()
    await bridge.idle()
    await bridge.close()
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const wish = (count: number, more: { capCoins?: number; parallel?: number } = {}) => ({
    title: '一批 猫',
    prompt,
    rows: Array.from({ length: count }, (_, index) => ({ prompt: `cat ${index}` })),
    mapping: { prompt: ['2.fieldValue'] },
    name: '{prompt}',
    parallel: 8,
    ...more,
  })
  const paid = () => sandbox.tasks().reduce((sum, task) => sum + Number(task.coins ?? 0), 0)
  return { sandbox, bridge, batches, wish, paid, states }
}

test('every row is run once, named after itself, its cost told to the coin', async () => {
  const { sandbox, batches, wish, paid, states } = await openHouse()
  const { id, isNew } = batches.add(wish(6))
  expect(isNew).toBe(true)
  await batches.start(id)
  expect(batches.summary(id)).toMatchObject({ state: 'done', rows: 6, done: 6, failed: 0, coins: paid() })
  expect(states).toEqual(['ready', 'running', 'done'])
  const rows = batches.rows(id, { offset: 0, limit: 10 })
  expect(rows[3]?.files[0]).toMatchObject({
    filename: 'cat 3_00001_.png',
    subfolder: '一批 猫',
    kind: 'image',
  })
  // The same wish is the same batch: nothing is left to do.
  expect(batches.add(wish(6))).toEqual({ id, isNew: false })
  await batches.start(id)
  expect(sandbox.tasks()).toHaveLength(6)

  const { signal } = new AbortController()
  const page = await sheetAsHtml('<猫>', ['prompt'], rows, signal)
  expect(page).toContain('&lt;猫&gt;')
  expect(page.match(/data:image\/webp/g)).toHaveLength(6)
  expect(await sharp(await sheetAsPng(rows, signal)).metadata()).toMatchObject({ format: 'png', width: 1620 })
  expect(rowsAsCsv(['prompt'], rows).trim().split('\r\n').length).toBeGreaterThan(6)
})

test('a task that two rows share is paid, and counted, once', async () => {
  const { sandbox, batches, wish, paid } = await openHouse()
  const twice = { ...wish(2, { parallel: 1 }), rows: [{ prompt: 'same' }, { prompt: 'same' }] }
  const { id } = batches.add(twice)
  await batches.start(id)
  expect(sandbox.tasks()).toHaveLength(1)
  expect(batches.summary(id)).toMatchObject({ done: 2, coins: paid() })
})

test('paused in the middle and gone on: tasks under way are taken up, none is created twice', async () => {
  const { sandbox, batches, wish } = await openHouse({ speed: 4 })
  const { id } = batches.add(wish(5, { parallel: 3 }))
  const running = batches.start(id)
  await expect.poll(() => sandbox.tasks().length).toBe(3)
  await batches.pause(id)
  await running
  expect(batches.summary(id)).toMatchObject({ state: 'paused', why: 'paused', waiting: 5, running: 0 })
  await batches.start(id)
  expect(batches.summary(id)).toMatchObject({ state: 'done', done: 5 })
  expect(sandbox.tasks()).toHaveLength(5)
})

test('stopped: tasks under way are cancelled, their rows wait and are created anew later', async () => {
  const { sandbox, batches, wish } = await openHouse({ speed: 1 })
  const { id } = batches.add(wish(3, { parallel: 2 }))
  const running = batches.start(id)
  await expect.poll(() => sandbox.tasks().length).toBe(2)
  await batches.stop(id)
  await running
  expect(batches.summary(id)).toMatchObject({ state: 'paused', why: 'stopped', waiting: 3, running: 0 })
  await expect.poll(() => sandbox.tasks().map(task => task.state)).toEqual(['CANCEL', 'CANCEL'])
  await batches.start(id)
  expect(batches.summary(id)).toMatchObject({ state: 'done', done: 3 })
  expect(sandbox.tasks()).toHaveLength(5)
})

test('a plan says what is wrong with which rows; the others would run', async () => {
  const { batches, wish, sandbox } = await openHouse()
  const withPicture: Prompt = {
    ...prompt,
    5: { class_type: 'LoadImage', inputs: { image: '' } },
    6: { class_type: 'SaveImage', inputs: { images: ['5', 0], filename_prefix: 'x' } },
  }
  const { problems, checkedRows } = await batches.plan(
    {
      ...wish(0),
      prompt: withPicture,
      rows: ['gone.png', 'gone.png', 'lost.png'].map(image => ({ image })),
      mapping: { image: ['5.image'] },
    },
    { all: true },
  )
  expect(checkedRows).toBe(3)
  expect(problems).toMatchObject([
    { nodeId: '5', input: 'image', rows: [0, 1], count: 2, message: expect.stringContaining('gone.png') },
    { nodeId: '5', input: 'image', rows: [2], count: 1, message: expect.stringContaining('lost.png') },
  ])
  expect(sandbox.tasks()).toEqual([])
})

test('a failed row keeps its reason, the others go on; only it is run again', async () => {
  const { sandbox, batches, wish } = await openHouse({
    faults: [{ on: 'create', skip: 2, do: { kind: 'code', code: 433, msg: 'VALIDATE_PROMPT_FAILED' } }],
  })
  const { id } = batches.add(wish(4, { parallel: 1 }))
  await batches.start(id)
  expect(batches.summary(id)).toMatchObject({ state: 'done', done: 3, failed: 1 })
  expect(batches.rows(id, { offset: 0, limit: 9, state: 'failed' })).toMatchObject([
    { index: 2, error: { code: 'cloud-433', hint: expect.any(String) } },
  ])
  expect(batches.retry(id)).toBe(1)
  await batches.start(id)
  expect(batches.summary(id)).toMatchObject({ done: 4, failed: 0 })
  expect(sandbox.tasks()).toHaveLength(4)
})

test('a row whose task failed in the cloud gets a new task when it is run again', async () => {
  const { sandbox, batches, wish } = await openHouse({
    faults: [{ on: 'outputs', do: { kind: 'code', code: 805, msg: 'APIKEY_TASK_STATUS_ERROR' } }],
  })
  const { id } = batches.add(wish(1))
  await batches.start(id)
  expect(batches.summary(id)).toMatchObject({ state: 'done', failed: 1 })
  batches.retry(id)
  await batches.start(id)
  expect(batches.summary(id)).toMatchObject({ done: 1, failed: 0 })
  expect(sandbox.tasks()).toHaveLength(2)
})

test('a cap pauses the batch with at most one task over it; a higher one lets it go on', async () => {
  const { sandbox, batches, wish, paid } = await openHouse()
  const { id } = batches.add(wish(10, { capCoins: 12 }))
  await batches.start(id)
  const summary = batches.summary(id)
  expect(summary).toMatchObject({ state: 'paused', failed: 0, running: 0, coins: paid() })
  expect(summary.why).toContain('cap of 12 coins')
  expect(paid()).toBeGreaterThanOrEqual(12)
  const dearest = Math.max(...sandbox.tasks().map(task => Number(task.coins)))
  expect(paid()).toBeLessThan(12 + dearest)
  batches.change(id, { capCoins: null })
  await batches.start(id)
  expect(batches.summary(id)).toMatchObject({ state: 'done', done: 10, coins: paid() })
  expect(sandbox.tasks()).toHaveLength(10)
})

test('what cannot run is said before the first row is paid for', async () => {
  const { batches, wish, sandbox } = await openHouse()
  await expect(batches.plan({ ...wish(2), mapping: { prompt: ['9.x'] } })).rejects.toMatchObject({
    code: 'bad-map',
  })
  const wrong = structuredClone(prompt) as Record<string, { inputs: Record<string, unknown> }>
  if (wrong['2']) wrong['2'].inputs.nodeId = 66
  await expect(batches.plan({ ...wish(2), prompt: wrong as unknown as Prompt })).rejects.toMatchObject({
    code: 'bad-batch',
    message: expect.stringContaining('no node 66'),
  })
  expect(sandbox.tasks()).toEqual([])
})
