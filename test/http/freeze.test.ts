import { hash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { createSandbox, type Sandbox } from '../../server/sandbox/index.ts'
import { serve } from '../../server/serve.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { clientOf } from '../support/open-server.ts'
import { cloudPrompt, node, textPrompt, zImage } from '../support/prompts.ts'

/** One server for all tests of this file, on a sandbox that counts the tasks. */
let sandbox: Sandbox
let dataDir: string
let server: Awaited<ReturnType<typeof open>>
/** A picture of the cloud, sent on to a second cloud task; both results saved. Run once. */
let first: { id: string; outputs: Record<string, { images?: unknown[] }> }

const prompt: Prompt = {
  ...cloudPrompt(zImage, { text: 'a fox', prefix: 'first' }),
  up: node('RH_ImageUploaderNode', { apiConfig: ['1', 0], image: ['3', 0] }),
  info: node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: ['up', 0] }),
  next: node('RH_ExecuteNode', { apiConfig: ['1', 0], nodeInfoList: ['info', 0] }),
  saved: node('SaveImage', { images: ['next', 0], filename_prefix: 'second' }),
}

async function open() {
  const running = await serve({
    config: readConfig({ dataDir, baseUrl: sandbox.url, metadata: false }, {}),
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    version: 'test',
    argv: [],
  })
  return { ...clientOf(running.url), close: () => running.close(0) }
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rh-freeze-'))
  sandbox = await createSandbox({ speed: 500 })
  server = await open()
  const { id, entry } = await server.runToEnd(prompt)
  first = { id, outputs: entry.outputs }
})
afterAll(async () => {
  await server.close()
  await sandbox.close()
  await rm(dataDir, { recursive: true, force: true })
})

const frozenAs = (pin: string, nodeId: string, given: Prompt = prompt): Prompt => ({
  ...given,
  [nodeId]: { ...given[nodeId], _meta: { frozen: pin } } as Prompt[string],
})

async function freeze(runId: string, nodeId: string): Promise<string> {
  const { status, json, text } = await server.post(`/bridge/runs/${runId}/nodes/${nodeId}/freeze`)
  if (status !== 200) throw new Error(text)
  return (json as { pin: string }).pin
}

async function statesOf(id: string): Promise<Record<string, string>> {
  const { json } = await server.get(`/bridge/runs/${id}`)
  const { nodes } = json as { nodes: { nodeId: string; state: string; frozen: boolean }[] }
  return Object.fromEntries(
    nodes.map(({ nodeId, state, frozen }) => [nodeId, frozen ? `${state}, frozen` : state]),
  )
}

const creates = () => sandbox.tasks().length

test('a node asked for anew is paid again with what follows from it, and nothing else', async () => {
  expect(creates()).toBe(2)
  const { id } = await server.runToEnd(prompt, { extra_data: { bridge: { force: ['next'] } } })
  expect(creates()).toBe(3)
  expect(await statesOf(id)).toMatchObject({ 3: 'cached', up: 'cached', next: 'done', saved: 'done' })
  const { status, json } = await server.post('/prompt', { prompt, extra_data: { bridge: { force: 'next' } } })
  expect([status, json]).toMatchObject([400, { error: { type: 'bad-force' } }])
})

test('what a frozen output node shows is put back when somebody removed it', async () => {
  const pin = await freeze(first.id, '4')
  const isOfFirst = (name: string) => name.startsWith('first_')
  const before = (await readdir(join(dataDir, 'output'))).filter(isOfFirst).toSorted()
  for (const name of before) await rm(join(dataDir, 'output', name))
  const { entry } = await server.runToEnd(frozenAs(pin, '4'), { partial_execution_targets: ['4'] })
  expect(entry.outputs['4']).toEqual(first.outputs['4'])
  expect((await readdir(join(dataDir, 'output'))).filter(isOfFirst).toSorted()).toEqual(before)
})

test('a frozen cloud node costs nothing whatever feeds it; its followers stay cached; it outlives a restart and a clean-up', async () => {
  const before = creates()
  const pin = await freeze(first.id, '3')
  expect(await freeze(first.id, '3')).toBe(pin)
  const changed = frozenAs(pin, '3', { ...prompt, 2: node('RH_NodeInfoListNode', { nodeId: 6 }) })
  const { id, entry } = await server.runToEnd(changed)
  expect(entry.status.status_str).toBe('success')
  expect(await statesOf(id)).toMatchObject({
    ...{ 2: 'not run', 3: 'cached, frozen', next: 'cached', saved: 'cached' },
  })
  const nothing = await server.post(`/bridge/runs/${id}/nodes/2/freeze`)
  expect([nothing.status, nothing.json]).toMatchObject([409, { error: { code: 'no-result' } }])
  await server.close()
  await rm(join(dataDir, 'results'), { recursive: true })
  server = await open()
  const save = node('SaveImage', { images: ['3', 0], filename_prefix: 'later' })
  const later = await server.runToEnd({ ...changed, 4: save })
  expect(later.entry.outputs['4']?.images).toHaveLength(4)
  expect(creates()).toBe(before)
})

test('it is the result of that very run, also when the work was made anew since; so are its followers', async () => {
  const single = cloudPrompt(zImage, { text: 'a hare', prefix: 'single' })
  const filesOf = async (runId: string) => {
    const { json } = await server.get(`/bridge/runs/${runId}`)
    const { files } = json as { files: { sha256: string; path: string }[] }
    const contents = await Promise.all(files.map(({ path }) => readFile(path)))
    expect(files.map(({ sha256 }) => sha256)).toEqual(contents.map(content => hash('sha256', content)))
    return files.map(({ sha256 }) => sha256)
  }
  const one = await server.runToEnd(single)
  const two = await server.runToEnd(single, { extra_data: { bridge: { force: ['3'] } } })
  const pin = await freeze(one.id, '3')
  const three = await server.runToEnd(frozenAs(pin, '3', single))
  expect(await filesOf(two.id)).not.toEqual(await filesOf(one.id))
  expect(await filesOf(three.id)).toEqual(await filesOf(one.id))
  expect(await statesOf(three.id)).toMatchObject({ 3: 'cached, frozen', 4: 'done' })
  // Frozen again from the run it was frozen in, it is the same pin.
  expect(await freeze(three.id, '3')).toBe(pin)
})

test('a pin that was let go is a problem before anything runs, with the way out', async () => {
  const { id, entry } = await server.runToEnd(textPrompt('frozen text'))
  const pin = await freeze(id, '1')
  const other = frozenAs(pin, '1', textPrompt('another'))
  expect((await server.runToEnd(other)).entry.outputs).toEqual(entry.outputs)
  const { json: list } = await server.get('/bridge/pins')
  expect((list as { pins: unknown[] }).pins[0]).toMatchObject({
    ...{ pin, runId: id, nodeId: '1', nodeType: 'PrimitiveString', bytes: 0 },
  })
  const remove = () => server.request(`/bridge/pins/${pin}`, { method: 'DELETE' })
  expect((await remove()).json).toEqual({ removed: true })
  expect((await remove()).status).toBe(404)
  expect(await readdir(join(dataDir, 'pins'))).not.toContain(pin)
  const refused = await server.post('/prompt', { prompt: other })
  expect(refused.status).toBe(400)
  expect(refused.text).toContain('Unfreeze it, or run this node anew.')
  expect((await server.post(`/bridge/runs/${id}/nodes/nobody/freeze`)).status).toBe(404)
  expect((await server.post('/bridge/runs/nobody/nodes/1/freeze')).status).toBe(404)
})
