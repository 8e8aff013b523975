import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Saveable } from '../../nodes/context.ts'
import { pngTexts } from '../../server/assets/png-metadata.ts'
import { openStore } from './support.ts'

const text = (content: string, extension = 'txt'): Saveable => ({ bytes: Buffer.from(content), extension })
const request = (prefix: string, ...items: Saveable[]) => ({
  folder: 'output' as const,
  prefix,
  trailingUnderscore: true,
  items,
})
const namesOf = (files: readonly { filename: string }[]) => files.map(({ filename }) => filename)

describe('counters', () => {
  test('start at one and grow with each file of a batch', async () => {
    const { access } = await openStore()
    expect(namesOf(await access.save(request('a', text('1'), text('2'))))).toEqual([
      'a_00001_.txt',
      'a_00002_.txt',
    ])
    expect(namesOf(await access.save(request('a', text('3'))))).toEqual(['a_00003_.txt'])
  })

  test('go on one above the highest there is, of any extension and case', async () => {
    const { access, folders } = await openStore()
    await mkdir(folders.output, { recursive: true })
    for (const name of [
      'a_00007_.png',
      'A_00009.wav',
      'a_3_x.txt',
      'ab_00050_.png',
      'a_x.png',
      'a00070_.png',
    ]) {
      await writeFile(join(folders.output, name), '')
    }
    expect(namesOf(await access.save(request('a', text('x'))))).toEqual(['a_00010_.txt'])
  })

  test('pass 99999', async () => {
    const { access, folders } = await openStore()
    await mkdir(folders.output, { recursive: true })
    await writeFile(join(folders.output, 'a_99999_.png'), '')
    expect(namesOf(await access.save(request('a', text('x'))))).toEqual(['a_100000_.txt'])
  })

  test('come without the last underscore where the node says so', async () => {
    const { access } = await openStore()
    const files = await access.save({ ...request('a', text('x', 'wav')), trailingUnderscore: false })
    expect(namesOf(files)).toEqual(['a_00001.wav'])
  })

  test.each(['%batch_num%', 'bn/'])('of the prefix %s never overwrite', async prefix => {
    const { access, folders } = await openStore()
    for (const content of ['1', '2', '3'])
      await access.save(request(prefix, text(content), text(`${content}b`)))
    const names = await readdir(folders.output)
    expect(names).toHaveLength(6)
    const contents = await Promise.all(names.map(name => readFile(join(folders.output, name), 'utf8')))
    expect(contents.sort()).toEqual(['1', '1b', '2', '2b', '3', '3b'])
  })

  test('count the pictures of a batch where the prefix asks for it', async () => {
    const { access } = await openStore()
    expect(namesOf(await access.save(request('p%batch_num%', text('1'), text('2'))))).toEqual([
      'p0_00001_.txt',
      'p1_00002_.txt',
    ])
  })

  test('of a name with emoji, cut to length, still count', async () => {
    const { access } = await openStore()
    const prefix = `aaa${'😀'.repeat(60)}`
    const [first] = await access.save(request(prefix, text('1')))
    const [second] = await access.save(request(prefix, text('2')))
    expect(first?.filename).toMatch(/^aaa(😀)+_00001_\.txt$/u)
    expect(second?.filename).toBe(first?.filename.replace('00001', '00002'))
  })
})

describe('two savers at once', () => {
  test('in one process keep each batch in a row', async () => {
    const { access } = await openStore()
    const batches = await Promise.all(
      ['a', 'b', 'c'].map(name => access.save(request('same', text(`${name}1`), text(`${name}2`)))),
    )
    // Whoever comes first: no batch is torn apart, none takes another's numbers.
    expect(batches.map(namesOf).sort()).toEqual([
      ['same_00001_.txt', 'same_00002_.txt'],
      ['same_00003_.txt', 'same_00004_.txt'],
      ['same_00005_.txt', 'same_00006_.txt'],
    ])
  })

  test('in two processes never take the same name', async () => {
    const { access, second, folders } = await openStore()
    const other = second().accessFor(undefined)
    const saved = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? access : other).save(request('same', text(`${index}a`), text(`${index}b`))),
      ),
    )
    const files = saved.flat()
    expect(new Set(namesOf(files)).size).toBe(40)
    for (const [index, batch] of saved.entries()) {
      const contents = await Promise.all(batch.map(file => readFile(file.asset.path, 'utf8')))
      expect(contents).toEqual([`${index}a`, `${index}b`])
    }
    expect(await readdir(folders.output)).toHaveLength(40)
  })

  test('a failed save does not stop the next of the same name', async () => {
    const { access, store, file, folders } = await openStore()
    const asset = await store.describe(await file('gone.bin', 'x'))
    const bad = access.save(request('a', { asset: { ...asset, path: '/nowhere/gone.bin' } }))
    const good = access.save(request('a', text('x')))
    await expect(bad).rejects.toMatchObject({
      code: 'file-lost',
      message: expect.stringContaining('gone.bin'),
    })
    expect(namesOf(await good)).toEqual(['a_00001_.txt'])
    expect(await readdir(folders.output)).toEqual(['a_00001_.txt'])
  })
})

