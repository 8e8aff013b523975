import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { newKeyFile, newPassphrase } from '../../server/storage/key-secret.ts'
import { createKeyStore } from '../../server/storage/keys.ts'

const key = 'f00dbabe0123456789abcdef01234567'
const cost = { n: 2 ** 14, r: 1, p: 1 }
const right = newPassphrase('correct horse battery')
const other = newPassphrase('staple staple staple')

async function openFolder() {
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-sealed-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const open = (passphrase?: string) =>
    createKeyStore(dataDir, passphrase === undefined ? {} : { passphrase }, cost)
  const store = open()
  await store.put({ name: 'work', key, baseUrl: 'https://www.runninghub.ai' }, { makeDefault: true })
  /** Files that hold the text. */
  const filesWith = async (text: string) => {
    const found: string[] = []
    for (const name of await readdir(dataDir)) {
      if ((await readFile(join(dataDir, name))).includes(text)) found.push(name)
    }
    return found
  }
  return { dataDir, path: join(dataDir, 'keys.json'), open, store, filesWith }
}

test('encrypted, no key and no name of one lies in the folder, and all of it comes back', async () => {
  const { store, path, open, filesWith, dataDir } = await openFolder()
  // A crash left this before anybody encrypted.
  await writeFile(join(dataDir, 'keys.json.4711.part'), key)
  await store.encrypt(right)
  expect(await filesWith(key)).toEqual([])
  expect(await filesWith('runninghub.ai')).toEqual([])
  expect(await filesWith('battery')).toEqual([])
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await store.put({ name: 'home', key: `${key}2` }, { makeDefault: false })
  expect(await filesWith(key)).toEqual([])

  const again = open()
  expect(await again.protection()).toEqual({ kind: 'passphrase', isLocked: true })
  await again.unlock(right)
  expect((await again.all()).map(({ name }) => name)).toEqual(['work', 'home'])
  expect(await again.default()).toMatchObject({ key, baseUrl: 'https://www.runninghub.ai' })
  await again.decrypt()
  expect(await open().protection()).toEqual({ kind: 'none', isLocked: false })
  expect((await open().get('home'))?.key).toBe(`${key}2`)
})

test('locked, whatever needs a key says so, and nothing is written', async () => {
  const { store, path, open } = await openFolder()
  await store.encrypt(right)
  const before = await readFile(path, 'utf8')
  for (const locked of [open(), open('not the passphrase')]) {
    const calls = [
      () => locked.all(),
      () => locked.get('work'),
      () => locked.default(),
      () => locked.put({ name: 'b', key }, { makeDefault: true }),
      () => locked.keep(key),
      () => locked.remove('work'),
      () => locked.encrypt(other),
      () => locked.decrypt(),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'keys-locked' })
  }
  await expect(open().unlock(other)).rejects.toMatchObject({ code: 'wrong-passphrase' })
  expect(await readFile(path, 'utf8')).toBe(before)
  expect((await open('correct horse battery').all()).map(({ name }) => name)).toEqual(['work'])
})

test('a locked store without a default is known to have none: the sandbox serves', async () => {
  const { store, open } = await openFolder()
  await store.remove('work')
  await store.keep(key, 'theirs')
  await store.encrypt(right)
  expect(await open().default()).toBeUndefined()
  await expect(open().get('theirs')).rejects.toMatchObject({ code: 'keys-locked' })
})

test('a store locked by hand stays so, though the environment would open it', async () => {
  const { store, open } = await openFolder()
  await store.encrypt(right)
  const server = open('correct horse battery')
  expect(await server.protection()).toMatchObject({ isLocked: false })
  await server.lock()
  expect(await server.protection()).toMatchObject({ isLocked: true })
  await server.unlock(right)
  expect((await server.get('work'))?.key).toBe(key)
})

test('the same words in another Unicode form are the same passphrase', async () => {
  const { store, open } = await openFolder()
  await store.encrypt(newPassphrase('café 口令 ﬁne'))
  expect(await open('cafe\u0301 口令 fine').protection()).toMatchObject({ isLocked: false })
})

test('a key file is made readable by its owner alone, outside the data folder, and opens the store', async () => {
  const { store, dataDir } = await openFolder()
  const elsewhere = await mkdtemp(join(tmpdir(), 'rh-key-file-'))
  onTestFinished(() => rm(elsewhere, { recursive: true, force: true }))
  const keyFile = join(elsewhere, 'rh.key')
  const made = await newKeyFile(keyFile, dataDir)
  expect([made.isNew, (await stat(keyFile)).mode & 0o777]).toEqual([true, 0o600])
  await store.encrypt(made.secret)
  expect((await newKeyFile(keyFile, dataDir)).isNew).toBe(false)
  expect(await createKeyStore(dataDir, { keyFile }).get('work')).toMatchObject({ key })
  await expect(createKeyStore(dataDir, { passphrase: 'correct horse battery' }).all()).rejects.toMatchObject({
    code: 'keys-locked',
  })
  const inside = newKeyFile(join(dataDir, 'rh.key'), dataDir)
  await expect(inside).rejects.toMatchObject({ code: 'bad-key-file' })
  const gone = createKeyStore(dataDir, { keyFile: join(elsewhere, 'gone') })
  await expect(gone.all()).rejects.toMatchObject({ code: 'bad-key-file' })
  expect(() => newPassphrase('short')).toThrow('too short')
})

