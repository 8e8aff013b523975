import { access, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { checkSchema, limitsSchema } from '../../server/http/control-schemas.ts'
import { createSandbox, type Sandbox, specialWorkflows } from '../../server/sandbox/index.ts'
import { serve } from '../../server/serve.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { clientOf, isEndOf, openServer, tempFolder } from '../support/open-server.ts'
import { chainPrompt, cloudPrompt, exampleText, node, textPrompt } from '../support/prompts.ts'

/** One server for the tests of stops and the line, on a sandbox whose tasks take as long as they like. */
let sandbox: Sandbox
let dataDir: string
let server: Awaited<ReturnType<typeof open>>

async function open() {
  const running = await serve({
    config: readConfig({ dataDir, baseUrl: sandbox.url }, {}),
    ...{ host: '127.0.0.1', port: 0, parallel: 1, logLevel: 'silent', version: 'test', argv: [] },
  })
  return { ...clientOf(running.url), close: () => running.close(0) }
}
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rh-controls-'))
  sandbox = await createSandbox({ speed: 1, concurrency: 3 })
  server = await open()
})
afterAll(async () => {
  await server.close()
  await sandbox.close()
  await rm(dataDir, { recursive: true, force: true })
})

/** Two slow cloud branches and a local one. */
const branches: Prompt = {
  ...cloudPrompt(specialWorkflows.slow.id, { text: 'one' }),
  other: node('RH_ExecuteNode', { apiConfig: ['1', 0], concurrency_limit: 3 }),
  text: node('PreviewAny', { source: ['said', 0] }),
  said: node('PrimitiveString', { value: 'here' }),
}

/** Runs it until both tasks are there. */
async function begin(id: string, prompt = branches) {
  const socket = await server.socket(id)
  await server.submit(prompt, { client_id: id, prompt_id: id })
  const hasTask = (nodeId: string) =>
    socket.until(({ type, data }) => type === 'bridge.task' && data.node === nodeId)
  await Promise.all([hasTask('3'), hasTask('other')])
  return socket
}

const post = (path: string) => server.post(`/bridge/runs/${path}`)

test('one node is stopped: here at once, in the cloud too; its followers are skipped and the others go on', async () => {
  const socket = await begin('part')
  expect((await post('part/nodes/3/stop')).json).toEqual({ stopped: true })
  await socket.until(({ type, data }) => type === 'bridge.failed' && data.node === '3')
  await socket.until(({ type, data }) => type === 'bridge.skipped' && data.node === '4')
  const told = await socket.until(
    ({ type, data }) =>
      type === 'bridge.task' && data.node === '3' && (data.task as { status: string }).status === 'cancelled',
  )
  expect(told).toBeDefined()
  const cancels = () => sandbox.requests().filter(({ path }) => path === '/task/openapi/cancel').length
  expect(cancels()).toBe(1)
  expect((await post('part/nodes/3/stop')).json).toEqual({ stopped: false })
  expect((await post('part/nodes/nobody/stop')).json).toMatchObject({ error: { code: 'no-node' } })
  expect((await post('nobody/nodes/3/stop')).status).toBe(404)
  expect((await server.get('/bridge/runs/part')).json).toMatchObject({ status: 'running' })
  expect((await post('part/nodes/other/stop')).json).toEqual({ stopped: true })
  await socket.until(isEndOf('part'))
  const { json } = await server.get('/bridge/runs/part')
  expect(json).toMatchObject({
    status: 'error',
    errors: [
      { nodeId: '3', code: 'stopped', message: 'Stopped by you.', taskId: expect.stringMatching(/^\d+$/) },
      { nodeId: 'other', code: 'stopped' },
    ],
    texts: [{ nodeId: 'text', text: 'here' }],
  })
  const stopped = socket.messages.find(({ type }) => type === 'execution_error')
  expect(stopped?.data).toMatchObject({ node_id: '3', exception_type: 'rh_bridge.stopped' })
})

test('an interrupt ends what runs and nothing else: who waits goes on waiting, in its order', async () => {
  const first = await begin('first')
  const rest = ['a', 'b', 'c']
  for (const id of rest) await server.submit(textPrompt(), { prompt_id: id, client_id: 'first' })
  expect((await post('c/front')).json).toEqual({ moved: true })
  expect((await post('first/front')).json).toEqual({ moved: false })
  expect((await post('nobody/front')).status).toBe(404)
  const { queue_pending } = (await server.get('/queue')).json as { queue_pending: [number, string][] }
  expect(queue_pending.map(([, id]) => id)).toEqual(['c', 'a', 'b'])
  await server.post('/interrupt')
  await Promise.all(rest.map(id => first.until(isEndOf(id))))
  const ends = first.messages
    .filter(({ type }) => type === 'execution_success')
    .map(({ data }) => data.prompt_id)
  expect(ends).toEqual(['c', 'a', 'b'])
  expect((await server.get('/bridge/runs/first')).json).toMatchObject({ status: 'interrupted' })
})

