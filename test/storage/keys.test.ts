import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createKeyStore } from '../../server/storage/keys.ts'

const key = '0123456789abcdef0123456789abcdef'

async function openStore() {
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-keys-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const path = join(dataDir, 'below', 'keys.json')
  return { store: createKeyStore(join(dataDir, 'below')), folder: join(dataDir, 'below'), path }
}

const keep = { makeDefault: false }

test('a store without a file is empty and makes none', async () => {
  const { store, path } = await openStore()
  expect(await store.all()).toEqual([])
  expect(await store.default()).toBeUndefined()
  expect(await store.get('a')).toBeUndefined()
  expect(await store.remove('a')).toBe(false)
  await expect(stat(path)).rejects.toThrow('ENOENT')
})

test('only its owner can read the file, whatever it was before', async () => {
  const { store, path, folder } = await openStore()
  await store.put({ name: 'a', key }, keep)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await chmod(path, 0o644)
  await writeFile(`${path}.${process.pid}.part`, 'of a crash', { mode: 0o644 })
  await store.put({ name: 'b', key }, keep)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['keys.json', 'keys.lock'])
})

test('the first key is the default, until another is made it', async () => {
  const { store } = await openStore()
  await store.put({ name: 'a', key }, keep)
  await store.put({ name: 'b', key: `${key}b` }, keep)
  expect((await store.default())?.name).toBe('a')
  await store.put({ name: 'c', key: `${key}c`, baseUrl: 'https://www.runninghub.ai' }, { makeDefault: true })
  expect(await store.default()).toEqual({ name: 'c', key: `${key}c`, baseUrl: 'https://www.runninghub.ai' })
})

test('a name that is put again is replaced and stays the default it was', async () => {
  const { store } = await openStore()
  await store.put({ name: 'a', key }, keep)
  await store.put({ name: 'b', key }, keep)
  await store.put({ name: 'a', key: 'another key' }, keep)
  expect(await store.all()).toHaveLength(2)
  expect((await store.get('a'))?.key).toBe('another key')
  expect((await store.default())?.name).toBe('a')
})

test('when the default is removed another becomes it, and at last none', async () => {
  const { store } = await openStore()
  await store.put({ name: 'a', key }, keep)
  await store.put({ name: 'b', key }, keep)
  expect(await store.remove('a')).toBe(true)
  expect((await store.default())?.name).toBe('b')
  expect(await store.remove('b')).toBe(true)
  expect(await store.default()).toBeUndefined()
})

test('a key is renamed and stays what it was to graphs that use its former name', async () => {
  const { store } = await openStore()
  await store.put({ name: 'a', key }, keep)
  await store.put({ name: 'b', key: `${key}b` }, keep)
  expect(await store.change('a', { name: 'work' })).toBe(true)
  expect((await store.default())?.name).toBe('work')
  expect((await store.get('a'))?.name).toBe('work')
  await store.put({ name: 'work', key: 'another key' }, keep)
  expect((await store.get('a'))?.key).toBe('another key')
  // Whoever is called so now is meant.
  await store.put({ name: 'a', key: 'a new key' }, keep)
  expect((await store.get('a'))?.key).toBe('a new key')
  expect(await store.change('gone', { name: 'x' })).toBe(false)
  await expect(store.change('work', { name: 'b' })).rejects.toMatchObject({ code: 'bad-key-name' })
  await expect(store.change('work', { name: 'a<b' })).rejects.toMatchObject({ code: 'bad-key-name' })
})

test('a key that came in a file is kept under the wanted name, and pays for all only once it is made the default', async () => {
  const { store } = await openStore()
  expect(await store.keep(key, 'theirs')).toBe('theirs')
  expect(await store.keep(key, 'other')).toBe('theirs')
  expect(await store.keep(`${key}b`, 'theirs')).toBe('theirs-2')
  expect(await store.default()).toBeUndefined()
  await store.change('theirs', { makeDefault: true })
  expect((await store.default())?.name).toBe('theirs')
})

test('keys that are put at the same time are all kept', async () => {
  const { store, folder } = await openStore()
  const names = Array.from({ length: 12 }, (_, index) => `key ${index}`)
  await Promise.all(names.map(name => store.put({ name, key }, keep)))
  expect((await store.all()).map(({ name }) => name).sort()).toEqual(names.sort())
  expect(await readdir(folder)).toEqual(['keys.json', 'keys.lock'])
})

test.each([
  ['{"keys":[{"name":"a","key":'],
  [''],
  ['[]'],
  ['{"keys":{}}'],
  ['{"keys":[{"name":"a"}]}'],
  ['<html>'],
])('the damaged file %j is told, left as it is, and quoted nowhere', async text => {
  const { store, path } = await openStore()
  await store.put({ name: 'a', key }, keep)
  const damaged = text.replace('"key":', `"key":"${key}`)
  await writeFile(path, damaged)
  const calls = [
    () => store.all(),
    () => store.default(),
    () => store.put({ name: 'b', key }, keep),
    () => store.remove('a'),
  ]
  for (const call of calls) {
    const error: unknown = await call().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'key-store', message: expect.stringContaining('damaged') })
    expect(String((error as Error).stack)).not.toContain(key)
  }
  expect(await readFile(path, 'utf8')).toBe(damaged)
})

test.each([[''], ['  '], ['a<b'], ['a>b'], ['a\nb']])(
  'the name %j, which no graph could refer to, is refused',
  async name => {
    const { store } = await openStore()
    await expect(store.put({ name, key }, keep)).rejects.toMatchObject({ code: 'bad-key-name' })
    expect(await store.all()).toEqual([])
  },
)
