import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { commandHere } from '../support/command-here.ts'
import { openServer, tempFolder } from '../support/open-server.ts'
import { textPrompt } from '../support/prompts.ts'
import { startServe } from '../support/start-cli.ts'

test('serve says where it listens, where runs go and where files land, and how long it took', async () => {
  const dataDir = await tempFolder()
  const server = await startServe(['--data-dir', dataDir])
  expect(server.output.stdout).toMatch(/^rh-bridge \d+\.\d+\.\d+ on http:\/\/127\.0\.0\.1:\d+\n/)
  expect(server.output.stdout).toContain('the sandbox: free')
  expect(server.output.stdout).toContain(join(dataDir, 'output'))
  console.log(`serve listened after ${Math.round(server.startMs)} ms`)
  const { entry } = await server.runToEnd(textPrompt('hi'))
  expect(entry.outputs).toEqual({ '2': { text: ['hi'] } })
  server.child.kill('SIGTERM')
  expect(await server.ended()).toBe(0)
  expect(server.output.stderr).toBe('')
})

test('serve names the key it uses and where runs go, never the key', async () => {
  const key = 'aFakeKeyOf32Characters0123456789'
  const server = await startServe(['--data-dir', await tempFolder()], {
    RUNNINGHUB_API_KEY: key,
    RUNNINGHUB_BASE_URL: 'http://127.0.0.1:9',
  })
  expect(server.output.stdout).toContain('http://127.0.0.1:9, key RUNNINGHUB_API_KEY')
  expect(server.output.stdout + server.output.stderr).not.toContain(key)
})

test('on another address serve makes a token, prints it once, and wants it', async () => {
  const server = await startServe(['--data-dir', await tempFolder(), '--host', '0.0.0.0'])
  const token = /\/\?token=([\w-]+)/.exec(server.output.stdout)?.[1] ?? ''
  expect(token.length).toBeGreaterThanOrEqual(24)
  expect((await server.get('/api/queue')).status).toBe(401)
  expect((await server.get(`/api/queue?token=${token}`)).status).toBe(200)
})

test.each([['--token', 'my secret token'], ['--token=my secret token']])(
  'a token given as %s is printed nowhere and not told by /system_stats',
  async (...args) => {
    const server = await startServe(['--data-dir', await tempFolder(), ...args], { RH_BRIDGE_LOG: 'debug' })
    const { text, status } = await server.get('/system_stats', { Authorization: 'Bearer my secret token' })
    expect(status).toBe(200)
    await server.get('/system_stats?token=my%20secret%20token')
    expect(text + server.output.stdout + server.output.stderr).not.toMatch(/my(%20| )secret/)
  },
)

async function expectSentence(args: readonly string[], what: RegExp, wayOut: RegExp): Promise<void> {
  const { code, stdout, stderr } = await commandHere(['serve', '--port', '0', ...args])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(what)
  expect(stderr).toMatch(wayOut)
  expect(stderr).not.toMatch(/\n\s+at |node:internal|SqliteError|ERR_/)
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
}

test('a port that is in use is told in a sentence with the way out, and the files of whoever has it stay', async () => {
  const dataDir = await tempFolder()
  const running = await openServer({ dataDir })
  await mkdir(join(dataDir, 'temp'), { recursive: true })
  await writeFile(join(dataDir, 'temp/shown.png'), 'still shown')
  const { port } = new URL(running.url)
  await expectSentence(
    ['--data-dir', dataDir, '--port', port],
    new RegExp(`Port ${port} is in use`),
    /--port/,
  )
  expect(await readFile(join(dataDir, 'temp/shown.png'), 'utf8')).toBe('still shown')
})

test('a port another program has is told in a sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await new Promise(resolve => other.once('listening', resolve))
  const { port } = other.address() as { port: number }
  await expectSentence(['--data-dir', await tempFolder(), '--port', String(port)], /is in use/, /--port/)
})

test('a data folder that cannot be made or written is told in a sentence', async () => {
  const folder = await tempFolder()
  await writeFile(join(folder, 'file'), '')
  const [what, wayOut] = [/data folder .* cannot be used/, /--data-dir/]
  await expectSentence(['--data-dir', join(folder, 'file', 'below')], what, wayOut)
  if (process.getuid?.() === 0) return
  await mkdir(join(folder, 'locked'))
  await chmod(join(folder, 'locked'), 0o500)
  await expectSentence(['--data-dir', join(folder, 'locked')], what, wayOut)
})

test('a data folder that is a file is told in a sentence', async () => {
  const file = join(await tempFolder(), 'file')
  await writeFile(file, '')
  await expectSentence(['--data-dir', file], /data folder .* cannot be used/, /--data-dir/)
})

test('a damaged database is told in a sentence and left as it is', async () => {
  const dataDir = await tempFolder()
  const path = join(dataDir, 'rh-bridge.db')
  await writeFile(path, 'this is no database, but it is long enough to be looked at as one. '.repeat(100))
  const before = await readFile(path)
  await expectSentence(['--data-dir', dataDir], /is damaged/, /Move the file away/)
  expect(await readFile(path)).toEqual(before)
})

test('a database of a newer version is told in a sentence and left as it is', async () => {
  const dataDir = await tempFolder()
  const database = new DatabaseSync(join(dataDir, 'rh-bridge.db'))
  database.exec('PRAGMA user_version = 9999; CREATE TABLE future (x)')
  database.close()
  await expectSentence(['--data-dir', dataDir], /newer version/, /Update rh-bridge/)
  const again = new DatabaseSync(join(dataDir, 'rh-bridge.db'))
  expect(again.prepare('PRAGMA user_version').get()).toEqual({ user_version: 9999 })
  again.close()
})

test.each([
  [['--front-end-root', '/nowhere/at/all'], /no index\.html/, /--front-end-root/],
  [['--host', '203.0.113.1', '--token', 'x'], /cannot be listened on/, /--port|--host/],
])('serve %o is refused in a sentence', async (args, what, wayOut) => {
  await expectSentence(['--data-dir', await tempFolder(), ...args], what, wayOut)
})

test.each([['--parallel', '0'], ['--port', 'x'], ['--sandbox', 'maybe'], ['--nonsense']])(
  'serve %s %s is a wrong use',
  async (...args) => {
    const { code, stderr } = await commandHere(['serve', ...args.filter(Boolean)])
    expect(code).toBe(2)
    expect(stderr).toMatch(/error:/)
  },
)