test('a result that was unfrozen while the prompt waited fails it, and says what to do', async () => {
  const { id } = await server.runToEnd(textPrompt('to freeze'))
  const { json } = await post(`${id}/nodes/1/freeze`)
  const { pin } = json as { pin: string }
  const held = await begin('held')
  const frozen = { ...textPrompt(), 1: { ...textPrompt()[1], _meta: { frozen: pin } } }
  await server.submit(frozen, { prompt_id: 'unfrozen', client_id: 'held' })
  await server.request(`/bridge/pins/${pin}`, { method: 'DELETE' })
  await post('held/stop')
  await held.until(isEndOf('unfrozen'))
  const { json: run } = await server.get('/bridge/runs/unfrozen')
  expect(run).toMatchObject({
    status: 'error',
    errors: [{ nodeId: '1', code: 'frozen-gone', message: expect.stringContaining('Unfreeze it') }],
  })
})

test('a check tells what a workflow holds and every problem, starts nothing and keeps nothing', async () => {
  const empty = await openServer()
  const before = await readdir(empty.dataDir)
  const key = `${'0123456789abcdef'.repeat(2)}`
  const workflow = JSON.parse(await exampleText('rh_text_to_image')) as { nodes: { type: string }[] }
  const settings = workflow.nodes.find(({ type }) => type === 'RH_SettingsNode') as unknown as {
    widgets_values: string[]
  }
  settings.widgets_values[1] = key
  const good = await empty.post('/bridge/check', { workflow })
  const read = checkSchema.strict().parse(good.json)
  expect([read.problems, read.outputs]).toEqual([[], ['4', '5']])
  expect(read.report).toMatchObject({ keys: [{ lastFour: '…cdef' }] })
  expect(good.text).not.toContain(key)
  const bad = await empty.post('/bridge/check', {
    prompt: { 1: node('SaveImage', { filename_prefix: 'x' }), 2: node('LoadImage', { image: 'none.png' }) },
  })
  expect(checkSchema.parse(bad.json).problems).toEqual([
    {
      ...{ nodeId: '1', nodeType: 'SaveImage', input: 'images', code: 'required_input_missing' },
      message: 'The input "images" is missing.',
      hint: expect.any(String),
    },
  ])
  expect((await empty.post('/bridge/check', {})).json).toMatchObject({ error: { code: 'no-workflow' } })
  expect((await empty.get('/bridge/keys')).json).toEqual({
    keys: [],
    protection: { kind: 'none', isLocked: false },
  })
  await expect(access(join(empty.dataDir, 'keys.json'))).rejects.toThrow()
  expect(await readdir(empty.dataDir)).toEqual(before)
  expect((await empty.get('/bridge/runs')).json).toEqual({ runs: [] })
})

test('a check of 100 nodes takes a few milliseconds', async () => {
  const prompt = chainPrompt(100)
  const times: number[] = []
  while (times.length < 12 || (Math.min(...times) >= 20 && times.length < 60)) {
    const startedAt = performance.now()
    expect((await server.post('/bridge/check', { prompt })).status).toBe(200)
    times.push(performance.now() - startedAt)
  }
  expect(Math.min(...times)).toBeLessThan(20)
})

test('limits are changed, kept for the next start, and a flag stands above them', async () => {
  const folder = await tempFolder()
  const flagged = await openServer({ dataDir: folder, parallel: 3 })
  const limits = async (from: { get: typeof flagged.get }) =>
    limitsSchema.strict().parse((await from.get('/bridge/limits')).json)
  expect(await limits(flagged)).toMatchObject({
    ...{ parallel: 3, historyEntries: 10_000, historyDays: 90 },
    ...{ cacheBytes: 256 * 1024 ** 2, resultBytes: 20 * 1024 ** 3, fromFlags: ['parallel'] },
  })
  const patch = (body: object) =>
    flagged.request('/bridge/limits', { method: 'PATCH', body: JSON.stringify(body) })
  const changed = limitsSchema.parse((await patch({ parallel: 5, historyEntries: 2 })).json)
  expect(changed).toMatchObject({ parallel: 3, historyEntries: 2, fromFlags: ['parallel'] })
  for (const body of [{ parallel: 0 }, { parallel: 1.5 }, { historyDays: 'x' }, { nonsense: 1 }]) {
    expect((await patch(body)).json).toMatchObject({ error: { code: 'bad-limit' } })
  }
  for (const id of ['1', '2', '3']) await flagged.runToEnd(textPrompt(), { prompt_id: id })
  await patch({ historyEntries: 1 })
  expect((await flagged.get('/bridge/runs')).json).toMatchObject({ runs: [{ id: '3' }] })
  await flagged.close()
  const plain = await openServer({ dataDir: folder, parallel: undefined })
  expect(await limits(plain)).toMatchObject({ parallel: 5, historyEntries: 1, fromFlags: [] })
})
