import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cli, filesBelow, openBench, prompt } from './support.ts'

const key = 'f00dbabe0123456789abcdef01234567'
const passphrase = 'correct horse battery'

test('keys encrypted with a passphrase pay for runs that know it, and for no others', async context => {
  const { dataDir, write, sandbox } = await openBench(context)
  const keys = (args: string[], stdin = '', env = {}) =>
    cli(['keys', ...args, '--data-dir', dataDir], { stdin, env })
  await keys(['add', 'work', '--base-url', sandbox.url], key)
  const encrypted = await keys(['encrypt'], `${passphrase}\n`)
  expect([encrypted.code, encrypted.stderr]).toEqual([0, ''])
  for (const { bytes } of await filesBelow(dataDir)) expect(bytes.includes(key)).toBe(false)

  const graph = await write('a.json', prompt({ apiKey: '<key:work>' }))
  const run = (env: Record<string, string>) => cli(['run', graph, '--data-dir', dataDir], { env })
  const locked = await run({})
  expect(locked.code).toBe(1)
  expect(locked.stderr).toMatch(/key store is locked[\s\S]*RH_BRIDGE_PASSPHRASE/)
  expect(sandbox.tasks()).toEqual([])
  const opened = await run({ RH_BRIDGE_PASSPHRASE: passphrase })
  expect(opened.code).toBe(0)
  expect(sandbox.tasks()).toHaveLength(1)
  for (const { stdout, stderr } of [encrypted, locked, opened]) {
    expect(stdout + stderr).not.toContain(key)
    expect(stdout + stderr).not.toContain(passphrase)
  }
  for (const { bytes } of await filesBelow(dataDir)) {
    expect(bytes.includes(key)).toBe(false)
    expect(bytes.includes(passphrase)).toBe(false)
  }
})

test('a key file takes the place of the passphrase, and decrypt brings the plain file back', async context => {
  const { dataDir, sandbox, write } = await openBench(context)
  const keyFile = join(await write('x', ''), '..', 'rh.key')
  const keys = (args: string[], stdin = '', env = {}) =>
    cli(['keys', ...args, '--data-dir', dataDir], { stdin, env })
  await keys(['add', 'work', '--base-url', sandbox.url], key)
  expect((await keys(['encrypt', '--key-file', keyFile])).stdout).toContain('Made the key file')
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
  const env = { RH_BRIDGE_KEY_FILE: keyFile }
  const tested = await keys(['test'], '', env)
  expect(tested.stdout).toMatch(/^work {2}127\.0\.0\.1:\d+ {2}NORMAL {2}99999 coins {2}0 of \d+ running\n$/)
  expect((await keys(['rename', 'work', 'main'], '', env)).code).toBe(0)
  expect((await keys(['decrypt', '--key-file', keyFile])).code).toBe(0)
  expect(JSON.parse(await readFile(join(dataDir, 'keys.json'), 'utf8')).keys).toMatchObject([
    { name: 'main', key },
  ])
  expect((await readdir(dataDir)).filter(name => name.endsWith('.part'))).toEqual([])
})

test('a new key is told with its site, kind, balance and slots', async context => {
  const { dataDir, sandbox } = await openBench(context, { keyKind: 'shared' })
  const env = { RH_BRIDGE_SITES: sandbox.url }
  const add = (name: string, stdin: string) =>
    cli(['keys', 'add', name, '--data-dir', dataDir], { stdin, env })
  const added = await add('team', `shared-${key}`)
  expect(added.stdout).toMatch(
    /^Kept as "team" \(…4567\)\.\nteam {2}127\.0\.0\.1:\d+ {2}SHARED {2}99999 coins {2}999\.00 CNY {2}0 of \d+ running\n$/,
  )
  const refused = await add('bad', `invalid-${key}`)
  expect([refused.code, refused.stdout]).toEqual([2, ''])
  expect(refused.stderr).toMatch(/knows this key/)
})
