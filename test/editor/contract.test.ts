import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApi } from '../../editor/api/client.ts'
import { readObjectInfo } from '../../editor/node-types/index.ts'
import { readConfig } from '../../server/config.ts'
import { type RunningServer, serve } from '../../server/serve.ts'

let server: RunningServer
let dataDir: string
let api: ReturnType<typeof createApi>
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rh-bridge-contract-'))
  server = await serve({
    config: readConfig({ dataDir, sandbox: 'on', sandboxSpeed: 50 }, { RH_BRIDGE_SITES: '' }),
    host: '127.0.0.1',
    port: 0,
    parallel: 1,
    logLevel: 'silent',
    version: 'test',
    argv: [],
  })
  api = createApi({ base: new URL(`${server.url}/`), fetch })
})
afterAll(async () => {
  await server.close(200)
  await rm(dataDir, { recursive: true, force: true })
})

test('the editor understands every answer of the server it reads', async () => {
  expect((await api.health()).mode).toBe('sandbox')
  const types = readObjectInfo(await api.objectInfo())
  expect(types.get('LoadImage')?.widgets[0]?.kind).toBe('file')
  expect(types.get('RH_SettingsNode')?.widgets.map(widget => widget.kind)).toContain('key')
  expect((await api.examples()).length).toBeGreaterThanOrEqual(5)
  expect((await api.keys()).keys).toEqual([])
  const { keys, protection } = await api.addKey({ name: 'mine', key: '0123456789abcdef0123456789abcdef' })
  expect([keys[0]?.name, protection]).toEqual(['mine', { kind: 'none', isLocked: false }])
  expect((await api.removeKey('mine')).keys).toEqual([])
  expect(await api.workflows()).toEqual([])
  await api.writeWorkflow('a b.json', '{"nodes":[]}', { overwrite: false })
  await api.renameWorkflow('a b.json', 'c.json')
  expect((await api.workflows()).map(file => file.path)).toEqual(['c.json'])
  expect(await api.readWorkflow('c.json')).toBe('{"nodes":[]}')
  await api.deleteWorkflow('c.json')
  const uploaded = await api.upload(new Blob(['x']), 'note.txt')
  expect(uploaded).toEqual({ name: 'note.txt', subfolder: '', type: 'input' })
  expect((await api.assets('input')).map(asset => asset.filename)).toEqual(['note.txt'])
})

test('a run, its refusal and its details have the form the editor reads', async () => {
  const text = await api.readExample('rh_text_to_image')
  const { workflow, report } = await api.importJson(JSON.parse(text))
  expect(report.unknown).toEqual([])
  const queued = await api.run({ workflow, client_id: 'c' })
  if (!queued.ok) throw new Error(queued.error.message)
  await expect.poll(async () => (await api.runs({ limit: '5' }))[0]?.status).toBe('success')
  const details = await api.runDetails(queued.promptId)
  expect(details.files).toHaveLength(4)
  expect(details.tasks[0]?.taskId).toMatch(/^\d+$/)
  const node = details.nodes.find(({ type }) => type === 'RH_ExecuteNode')?.nodeId ?? ''
  const pin = await api.freeze(queued.promptId, node)
  expect(pin).toMatch(/^pin-/)
  await api.unfreeze(pin)
  expect(await api.stopNode(queued.promptId, node)).toBe(false)
  expect(await api.front(queued.promptId)).toBe(false)
  expect(await api.questions()).toEqual([])
  const checked = await api.check(JSON.stringify(workflow), AbortSignal.timeout(5_000))
  expect([checked.problems, checked.outputs.length]).toEqual([[], 2])
  const again = await api.run({ workflow, client_id: 'c', force: [node] })
  if (!again.ok) throw new Error(again.error.message)
  await expect.poll(async () => (await api.runs({ limit: '1' }))[0]?.status).toBe('success')
  const states = (await api.runDetails(again.promptId)).nodes
  expect(states.find(({ nodeId }) => nodeId === node)?.state).toBe('done')
  const { fromFlags: _flags, ...limits } = await api.limits()
  expect((await api.setLimits({ historyDays: limits.historyDays })).parallel).toBe(limits.parallel)
  const refused = await api.run({
    workflow: { version: 0.4, links: [], nodes: [{ id: 1, type: 'SaveImage', inputs: [], outputs: [] }] },
    client_id: 'c',
  })
  expect(refused.ok).toBe(false)
  expect(refused.nodeErrors['1']?.errors[0]?.type).toBe('required_input_missing')
})

test('a batch, its plan, its rows and its table have the form the editor reads', async () => {
  const { workflow } = await api.importJson(JSON.parse(await api.readExample('rh_text_to_image')))
  const table = await api.readTable('prompt,seed\na cat,1\n', 'table')
  expect(table).toEqual({ columns: ['prompt', 'seed'], rows: [['a cat', '1']] })
  const wish = {
    workflow,
    title: 'cats',
    rows: [{ prompt: 'a cat' }],
    matrix: { seed: ['1', '2'] },
    mapping: { prompt: ['6.value'] },
    name: '{seed}',
    parallel: 1,
  }
  expect((await api.planBatch(wish)).plan).toMatchObject({ rows: 2, checkedRows: 2, problems: [] })
  const { id } = await api.startBatch(wish)
  await api.commandBatch(id, 'pause')
  await api.changeBatch(id, { parallel: 2, capCoins: 500 })
  await api.commandBatch(id, 'resume')
  await expect.poll(async () => (await api.batches())[0]?.state).toBe('done')
  const [row] = await api.batchRows(id, { offset: 1, limit: 1, state: 'done' })
  expect(row).toMatchObject({ index: 1, values: { prompt: 'a cat', seed: '2' }, error: null })
  expect(row?.files[0]?.kind).toBe('image')
  await api.removeBatch(id)
  expect(await api.batches()).toEqual([])
})
