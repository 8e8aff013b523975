import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kindOf, trimFolder } from '../../server/assets/index.ts'
import { openStore } from './support.ts'

describe('finding', () => {
  test('takes a name from the folder it says, input without a word', async () => {
    const { access, folders } = await openStore()
    for (const [folder, path] of Object.entries(folders)) {
      await mkdir(join(path, 'sub'), { recursive: true })
      await writeFile(join(path, 'sub', 'a.txt'), folder)
    }
    const contentOf = async (name: string) => access.readText(await access.find(name), 100)
    expect(await contentOf('sub/a.txt')).toBe('input')
    expect(await contentOf('sub/a.txt [output]')).toBe('output')
    expect(await contentOf('sub\\a.txt [temp]')).toBe('temp')
  })

  test('describes a file by its content', async () => {
    const { access, folders } = await openStore()
    await mkdir(folders.input)
    await writeFile(join(folders.input, 'a.txt'), 'abc')
    expect(await access.find('a.txt')).toEqual({
      path: join(folders.input, 'a.txt'),
      name: 'a.txt',
      mediaType: 'text/plain',
      sizeBytes: 3,
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    })
  })

  test('sees that a file has changed', async () => {
    const { access, folders } = await openStore()
    await mkdir(folders.input)
    const path = join(folders.input, 'a.txt')
    await writeFile(path, 'abc')
    const before = await access.find('a.txt')
    await writeFile(path, 'xyz')
    expect((await access.find('a.txt')).sha256).not.toBe(before.sha256)
  })

  test('says what is missing and where it belongs', async () => {
    const { access, folders } = await openStore()
    await expect(access.find('none.png')).rejects.toMatchObject({
      code: 'input-missing',
      message: expect.stringContaining('none.png'),
      hint: expect.stringContaining(folders.input),
    })
    expect(await access.exists('none.png')).toBe(false)
  })

  test.each(['../secret.txt', '/etc/passwd', '..\\secret.txt', '../secret.txt [output]', 'a\0b', ''])(
    'never leaves the folder for %j',
    async name => {
      const { access, file, folders } = await openStore()
      await file('secret.txt', 'x')
      await mkdir(folders.input)
      await mkdir(folders.output)
      await expect(access.find(name)).rejects.toMatchObject({ code: 'path-outside' })
      expect(await access.exists(name)).toBe(false)
    },
  )

  test('a folder is no file', async () => {
    const { access, folders } = await openStore()
    await mkdir(join(folders.input, 'sub'), { recursive: true })
    expect(await access.exists('sub')).toBe(false)
    await expect(access.find('sub')).rejects.toMatchObject({ code: 'input-missing' })
  })
})

describe('keeping', () => {
  test('the same bytes are kept once, under the name they were given', async () => {
    const { access, folders } = await openStore()
    const first = await access.keep(Buffer.from('abc'), 'my picture.png')
    const second = await access.keep(Buffer.from('abc'), 'my picture.png')
    expect(second).toEqual(first)
    expect(first).toMatchObject({ name: 'my picture.png', sizeBytes: 3 })
    expect(await readFile(first.path, 'utf8')).toBe('abc')
    const files = (await readdir(folders.temp, { recursive: true, withFileTypes: true })).filter(each =>
      each.isFile(),
    )
    expect(files).toHaveLength(1)
  })

  test.each(['../../../../x.png', '/x.png', 'a/b.png', '图'.repeat(200), `${'x'.repeat(300)}.png`, ''])(
    'the name %s stays inside the temp folder',
    async name => {
      const { access, folders, root } = await openStore()
      const { path } = await access.keep(Buffer.from('abc'), name)
      expect(path.startsWith(join(folders.temp, 'kept'))).toBe(true)
      expect(existsSync(path)).toBe(true)
      expect(await readdir(root)).toEqual(['temp'])
    },
  )

  test('a file counts as there while it has its size', async () => {
    const { access, store } = await openStore()
    const asset = await access.keep(Buffer.from('abc'), 'a.txt')
    expect(store.isThere(asset)).toBe(true)
    await writeFile(asset.path, 'longer')
    expect(store.isThere(asset)).toBe(false)
    await rm(asset.path)
    expect(store.isThere(asset)).toBe(false)
  })
})

describe('adopting', () => {
  test('copies a file in, keeps the name of the same bytes, numbers others', async () => {
    const { store, file, folders } = await openStore()
    const path = await file('pic.v2.png', 'one')
    expect(await store.adopt(path)).toBe('pic.v2.png')
    expect(await store.adopt(path)).toBe('pic.v2.png')
    await writeFile(path, 'two')
    expect(await store.adopt(path)).toBe('pic.v2 (1).png')
    expect(await store.adopt(path)).toBe('pic.v2 (1).png')
    await writeFile(path, 'three')
    expect(await store.adopt(path)).toBe('pic.v2 (2).png')
    expect((await readdir(folders.input)).sort()).toEqual(['pic.v2 (1).png', 'pic.v2 (2).png', 'pic.v2.png'])
    expect(await readFile(join(folders.input, 'pic.v2.png'), 'utf8')).toBe('one')
  })

  test('a file that lies there already keeps its name', async () => {
    const { store, folders } = await openStore()
    await mkdir(folders.input)
    await writeFile(join(folders.input, 'a.png'), 'x')
    expect(await store.adopt(join(folders.input, 'a.png'))).toBe('a.png')
    expect(await readdir(folders.input)).toEqual(['a.png'])
  })

  test('files of one name that come at once all survive', async () => {
    const { store, second, root, folders } = await openStore()
    const other = second()
    const names = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const folder = join(root, `from${index}`)
        await mkdir(folder)
        await writeFile(join(folder, 'a.png'), `content ${index}`)
        return (index % 2 === 0 ? store : other).adopt(join(folder, 'a.png'))
      }),
    )
    expect(new Set(names).size).toBe(10)
    const contents = await Promise.all(names.map(name => readFile(join(folders.input, name), 'utf8')))
    expect(contents).toEqual(Array.from({ length: 10 }, (_, index) => `content ${index}`))
    expect(await readdir(folders.input)).toHaveLength(10)
  })

  test.each([
    ['图片 😀.png', '图片 😀.png'],
    [`${'图'.repeat(60)}.png`, `${'图'.repeat(48)}.png`],
    ['what?.png', 'what_.png'],
    ['no extension', 'no extension'],
    ['.hidden', '.hidden'],
  ])('%j becomes %j', async (name, adopted) => {
    const { store, file } = await openStore()
    expect(await store.adopt(await file(name, 'x'))).toBe(adopted)
  })
})

