import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Router } from 'express'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { bridgeRoutes } from '../../server/http/bridge.ts'
import {
  assetSchema,
  errorSchema,
  healthSchema,
  importSchema,
  queuedSchema,
  runSchema,
  runSummarySchema,
} from '../../server/http/bridge-schemas.ts'
import { keysSchema } from '../../server/http/key-schemas.ts'
import type { Services } from '../../server/http/services.ts'
import { openServer, type TestServer } from '../support/open-server.ts'
import {
  cloudPrompt,
  exampleText,
  failingPrompt,
  node,
  slowPrompt,
  textPrompt,
  zImage,
} from '../support/prompts.ts'

/** Nothing more than the schema says may be in an answer. */
const exactly = <T extends z.ZodRawShape>(schema: z.ZodObject<T>) => schema.strict()

const post = (server: TestServer, path: string, body: string | FormData) =>
  server.request(path, { method: 'POST', body })

test('openapi.json lists exactly the routes that exist', async () => {
  const server = await openServer()
  const { json } = await server.get('/bridge/openapi.json')
  const document = json as { openapi: string; paths: Record<string, Record<string, object>> }
  expect(document.openapi).toBe('3.1.0')
  const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method} ${path}`),
  )
  const services: Services = {
    bridge: server.bridge,
    queue: server.queue,
    batches: server.batches,
    notifications: server.notifications,
    facts: { version: '', startedAt: 0, argv: [], isLocal: true, needsToken: false },
  }
  expect(listed.toSorted()).toEqual(routesOf(bridgeRoutes(services)).toSorted())
  for (const methods of Object.values(document.paths)) {
    for (const operation of Object.values(methods)) {
      expect(operation).toMatchObject({
        summary: expect.any(String),
        responses: { 200: { content: expect.any(Object) }, '4XX': { content: expect.any(Object) } },
      })
    }
  }
})

function routesOf(router: Router): string[] {
  return router.stack.flatMap(({ route }) => {
    if (!route) return []
    const methods = route.stack.map(({ method }) => method)
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    return [...new Set(methods)].map(method => `${method} /bridge${path}`)
  })
}

test('health says where graphs run, and what runs and waits', async () => {
  const server = await openServer({ parallel: 1, sandboxSpeed: 1 })
  const socket = await server.socket('me')
  await server.submit(slowPrompt(), { client_id: 'me' })
  await socket.until(({ type }) => type === 'executing')
  await server.submit(textPrompt())
  const { json } = await server.get('/bridge/health')
  expect(exactly(healthSchema).parse(json)).toMatchObject({
    ok: true,
    version: '0.0.0-test',
    mode: 'sandbox',
    site: 'sandbox',
    keyName: null,
    running: 1,
    waiting: 1,
  })
})

test('a file is imported as multipart under any field, and as a plain body', async () => {
  const server = await openServer()
  const text = await exampleText('rh_text_to_image')
  const form = new FormData()
  form.append('file', new Blob([text]), 'mine.json')
  const answers = [await post(server, '/bridge/import', form), await post(server, '/bridge/import', text)]
  for (const { status, json } of answers) {
    expect(status).toBe(200)
    const read = exactly(importSchema).parse(json)
    expect(read.workflow).toMatchObject({ version: 0.4, nodes: expect.any(Array) })
    expect(read.prompt).toMatchObject({ '4': { class_type: 'RH_ExecuteNode' } })
    expect(read.report).toMatchObject({ kind: expect.anything() })
  }
  expect(answers[0]?.json).toEqual(answers[1]?.json)
  expect(await readdir(join(server.dataDir, 'temp'))).toEqual([])

  // Whoever has it already is told only what is to be known of it, unless something moved.
  const short = exactly(importSchema).parse((await post(server, '/bridge/import?echo=false', text)).json)
  expect(short).toEqual({ ...(answers[0]?.json as object), workflow: null, prompt: null })
  const key = 'f00dbabe0123456789abcdef01234567'
  const held = text.replace(/("https:\/\/www\.runninghub\.cn",\s*)""/, `$1"${key}"`)
  expect(held).not.toBe(text)
  const lifted = importSchema.parse((await post(server, '/bridge/import?echo=false', held)).json)
  expect(lifted.workflow).toMatchObject({ nodes: expect.any(Array) })
  expect(JSON.stringify(lifted)).not.toContain(key)
})

test('a result picture gives back the workflow it was made of', async () => {
  const server = await openServer()
  const { json } = await post(
    server,
    '/bridge/run',
    JSON.stringify({
      workflow: JSON.parse(await exampleText('rh_text_to_image')),
      prompt_id: 'made',
      client_id: 'me',
    }),
  )
  exactly(queuedSchema).parse(json)
  await finished(server, 'made')
  const { json: run } = await server.get('/bridge/runs/made')
  const [file] = runSchema.parse(run).files
  const form = new FormData()
  const picture = await server.get(`/view?filename=${file?.filename}`)
  form.append('anything', new Blob([picture.bytes as BlobPart]), 'x.png')
  const back = importSchema.parse((await post(server, '/bridge/import', form)).json)
  expect(back.workflow).toMatchObject({
    nodes: expect.arrayContaining([expect.objectContaining({ type: 'RH_ExecuteNode' })]),
  })
})

async function finished(server: TestServer, id: string): Promise<void> {
  const done = () => server.queue.find(id)?.state === 'done'
  const socket = await server.socket()
  while (!done()) {
    const seen = socket.messages.length
    await socket.until(message => done() || socket.messages.indexOf(message) >= seen)
  }
  socket.close()
}

test.each([
  ['an empty body', ''],
  ['text that is no JSON', 'hello'],
  ['JSON that is no workflow', '[1,2,3]'],
  [
    'a picture without a workflow',
    Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
      'base64',
    ).toString('latin1'),
  ],
])('an import of %s is refused with a code, a sentence and a hint', async (_what, body) => {
  const server = await openServer()
  const { status, json } = await server.request('/bridge/import', {
    method: 'POST',
    body: Buffer.from(body, 'latin1'),
  })
  expect(status).toBe(400)
  const { error } = exactly(errorSchema).parse(json)
  expect(error.message).toMatch(/\S/)
})

test('a run is queued from a workflow or from a prompt, and refused in ComfyUI’s form', async () => {
  const server = await openServer()
  const both = [
    { prompt: textPrompt('from a prompt'), prompt_id: 'p' },
    {
      workflow: {
        version: 0.4,
        nodes: [
          {
            id: 1,
            type: 'PrimitiveString',
            mode: 0,
            inputs: [],
            outputs: [{ name: 'STRING', type: 'STRING', links: [1] }],
            widgets_values: ['from a workflow'],
          },
          {
            id: 2,
            type: 'PreviewAny',
            mode: 0,
            inputs: [{ name: 'source', type: '*', link: 1 }],
            outputs: [],
            widgets_values: [],
          },
        ],
        links: [[1, 1, 0, 2, 0, 'STRING']],
      },
      prompt_id: 'w',
    },
  ]
  for (const body of both) {
    const { status, json } = await post(server, '/bridge/run', JSON.stringify(body))
    expect([status, exactly(queuedSchema).parse(json).prompt_id]).toEqual([200, body.prompt_id])
    await finished(server, body.prompt_id)
  }
  const run = runSchema.parse((await server.get('/bridge/runs/w')).json)
  expect([run.status, run.texts]).toEqual(['success', [{ nodeId: '2', text: 'from a workflow' }]])
  expect(run.workflow).toMatchObject({ version: 0.4 })
  for (const body of ['{}', '{"workflow":[]}', '{"workflow":{"nodes":[],"links":[],"version":0.4}}']) {
    const { status, json } = await post(server, '/bridge/run', body)
    expect([body, status, json]).toMatchObject([body, 400, { error: { message: expect.any(String) } }])
  }
})

test('runs have their nodes, tasks, costs, files, texts and errors', async () => {
  const server = await openServer()
  await server.runToEnd(cloudPrompt(zImage, { text: 'a Lighthouse' }), { prompt_id: 'good' })
  await server.runToEnd(failingPrompt(), { prompt_id: 'bad' })
  const { json: list } = await server.get('/bridge/runs')
  const { runs } = z.strictObject({ runs: z.array(exactly(runSummarySchema)) }).parse(list)
  expect(runs.map(({ id, status }) => [id, status])).toEqual([
    ['bad', 'error'],
    ['good', 'success'],
  ])
  expect((await server.get('/bridge/runs?limit=1')).json).toMatchObject({ runs: [{ id: 'bad' }] })
  const found = async (query: string) =>
    ((await server.get(`/bridge/runs?${query}`)).json as { runs: { id: string }[] }).runs.map(({ id }) => id)
  expect(await found('status=error')).toEqual(['bad'])
  expect(await found('kind=image')).toEqual(['good'])
  expect(await found('text=lighthouse')).toEqual(['good'])
  expect(await found(`text=${runs[0]?.tasks[0]?.taskId}`)).toEqual(['bad'])
  expect(await found('text=class_type')).toEqual([])
  expect((await server.get('/bridge/runs?status=odd')).status).toBe(400)
  // Another cloud workflow takes another time.
  expect(runs[0]?.shape).not.toBe(runs[1]?.shape)
  const good = exactly(runSchema).parse((await server.get('/bridge/runs/good')).json)
  expect(good.nodes.map(({ nodeId, state }) => [nodeId, state])).toEqual([
    ['1', 'done'],
    ['2', 'done'],
    ['3', 'done'],
    ['4', 'done'],
  ])
  expect(good.tasks).toMatchObject([
    { nodeId: '3', status: 'success', coins: expect.any(String), taskId: expect.stringMatching(/^\d{19}$/) },
  ])
  expect(good.files).toHaveLength(4)
  for (const file of good.files) {
    expect(file).toMatchObject({
      nodeId: '4',
      type: 'output',
      kind: 'image',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const seen = await server.get(`/view?filename=${file.filename}`)
    expect(seen.bytes.length).toBe(file.bytes)
  }
  const bad = exactly(runSchema).parse((await server.get('/bridge/runs/bad')).json)
  expect(bad.errors).toMatchObject([{ nodeId: '3', nodeType: 'RH_ExecuteNode', taskId: expect.any(String) }])
  expect(bad.nodes.find(({ nodeId }) => nodeId === '3')?.state).toBe('failed')
  expect(bad.nodes.find(({ nodeId }) => nodeId === '4')?.state).toBe('not run')
  const none = await server.get('/bridge/runs/nobody')
  expect([none.status, exactly(errorSchema).parse(none.json).error.code]).toEqual([404, 'no-run'])
})

test('a run under way tells what its nodes did, and how far the others are', async () => {
  const server = await openServer({ sandboxSpeed: 20 })
  const socket = await server.socket('me')
  const seen = {
    t1: node('PrimitiveString', { value: 'seen before' }),
    t2: node('PreviewAny', { source: ['t1', 0] }),
  }
  await server.runToEnd(seen)
  await server.submit({ ...slowPrompt(), ...seen }, { prompt_id: 'running', client_id: 'me' })
  await socket.until(
    ({ type, data }) =>
      type === 'bridge.progress' && (data.progress as { phase: string }).phase === 'running',
  )
  const details = exactly(runSchema).parse((await server.get('/bridge/runs/running')).json)
  expect(details).toMatchObject({ status: 'running', finishedAt: null })
  expect(details.texts).toEqual([{ nodeId: 't2', text: 'seen before' }])
  const states = Object.fromEntries(details.nodes.map(({ nodeId, state }) => [nodeId, state]))
  expect(states).toMatchObject({ 1: 'done', 2: 'done', 3: 'running', 4: 'waiting', t2: 'cached' })
  expect(details.nodes.find(({ nodeId }) => nodeId === '3')).toMatchObject({
    since: expect.any(Number),
    progress: { phase: 'running' },
  })
})

test('a run is stopped while it waits and while it runs', async () => {
  const server = await openServer({ parallel: 1, sandboxSpeed: 1 })
  const socket = await server.socket('me')
  await server.submit(slowPrompt(), { prompt_id: 'running', client_id: 'me' })
  await socket.until(({ type }) => type === 'executing')
  await server.submit(textPrompt(), { prompt_id: 'waiting' })
  const stop = async (id: string) => (await server.post(`/bridge/runs/${id}/stop`)).json
  expect(await stop('waiting')).toEqual({ stopped: true })
  expect(await stop('running')).toEqual({ stopped: true })
  expect(await stop('nobody')).toEqual({ stopped: false })
  await socket.until(({ type }) => type === 'execution_interrupted')
  expect((await server.get('/bridge/runs/running')).json).toMatchObject({ status: 'interrupted' })
})

test('assets are listed newest first, with their folders and kinds', async () => {
  const server = await openServer()
  for (const [name, text] of [
    ['output/a.png', 'a'],
    ['output/sub/b.mp4', 'bb'],
    ['input/c.wav', 'ccc'],
  ] as const) {
    await mkdir(join(server.dataDir, name, '..'), { recursive: true })
    await writeFile(join(server.dataDir, name), text)
  }
  const list = async (query = '') =>
    z
      .strictObject({ assets: z.array(exactly(assetSchema)) })
      .parse((await server.get(`/bridge/assets${query}`)).json).assets
  expect(
    (await list())
      .map(({ filename, subfolder, kind, bytes }) => [filename, subfolder, kind, bytes])
      .toSorted(),
  ).toEqual([
    ['a.png', '', 'image', 1],
    ['b.mp4', 'sub', 'video', 2],
  ])
  expect(await list('?type=input')).toMatchObject([{ filename: 'c.wav', type: 'input', kind: 'audio' }])
  expect(await list('?limit=1')).toHaveLength(1)
  expect((await server.get('/bridge/assets?type=etc')).status).toBe(400)
})

test('keys are kept, shown by name and last four, and forgotten', async () => {
  const server = await openServer()
  const key = 'aFakeKeyOf32Characters0123456789'
  const keys = (json: unknown) => exactly(keysSchema).parse(json).keys
  const made = await server.post('/bridge/keys', { name: 'mine', key, baseUrl: 'https://www.runninghub.ai/' })
  expect(keys(made.json)).toEqual([
    { name: 'mine', lastFour: '…6789', baseUrl: 'https://www.runninghub.ai', isDefault: true },
  ])
  const more = await server.post('/bridge/keys', {
    name: 'second',
    key: `${key.slice(1)}x`,
    makeDefault: true,
  })
  expect(keys(more.json).map(({ name, isDefault }) => [name, isDefault])).toEqual([
    ['mine', false],
    ['second', true],
  ])
  const listed = await server.get('/bridge/keys')
  expect(keys(listed.json)).toHaveLength(2)
  expect(listed.text).not.toContain(key)
  expect((await server.get('/bridge/health')).json).toMatchObject({ mode: 'cloud', keyName: 'second' })
  const kept = await readFile(join(server.dataDir, 'keys.json'), 'utf8')
  expect(kept).toContain(key)
  const gone = await server.request('/bridge/keys/mine', { method: 'DELETE' })
  expect(keys(gone.json).map(({ name }) => name)).toEqual(['second'])
  expect((await server.request('/bridge/keys/mine', { method: 'DELETE' })).status).toBe(404)
  for (const body of [
    {},
    { name: 'x' },
    { name: '<x>', key },
    { name: 'x', key: 'short' },
    { name: 'x', key: 'with space in it' },
    { name: 'x', key, baseUrl: 'http://' },
  ]) {
    const { status, json, text } = await server.post('/bridge/keys', body)
    expect([body, status]).toEqual([body, 400])
    exactly(errorSchema).parse(json)
    expect(text).not.toContain(key)
  }
})
