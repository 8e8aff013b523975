import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isEndOf, openServer, type TestServer, tempFolder } from '../support/open-server.ts'
import { examplePrompt, exampleText } from '../support/prompts.ts'

/** A stand-in for ComfyUI's official frontend: a page, a script, and files under names the API has too. */
async function otherFrontend(): Promise<string> {
  const root = await tempFolder()
  await mkdir(join(root, 'assets'))
  await mkdir(join(root, 'extensions/core'), { recursive: true })
  await writeFile(join(root, 'index.html'), '<!doctype html><title>Another frontend</title>')
  await writeFile(join(root, 'assets/index-abc.js'), 'export const name = "another"')
  await writeFile(join(root, 'extensions/core/widget.js'), '// an extension')
  return root
}

/** What frontend 1.45 asks for at its start, in its order (ComfyUI: section 13). */
const startSequence: readonly [path: string, status: number, shape: unknown][] = [
  ['/api/users', 200, { storage: 'server', migrated: true }],
  ['/api/settings', 200, {}],
  ['/api/userdata/user.css', 404, { error: expect.any(Object) }],
  [
    '/api/system_stats',
    200,
    { system: { os: process.platform, comfyui_version: expect.any(String) }, devices: [expect.any(Object)] },
  ],
  ['/api/extensions', 200, []],
  ['/api/i18n', 200, {}],
  ['/api/object_info', 200, { RH_ExecuteNode: expect.any(Object), LoadImage: expect.any(Object) }],
  ['/api/global_subgraphs', 200, {}],
  ['/api/experiment/models', 200, []],
  ['/api/jobs?status=in_progress,pending&limit=200&offset=0', 200, { jobs: [], pagination: { total: 0 } }],
  [
    '/api/jobs?status=completed,failed,cancelled&limit=64&offset=0',
    200,
    { jobs: [], pagination: { total: 0 } },
  ],
  ['/api/userdata?dir=workflows&recurse=true&split=false&full_info=true', 200, []],
  ['/api/userdata?dir=subgraphs&recurse=true&split=false&full_info=true', 404, { error: expect.any(Object) }],
  ['/api/userdata/comfy.templates.json', 404, { error: expect.any(Object) }],
  ['/api/workflow_templates', 200, { 'rh-bridge': expect.arrayContaining(['rh_text_to_image']) }],
  [
    '/templates/index.json',
    200,
    [expect.objectContaining({ moduleName: 'default', templates: expect.any(Array) })],
  ],
  ['/templates/index_logo.json', 404, { error: expect.any(Object) }],
  ['/templates/fuse_options.json', 404, { error: expect.any(Object) }],
  ['/api/features', 200, { supports_preview_metadata: true, max_upload_size: 104857600 }],
  ['/api/node_replacements', 200, {}],
  ['/internal/folder_paths', 200, {}],
  ['/internal/logs/raw', 200, { entries: [], size: expect.any(Object) }],
]

test('everything the official frontend asks for at its start is answered with JSON, as plausible or as missing', async () => {
  const server = await openServer({ frontEndRoot: await otherFrontend() })
  const page = await server.get('/')
  expect([page.status, page.text, page.headers.get('content-type')]).toEqual([
    200,
    '<!doctype html><title>Another frontend</title>',
    'text/html; charset=utf-8',
  ])
  const css = await server.get('/user.css')
  expect([css.status, css.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8'])
  for (const [path, status, shape] of startSequence) {
    const answer = await server.get(path)
    expect([path, answer.status, answer.json]).toMatchObject([path, status, shape])
    expect(answer.headers.get('content-type'), path).toMatch(/^application\/json/)
  }
  const socket = await server.socket('front', {}, '/api/ws')
  socket.send(
    JSON.stringify({
      type: 'feature_flags',
      data: { supports_preview_metadata: true, supports_manager_v4_ui: true },
    }),
  )
  await socket.until(({ type }) => type === 'feature_flags')
  const done = await server.request('/api/settings/Comfy.TutorialCompleted', { method: 'POST', body: 'true' })
  expect(done.status).toBe(200)
  expect((await server.get('/api/settings/Comfy.TutorialCompleted')).json).toBe(true)
  expect((await server.get('/api/settings')).json).toEqual({ 'Comfy.TutorialCompleted': true })
})

test('a frontend opens a template, saves it as a workflow, runs it and finds the result', async () => {
  const server = await openServer({ frontEndRoot: await otherFrontend() })
  const [group] = (await server.get('/templates/index.json')).json as { templates: { name: string }[] }[]
  expect(group?.templates.map(({ name }) => name)).toContain('rh_text_to_image')
  const template = await server.get('/templates/rh_text_to_image.json')
  expect(template.text).toBe(await exampleText('rh_text_to_image'))
  expect((await server.get('/api/workflow_templates/rh-bridge/rh_text_to_image.json')).text).toBe(
    template.text,
  )
  const file = encodeURIComponent('workflows/mine.json')
  const saved = await server.request(`/api/userdata/${file}?overwrite=false&full_info=true`, {
    method: 'POST',
    body: template.text,
  })
  expect(saved.json).toMatchObject({ path: 'workflows/mine.json', size: Buffer.byteLength(template.text) })
  const socket = await server.socket('front', {}, '/api/ws')
  const answer = await server.post('/api/prompt', {
    client_id: 'front',
    prompt: await examplePrompt('rh_text_to_image'),
    extra_data: { extra_pnginfo: { workflow: JSON.parse(template.text) } },
  })
  const { prompt_id: id } = answer.json as { prompt_id: string }
  await socket.until(isEndOf(id))
  const { jobs } = (await server.get('/api/jobs?status=completed&limit=64&offset=0')).json as {
    jobs: { id: string; preview_output: { filename: string; subfolder: string; type: string } }[]
  }
  expect(jobs.map(job => job.id)).toEqual([id])
  const { filename, subfolder, type } = jobs[0]?.preview_output ?? { filename: '', subfolder: '', type: '' }
  const picture = await server.get(`/api/view?filename=${filename}&subfolder=${subfolder}&type=${type}`)
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png'])
})

async function expectNoPage(server: TestServer, path: string, method = 'GET'): Promise<void> {
  const { headers, text, json, status } = await server.request(path, { method })
  expect([method, path, status, headers.get('content-type')?.split(';')[0]]).toEqual([
    method,
    path,
    404,
    'application/json',
  ])
  expect(text).not.toMatch(/<html|doctype/i)
  expect(json).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } })
}