test.each([
  ['content.data', (sealed: Sealed) => (sealed.content.data = flip(sealed.content.data)), 'key-store'],
  ['hasDefault', (sealed: Sealed) => (sealed.hasDefault = false), 'key-store'],
  ['lock.key', (sealed: Sealed) => (sealed.lock.key = flip(sealed.lock.key)), 'keys-locked'],
  ['lock.n', (sealed: Sealed) => (sealed.lock.n = 2 ** 30), 'key-store'],
  ['version', (sealed: Sealed) => (sealed.version = 2), 'key-store-newer'],
])('a file whose %s was changed is told and left as it is', async (_what, harm, code) => {
  const { store, path, open } = await openFolder()
  await store.encrypt(right)
  const sealed = JSON.parse(await readFile(path, 'utf8')) as Sealed
  harm(sealed)
  const text = JSON.stringify(sealed)
  await writeFile(path, text)
  await expect(open('correct horse battery').all()).rejects.toMatchObject({ code })
  expect(await readFile(path, 'utf8')).toBe(text)
})

test('what another process encrypts anew locks this one until it knows the new words', async () => {
  const { store, open } = await openFolder()
  const server = open()
  expect(await server.all()).toHaveLength(1)
  await store.encrypt(right)
  await expect(server.all()).rejects.toMatchObject({ code: 'keys-locked' })
  await server.unlock(right)
  await store.encrypt(other)
  await expect(server.put({ name: 'b', key }, { makeDefault: false })).rejects.toMatchObject({
    code: 'keys-locked',
  })
  await server.unlock(other)
  expect(await server.all()).toHaveLength(1)
})

/** A process that encrypts anew without end, and says each time it has. */
function encryptWithoutEnd(dataDir: string, words: readonly string[]) {
  const here = fileURLToPath(new URL('../../server/storage/', import.meta.url))
  const program = `
    const { createKeyStore } = await import(${JSON.stringify(`${here}keys.ts`)})
    const words = ${JSON.stringify(words)}
    const store = createKeyStore(${JSON.stringify(dataDir)}, { passphrase: words[0] }, ${JSON.stringify(cost)})
    for (let round = 0; ; round++) {
      await store.encrypt({ kind: 'passphrase', passphrase: words[round % words.length] })
      process.stdout.write('.')
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

test('killed in the middle of encrypting anew, all keys are there under the old words or the new ones', async () => {
  const { store, open, dataDir, filesWith } = await openFolder()
  const words = ['correct horse battery', 'staple staple staple']
  await store.encrypt(right)
  for (const [again, rounds] of [1, 4].entries()) {
    const child = encryptWithoutEnd(dataDir, words)
    let seen = 0
    for await (const chunk of child.stdout) {
      seen += String(chunk).length
      if (seen >= rounds) break
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await filesWith(key)).toEqual([])
    const opened = await Promise.all(
      words.map(async word => ((await open(word).protection()).isLocked ? [] : open(word).all())),
    )
    expect(opened.flat()).toMatchObject([{ name: 'work', key }])
    // Whoever writes next is not held up by what the dead one held, and clears its half file away.
    const now = opened[0]?.length ? open(words[0]) : open(words[1])
    await now.encrypt(right)
    expect((await readdir(dataDir)).sort(), `kill ${again}`).toEqual(['keys.json', 'keys.lock'])
  }
})

test('two processes write at once, and no key is lost', async () => {
  const { store, open, dataDir } = await openFolder()
  await store.encrypt(right)
  const child = encryptWithoutEnd(dataDir, ['correct horse battery'])
  await once(child.stdout, 'data')
  const mine = open('correct horse battery')
  const names = Array.from({ length: 12 }, (_, index) => `key ${index}`)
  for (const name of names) await mine.put({ name, key: `${key}${name}` }, { makeDefault: false })
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect((await open('correct horse battery').all()).map(({ name }) => name)).toEqual(['work', ...names])
})

type Sealed = {
  version: number
  hasDefault: boolean
  lock: { n: number; key: string }
  content: { data: string }
}

function flip(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return bytes.toString('base64')
}