describe('texts', () => {
  test('are read as UTF-8 without a byte order mark, wrong bytes replaced', async () => {
    const { access } = await openStore()
    const read = async (bytes: Uint8Array, most = 100) =>
      access.readText(await access.keep(bytes, 'a.txt'), most)
    expect(await read(Buffer.from('\ufeff图 😀'))).toBe('图 😀')
    expect(await read(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb')
    expect(await read(Buffer.alloc(0))).toBe('')
    expect(await read(Buffer.from('abcdef'), 3)).toBe('abc\n[cut after 3 of 6 bytes]')
  })
})

describe('trimming', () => {
  const day = 24 * 3600_000
  const now = 1_700_000_000_000
  async function openTrim(entries: Record<string, { ageMs: number; bytes: number }>) {
    const { root } = await openStore()
    for (const [name, { ageMs, bytes }] of Object.entries(entries)) {
      const path = join(root, name)
      await mkdir(join(path, '..'), { recursive: true })
      await writeFile(path, Buffer.alloc(bytes))
      const at = (now - ageMs) / 1000
      await utimes(path, at, at)
      if (name.includes('/')) await utimes(join(path, '..'), at, at)
    }
    return {
      root,
      async trim(limits: Parameters<typeof trimFolder>[1]) {
        await trimFolder(root, limits, now)
        return (await readdir(root)).sort()
      },
    }
  }

  test('what is too old goes, a folder by the newest file in it', async () => {
    const { trim } = await openTrim({
      'old.png': { ageMs: 3 * day, bytes: 1 },
      'new.png': { ageMs: day, bytes: 1 },
      'task1/a.png': { ageMs: 3 * day, bytes: 1 },
      'task2/a.png': { ageMs: 3 * day, bytes: 1 },
      'task2/b.png': { ageMs: day, bytes: 1 },
    })
    expect(await trim({ maxAgeMs: 2 * day, maxBytes: 100 })).toEqual(['new.png', 'task2'])
  })

  test('the oldest go until the rest fits', async () => {
    const { trim } = await openTrim({
      'a/1': { ageMs: 4000, bytes: 40 },
      'a/2': { ageMs: 4000, bytes: 40 },
      b: { ageMs: 3000, bytes: 40 },
      c: { ageMs: 2000, bytes: 40 },
      d: { ageMs: 1000, bytes: 40 },
    })
    expect(await trim({ maxAgeMs: day, maxBytes: 100 })).toEqual(['c', 'd'])
  })

  test('file by file where a folder is no unit, and never what was made just now', async () => {
    const { root, trim } = await openTrim({
      'kept/aa/old': { ageMs: 3 * day, bytes: 1 },
      'kept/aa/older than the others': { ageMs: 5000, bytes: 60 },
      'kept/bb/1': { ageMs: 2000, bytes: 60 },
      'kept/bb/2': { ageMs: 1000, bytes: 60 },
      c: { ageMs: 4000, bytes: 60 },
    })
    await trim({ maxAgeMs: day, maxBytes: 100, keepMs: 3000, isByFile: true })
    const left = (await readdir(root, { recursive: true })).filter(name => /\d$|c$/.test(name))
    expect(left.sort()).toEqual(['kept/bb/1', 'kept/bb/2'].map(name => join(...name.split('/'))))
  })

  test('a folder that another run has just made, and is still empty, stays', async () => {
    const { root } = await openStore()
    await mkdir(join(root, 'task'))
    await trimFolder(root, { maxAgeMs: day, maxBytes: 100 }, Date.now())
    expect(await readdir(root)).toEqual(['task'])
  })

  test('a folder that is not there is no reason to fail', async () => {
    await expect(trimFolder('/nowhere/at/all', { maxAgeMs: 1, maxBytes: 1 }, now)).resolves.toBeUndefined()
  })
})

test.each([
  ['image/png', 'a.png', 'image'],
  ['video/mp4', 'a.mp4', 'video'],
  ['audio/wav', 'a.wav', 'audio'],
  ['text/plain', 'a.txt', 'text'],
  ['application/octet-stream', 'a.latent', 'latent'],
  ['model/gltf-binary', 'a.glb', 'model3d'],
  ['application/octet-stream', 'a.GLB', 'model3d'],
  ['application/octet-stream', 'a.ply', 'model3d'],
  ['application/octet-stream', 'a.abc', 'file'],
  ['application/zip', 'a.zip', 'file'],
  ['image/aces', 'a.exr', 'file'],
  ['application/json', 'a.json', 'text'],
])('%s %s is of the kind %s', (mediaType, name, kind) => {
  expect(kindOf({ mediaType, name })).toBe(kind)
})
