import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { createSandbox, type Sandbox } from '../../server/sandbox/index.ts'
import { type RunningServer, serve } from '../../server/serve.ts'
import { parseJson } from '../../server/shared/lossless-json.ts'
import { cli, root } from '../cli/support.ts'
import { clientOf } from '../support/open-server.ts'
import { node } from '../support/prompts.ts'
import { python } from '../support/python.ts'

const run = promisify(execFile)
const kept = 'not-a-real-key-of-a-snippet-0001'
const hostile = `a 'quoted' "fox" \\ \\n $HOME \${id} $(touch gone) \`touch gone\` %s \t{}
GRAPH
第二行：一只狐狸 🦊 \u2028end`
const seed = 9223372036854775807n

let folder: string
let sandbox: Sandbox
let server: RunningServer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rh-snippets-'))
  sandbox = await createSandbox({ seed: 1, speed: 500 })
  server = await serve({
    config: readConfig({ dataDir: join(folder, 'data'), baseUrl: sandbox.url }, {}),
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    version: 'test',
    argv: [],
  })
  await server.bridge.keyStore.put({ name: 'mine', key: kept }, { makeDefault: true })
})
afterAll(async () => {
  await server.close(0)
  await sandbox.close()
  await rm(folder, { recursive: true, force: true })
})

const graphFor = (language: string) => ({
  1: node('RH_SettingsNode', {
    base_url: sandbox.url,
    apiKey: kept,
    workflowId_webappId: '1904136902449209346',
  }),
  2: node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: `${hostile} ${language}` }),
  3: node('PrimitiveInt', { value: seed }),
  4: node('RH_NodeInfoListNode', {
    nodeId: 3,
    fieldName: 'seed',
    fieldValue: ['3', 0],
    previousNodeInfoList: ['2', 0],
  }),
  5: node('RH_ExecuteNode', { apiConfig: ['1', 0], nodeInfoList: ['4', 0] }),
  6: node('SaveImage', { images: ['5', 0], filename_prefix: `狐 's ${language}` }),
  7: { ...node('LoadImage', { image: 'mine.png' }), _meta: { title: 'My\npicture' } },
  8: node('SaveImage', { images: ['7', 0], filename_prefix: `local ${language}` }),
  9: node('PreviewAny', { source: ['3', 0] }),
})

/** A folder with the snippet's picture beside it, and the program as it was copied. */
async function copied(language: 'cli' | 'curl' | 'python' | 'typescript') {
  const home = join(folder, language)
  await mkdir(join(home, 'node_modules'), { recursive: true })
  const pixel = { create: { width: 8, height: 8, channels: 3, background: '#f80' } } as const
  await sharp(pixel).png().toFile(join(home, 'mine.png'))
  const { post } = clientOf(server.url)
  await writeFile(join(server.bridge.config.dataDir, 'workflows', '一 fox.json'), '')
  const answer = await post('/bridge/snippets', { prompt: graphFor(language), file: '一 fox.json' })
  const text = (answer.json as Record<string, string>)[language] ?? ''
  expect(answer.text).not.toContain(kept)
  // The command names a file; the graph in it is the one that was open.
  await writeFile(
    join(server.bridge.config.dataDir, 'workflows', '一 fox.json'),
    JSON.stringify(graphFor(language), (_, value) =>
      typeof value === 'bigint' ? JSON.rawJSON(`${value}`) : value,
    ),
  )
  return { home, text }
}

/** What reached RunningHub, to the letter; and that nothing of the text was obeyed. */
async function expectExact(language: string, home: string) {
  const creates = sandbox.requests().filter(({ path }) => path.endsWith('/create'))
  const sent = parseJson(creates.at(-1)?.rawBody ?? '{}') as { nodeInfoList: unknown[]; apiKey: string }
  expect(sent.nodeInfoList).toEqual([
    { nodeId: '6', fieldName: 'text', fieldValue: `${hostile} ${language}` },
    { nodeId: '3', fieldName: 'seed', fieldValue: seed },
  ])
  expect(sent.apiKey).toBe(kept)
  expect(await readdir(home)).not.toContain('gone')
}