test('an API path that does not exist is 404 with JSON, never the page, whatever method and prefix', async () => {
  const server = await openServer({ frontEndRoot: await otherFrontend() })
  for (const path of [
    '/api',
    '/api/',
    '/api/nowhere',
    '/api/index.html',
    '/api/manager/version',
    '/api/assets/index-abc.js',
    '/bridge',
    '/bridge/nowhere',
    '/manager/version',
    '/models/checkpoints',
    '/workflow_templates/other/x.json',
    '/no/such/page',
    '/api/userdata/missing.json',
  ]) {
    await expectNoPage(server, path)
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    for (const path of ['/api/nowhere', '/', '/index.html', '/api/object_info'])
      await expectNoPage(server, path, method)
  }
})

test('the files of another frontend are served, its extensions beside the API’s route of that name', async () => {
  const server = await openServer({ frontEndRoot: await otherFrontend() })
  const script = await server.get('/assets/index-abc.js')
  expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
  expect((await server.get('/extensions/core/widget.js')).text).toBe('// an extension')
  expect((await server.get('/extensions')).json).toEqual([])
  const policy = (await server.get('/')).headers.get('content-security-policy')
  for (const part of ["'unsafe-eval'", 'blob:', "frame-ancestors 'none'"]) expect(policy).toContain(part)
})

test('a folder without index.html is refused as a frontend, in one sentence with the way out', async () => {
  await expect(openServer({ frontEndRoot: await tempFolder() })).rejects.toMatchObject({
    code: 'front-end-root',
    hint: expect.stringContaining('--front-end-root'),
  })
})

test.each(['', '/api'])('%s/settings are merged, read one by one, and outlive the server', async prefix => {
  const first = await openServer()
  expect((await first.post(`${prefix}/settings`, { a: 1, b: { deep: true } })).status).toBe(200)
  expect((await first.post(`${prefix}/settings`, { b: null, c: 9007199254740993n })).status).toBe(200)
  expect((await first.request(`${prefix}/settings/d.e`, { method: 'POST', body: '"text"' })).status).toBe(200)
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => first.post(`${prefix}/settings/n${index}`, index)),
  )
  expect((await first.get(`${prefix}/settings/nobody`)).json).toBeNull()
  await first.close()
  const second = await openServer({ dataDir: first.dataDir })
  const { json } = await second.get(`${prefix}/settings`)
  expect(json).toMatchObject({ a: 1, b: null, c: 9007199254740993n, 'd.e': 'text', n0: 0, n19: 19 })
})

test('settings that were damaged begin anew and do not stop the server', async () => {
  const dataDir = await tempFolder()
  await mkdir(join(dataDir, 'user'))
  await writeFile(join(dataDir, 'user/comfy.settings.json'), '{"a":')
  const server = await openServer({ dataDir })
  expect((await server.get('/settings')).json).toEqual({})
  await server.post('/settings', { a: 1 })
  expect((await server.get('/settings')).json).toEqual({ a: 1 })
})