describe('places', () => {
  test('folders of a prefix are made and told with slashes', async () => {
    const { access, folders } = await openStore()
    const [saved] = await access.save(request('x/y/name', text('1')))
    expect(saved).toMatchObject({ filename: 'name_00001_.txt', subfolder: 'x/y', type: 'output' })
    expect(saved?.asset.path).toBe(join(folders.output, 'x', 'y', 'name_00001_.txt'))
    const [plain] = await access.save({ ...request('name', text('1')), folder: 'temp' })
    expect(plain).toMatchObject({ subfolder: '', type: 'temp' })
  })

  test('tokens are filled from the clock and the picture', async () => {
    const { access } = await openStore()
    const [saved] = await access.save({
      ...request('%year%/%width%x%height%', text('1')),
      width: 4,
      height: 3,
    })
    expect(saved).toMatchObject({ subfolder: '2026', filename: '4x3_00001_.txt' })
  })

  test.each(['../x', '/tmp/x', 'a/../../x', '..\\x'])(
    'the prefix %s leaves nothing anywhere',
    async prefix => {
      const { access, root } = await openStore()
      await expect(access.save(request(prefix, text('1')))).rejects.toMatchObject({ code: 'path-outside' })
      expect(await readdir(root)).toEqual([])
    },
  )

  test.each(['../../x', '/x', 'png/../../x', 'p\0ng', ''])(
    'the extension %j, as a cloud may name it, opens no folder',
    async extension => {
      const { access, folders } = await openStore()
      const [saved] = await access.save(request('a', text('1', extension)))
      expect(saved?.filename).toBe('a_00001_.bin')
      expect(await readdir(folders.output)).toEqual(['a_00001_.bin'])
    },
  )

  test('a folder that cannot be written is named', async () => {
    const { access, file, folders } = await openStore()
    await file('output', 'a file in the way')
    await expect(access.save(request('a', text('1')))).rejects.toMatchObject({
      code: 'disk',
      message: expect.stringContaining(folders.output),
    })
  })
})

describe('files', () => {
  const picture = () => sharp({ create: { width: 4, height: 3, channels: 3, background: '#c80' } })

  test('PNG files receive the run’s texts, and tell their own size and hash', async () => {
    const { access, store, file } = await openStore({
      prompt: { '1': '图' },
      workflow: { nodes: [2n ** 63n] },
    })
    const bytes = await picture().png().toBuffer()
    const asset = await store.describe(await file('a.png', bytes))
    const [saved] = await access.save(request('a', { asset }))
    const written = await readFile(saved?.asset.path ?? '')
    expect(pngTexts(written)).toEqual({
      prompt: '{"1":"\\u56fe"}',
      workflow: '{"nodes":[9223372036854775808]}',
    })
    expect(await sharp(written).raw().toBuffer()).toEqual(await sharp(bytes).raw().toBuffer())
    expect(saved?.asset).toEqual(await store.describe(saved?.asset.path ?? ''))
  })

  test('without metadata a PNG stays byte for byte', async () => {
    const { access, store, file } = await openStore()
    const bytes = await picture().png().toBuffer()
    const asset = await store.describe(await file('a.png', bytes))
    const [saved] = await access.save(request('a', { asset }))
    expect(await readFile(saved?.asset.path ?? '')).toEqual(bytes)
  })

  test.each(['jpeg', 'gif'] as const)('a %s stays byte for byte, metadata or not', async format => {
    const { access, store, file } = await openStore({ prompt: {} })
    const bytes = await picture().toFormat(format).toBuffer()
    const asset = await store.describe(await file(`a.${format}`, bytes))
    const [saved] = await access.save(request('a', { asset }))
    expect(await readFile(saved?.asset.path ?? '')).toEqual(bytes)
    expect(saved?.asset).toEqual(await store.describe(saved?.asset.path ?? ''))
  })

  test('a truncated PNG is saved as it is', async () => {
    const { access, store, file } = await openStore({ prompt: {} })
    const bytes = (await picture().png().toBuffer()).subarray(0, -5)
    const asset = await store.describe(await file('a.png', bytes))
    const [saved] = await access.save(request('a', { asset }))
    expect(await readFile(saved?.asset.path ?? '')).toEqual(bytes)
  })

  test('a PNG that is called .jpg is saved as what it is', async () => {
    const { access, store, file } = await openStore()
    const asset = await store.describe(await file('a.jpg', await picture().png().toBuffer()))
    expect(namesOf(await access.save(request('a', { asset })))).toEqual(['a_00001_.png'])
  })
})