test('the command runs as pasted, in any folder', async () => {
  const { home, text } = await copied('cli')
  const { stdout } = await run('sh', ['-c', text], { cwd: home })
  await expectExact('cli', home)
  expect(stdout).toContain(`狐 's cli_00001_.png`)
  expect(stdout).toContain('local cli_00001_.png')
})

test('curl and a shell run the graph here and fetch its files', async () => {
  const { home, text } = await copied('curl')
  const form = new FormData()
  form.set('image', new Blob([await readFile(join(home, 'mine.png'))]), 'mine.png')
  await clientOf(server.url).request('/upload/image', { method: 'POST', body: form })
  const { stdout } = await run('bash', ['-c', text], { cwd: home })
  await expectExact('curl', home)
  expect(stdout).toContain(`"text":"${seed}"`)
  const files = (await readdir(home)).filter(name => /curl.*png$/.test(name)).sort()
  expect(files).toEqual(['local curl_00001_.png', "狐 's curl_00001_.png"])
  expect((await readFile(join(home, files[1] ?? ''))).subarray(1, 4).toString()).toBe('PNG')
})

test('Python’s standard library uploads a file of its own, runs the graph here and fetches its files', async () => {
  const { home, text } = await copied('python')
  await writeFile(join(home, 'run.py'), text)
  const stdout = await python(['run.py'], { cwd: home })
  await expectExact('python', home)
  expect(stdout).toContain(String(seed))
  const files = (await readdir(home)).filter(name => /python.*png$/.test(name)).sort()
  expect(files).toEqual(['local python_00001_.png', "狐 's python_00001_.png"])
  expect((await readFile(join(home, files[1] ?? ''))).subarray(1, 4).toString()).toBe('PNG')
})

test('TypeScript runs the graph with the library', async () => {
  const { home, text } = await copied('typescript')
  await symlink(root, join(home, 'node_modules', 'rh-bridge'))
  await writeFile(join(home, 'run.ts'), text)
  const { stdout } = await run(process.execPath, ['run.ts'], { cwd: home })
  await expectExact('typescript', home)
  expect(stdout).toContain(String(seed))
  expect(stdout).toContain(join('output', "狐 's typescript_00001_.png"))
})

test('a graph that is refused or fails ends each program with the reason and not with 0', async () => {
  const { post } = clientOf(server.url)
  const broken = { 1: node('PreviewAny', {}) }
  const { json } = await post('/bridge/snippets', { prompt: broken })
  const snippets = json as Record<string, string>
  expect(snippets.cli).toBeNull()
  const file = join(folder, 'broken')
  await mkdir(join(file, 'node_modules'), { recursive: true })
  await symlink(root, join(file, 'node_modules', 'rh-bridge'))
  await writeFile(join(file, 'run.py'), snippets.python ?? '')
  await writeFile(join(file, 'run.ts'), snippets.typescript ?? '')
  const failures = await Promise.allSettled([
    run('bash', ['-c', snippets.curl ?? ''], { cwd: file }),
    python(['run.py'], { cwd: file }),
    run(process.execPath, ['run.ts'], { cwd: file }),
  ])
  for (const failure of failures) {
    const { code, stdout, stderr } = (failure as PromiseRejectedResult).reason
    expect(code).toBe(1)
    expect(stdout + stderr).toContain('source')
  }
})

test('the command line prints the same, and says what of keys', async () => {
  const file = join(folder, 'with key.json')
  await writeFile(file, JSON.stringify({ ...graphFor('x'), 3: node('PrimitiveInt', { value: 1 }) }))
  const { code, stdout, stderr } = await cli([
    'snippet',
    file,
    '--as',
    'python',
    '--server',
    'http://box:1234/',
  ])
  expect(code).toBe(0)
  expect(stdout).toContain('SERVER = "http://box:1234"')
  expect(stdout + stderr).not.toContain(kept)
  expect(stderr).toContain('The file holds 1 key')
})