test.each(['', '/api'])(
  '%s/userdata writes, lists, reads, moves and deletes; workflows lie in their own folder',
  async prefix => {
    const server = await openServer()
    const file = (name: string) => `${prefix}/userdata/${encodeURIComponent(name)}`
    const send = (path: string, body = '', method = 'POST') =>
      server.request(path, { method, body: method === 'POST' ? body : null })
    expect((await send(file('workflows/a.json'), '{"x":1}')).json).toBe('workflows/a.json')
    expect((await send(file('workflows/sub/b.json'), '{}')).json).toBe('workflows/sub/b.json')
    expect((await send(file('notes.txt'), 'note')).json).toBe('notes.txt')
    expect(await readFile(join(server.dataDir, 'workflows/a.json'), 'utf8')).toBe('{"x":1}')
    expect(await readFile(join(server.dataDir, 'user/notes.txt'), 'utf8')).toBe('note')
    expect((await send(`${file('workflows/a.json')}?overwrite=false`, '{}')).status).toBe(409)
    expect((await send(`${file('workflows/a.json')}?full_info=true`, '{"x":2}')).json).toEqual({
      path: 'workflows/a.json',
      size: 7,
      modified: expect.any(Number),
      created: expect.any(Number),
    })
    const list = async (query: string) => (await server.get(`${prefix}/userdata?dir=workflows&${query}`)).json
    expect(await list('')).toEqual(['a.json'])
    expect(((await list('recurse=true')) as string[]).toSorted()).toEqual(['a.json', 'sub/b.json'])
    expect(await list('recurse=true&split=true')).toContainEqual(['sub/b.json', 'sub', 'b.json'])
    expect(await list('full_info=true')).toMatchObject([{ path: 'a.json', size: 7 }])
    expect((await server.get(file('workflows/a.json'))).text).toBe('{"x":2}')
    const moved = await send(`${file('workflows/a.json')}/move/${encodeURIComponent('workflows/new/c.json')}`)
    expect(moved.json).toBe('workflows/new/c.json')
    expect(
      (await send(`${file('notes.txt')}/move/${encodeURIComponent('workflows/new/c.json')}?overwrite=false`))
        .status,
    ).toBe(409)
    expect((await send(`${file('nobody')}/move/x`)).status).toBe(404)
    const tree = (await server.get(`${prefix}/v2/userdata?path=workflows`)).json as {
      name: string
      modified?: number
    }[]
    expect(tree.map(({ name }) => name).toSorted()).toEqual(['new', 'sub'])
    const [inNew] = (await server.get(`${prefix}/v2/userdata?path=workflows/new`)).json as {
      modified: number
    }[]
    expect(inNew?.modified).toBeGreaterThan(1e9)
    expect(inNew?.modified).toBeLessThan(1e11)
    expect((await send(file('notes.txt'), '', 'DELETE')).status).toBe(204)
    expect((await send(file('notes.txt'), '', 'DELETE')).status).toBe(404)
    expect((await server.get(file('notes.txt'))).status).toBe(404)
    expect((await server.get(`${prefix}/userdata`)).status).toBe(400)
    expect((await server.get(`${prefix}/userdata?dir=nowhere`)).status).toBe(404)
    expect((await send(file('workflows/c.json/x'), 'x')).status).toBeLessThan(500)
    expect((await send(file('workflows/new/c.json/x'), 'x')).status).toBe(400)
  },
)

test('twenty writers of one user file all succeed, and the file is one of theirs, whole', async () => {
  const server = await openServer()
  const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(10_000))
  const answers = await Promise.all(
    texts.map(body => server.request('/userdata/workflows%2Fbusy.json', { method: 'POST', body })),
  )
  expect(answers.map(({ status }) => status)).toEqual(texts.map(() => 200))
  expect(texts).toContain((await server.get('/userdata/workflows%2Fbusy.json')).text)
  expect(await readdir(join(server.dataDir, 'workflows'))).toEqual(['busy.json'])
})

test('users, free, logs and the lists of files are answered as ComfyUI does', async () => {
  const server = await openServer()
  const user = await server.post('/users', { username: 'me' })
  expect([user.status, user.json]).toEqual([400, { error: 'Duplicate username.' }])
  expect((await server.post('/free', { unload_models: true })).status).toBe(200)
  expect((await server.get('/internal/logs')).json).toBe('')
  const subscribed = await server.request('/internal/logs/subscribe', {
    method: 'PATCH',
    body: '{"clientId":"x","enabled":true}',
  })
  expect(subscribed.status).toBe(200)
  await mkdir(join(server.dataDir, 'input'), { recursive: true })
  await writeFile(join(server.dataDir, 'input/a.png'), 'x')
  expect((await server.get('/internal/files/input')).json).toEqual(['a.png [input]'])
  const wrong = await server.get('/internal/files/etc')
  expect([wrong.status, wrong.json]).toEqual([400, { error: 'Invalid directory type' }])
  for (const path of ['/embeddings', '/extensions', '/models'])
    expect((await server.get(path)).json, path).toEqual([])
  const stats = (await server.get('/system_stats')).json as { system: { argv: string[] }; devices: object[] }
  expect(stats.system.argv).toEqual(['serve'])
  expect(stats.devices[0]).toMatchObject({ index: 0, vram_total: expect.any(Number) })
})
