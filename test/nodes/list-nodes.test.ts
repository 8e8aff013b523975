import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Image, Mask } from '../../nodes/values.ts'
import { openNodeBench } from '../support/node-bench.ts'
import { animation, nodeOf, picture } from './support.ts'

describe('RHB_LoadImagesFromFolder', () => {
  const load = nodeOf('RHB_LoadImagesFromFolder')

  async function openFolder() {
    const bench = await openNodeBench()
    const put = async (name: string, bytes: Uint8Array | string) => {
      const path = join(bench.folders.input, name)
      await mkdir(join(path, '..'), { recursive: true })
      await writeFile(path, bytes)
    }
    const png = await picture(2, 2).png().toBuffer()
    for (const name of ['set/a10.png', 'set/a2.png', 'set/.hidden.png', 'set/more/a1.png'])
      await put(name, png)
    await put('set/note.txt', 'x')
    await put('set/b.gif', await animation('gif', ['#ff0000', '#00ff00']))
    const inputs = { folder: 'set', subfolders: false, start: 0, limit: 0 }
    return { bench, run: (more = {}) => bench.run(load, { ...inputs, ...more }), inputs }
  }

  test('gives the pictures of a folder one by one, numbers in their order, animations as batches', async () => {
    const { run } = await openFolder()
    const { image, mask, name, count } = await run()
    expect(name).toEqual(['a2', 'a10', 'b'])
    expect(count).toBe(3)
    expect((image as Image[][]).map(batch => batch.length)).toEqual([1, 1, 2])
    expect((mask as Mask[][]).map(batch => batch.length)).toEqual([1, 1, 2])
  })

  test('a part of them, and those of folders inside', async () => {
    const { run, bench } = await openFolder()
    expect((await run({ start: 1, limit: 1 })).name).toEqual(['a10'])
    expect((await run({ subfolders: true })).name).toEqual(['a2', 'a10', 'b', 'more/a1'])
    expect((await run({ folder: 'input/set' })).count).toBe(3)
    expect((await run({ folder: join(bench.folders.input, 'set') })).count).toBe(3)
    await expect(run({ start: 9 })).rejects.toMatchObject({ code: 'folder-empty' })
  })

  test('is told before it runs that a folder is missing or not allowed', async () => {
    const { bench } = await openFolder()
    const check = (value: unknown) => load.validate.get('folder')?.(value, { assets: bench.assets })
    expect(await check('')).toBeUndefined()
    expect(await check('set')).toBeUndefined()
    expect(await check('none')).toMatchObject({ message: '"none" is no folder.' })
    expect(await check('set/a2.png')).toMatchObject({ message: '"set/a2.png" is no folder.' })
    for (const outside of ['..', '/etc', 'set/../../..'])
      expect(await check(outside)).toMatchObject({
        message: `"${outside}" lies in no folder that nodes may read.`,
      })
    await symlink('/etc', join(bench.folders.input, 'link'))
    expect(await check('link')).toMatchObject({ message: '"link" lies in no folder that nodes may read.' })
  })

  test('gives something else when a file comes, goes or changes', async () => {
    const { bench, inputs } = await openFolder()
    const work = { runId: 'test', nodeId: '1' }
    const cloud = { siteOf: () => Promise.reject(new Error('not asked')) }
    const print = () =>
      load.fingerprint?.({ inputs, work, isLinked: () => false, assets: bench.assets, cloud })
    const before = await print()
    expect(await print()).toBe(before)
    await bench.input('set/c.png', 'x')
    const after = await print()
    expect(after).not.toBe(before)
    await bench.input('set/note.txt', 'other')
    expect(await print()).toBe(after)
  })
})

describe('RHB_LoadTextLines', () => {
  const run = async (inputs: Record<string, unknown>, file?: string) => {
    const bench = await openNodeBench()
    if (file !== undefined) await bench.input('lines.txt', file)
    const all = { text: '', file: '', skip_empty: true, start: 0, limit: 0, ...inputs }
    return bench.run(nodeOf('RHB_LoadTextLines'), all)
  }

  test('gives lines one by one, of the text and then of the file', async () => {
    expect(await run({ text: 'a\r\n\n b \n' })).toEqual({ line: ['a', ' b '], index: [0, 1], count: 2 })
    expect((await run({ text: 'a\n\nb', skip_empty: false })).line).toEqual(['a', '', 'b'])
    const both = await run({ text: 'a', file: 'lines.txt', start: 1, limit: 1 }, 'b\nc\n')
    expect(both).toEqual({ line: ['b'], index: [1], count: 1 })
    expect((await run({})).line).toEqual([])
  })

  test('a file that is missing or outside is refused, and too many lines are', async () => {
    await expect(run({ file: 'none.txt' })).rejects.toMatchObject({ code: 'input-missing' })
    await expect(run({ file: '/etc/passwd' })).rejects.toMatchObject({ code: 'path-not-allowed' })
    const many = { text: 'x\n'.repeat(10_001) }
    await expect(run(many)).rejects.toMatchObject({ code: 'list-too-long' })
    expect((await run({ ...many, limit: 5 })).count).toBe(5)
  })
})

describe('For Each', () => {
  test('the start gives each picture of a batch, each value of a list, by itself', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.gif', 'x')
    const [one, two] = [0, 1].map(page => ({ kind: 'image' as const, asset, page }))
    const start = (items: unknown[]) => bench.run(nodeOf('RHB_ForEachStart'), { items })
    expect(await start([[one, two]])).toEqual({ item: [[one], [two]], index: [0, 1], count: 2 })
    expect(await start(['a', 'b'])).toEqual({ item: ['a', 'b'], index: [0, 1], count: 2 })
    expect(await start([['a', 'b'], 3])).toMatchObject({ item: ['a', 'b', 3] })
  })

  test('the end joins pictures to a batch, texts to lines, all else to a list, and leaves out what failed', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.gif', 'x')
    const [one, two] = [0, 1].map(page => ({ kind: 'image' as const, asset, page }))
    const end = (value: unknown[]) => bench.run(nodeOf('RHB_ForEachEnd'), { value, on_error: ['skip'] })
    expect(await end([[one], [two]])).toEqual({ joined: [one, two], list: [[one], [two]], count: 2 })
    expect(await end(['a', 'b'])).toMatchObject({ joined: 'a\nb' })
    expect(await end([1, 'b'])).toMatchObject({ joined: [1, 'b'] })
    const failed = { kind: 'failed', reason: 'no luck', code: 'x' }
    expect(await end(['a', failed])).toEqual({
      joined: 'a',
      list: ['a'],
      count: 1,
      isKept: false,
      ui: { text: ['1 of 2 left out:\n#2: no luck'] },
    })
  })
})
