import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { SavedFile } from '../../nodes/context.ts'
import { openNodeBench } from '../support/node-bench.ts'
import { animation, colorOf, images, nodeOf, picture } from './support.ts'

const load = nodeOf('LoadImage')

describe('LoadImage', () => {
  test('gives a picture as its file, and zeros for a mask without alpha', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.png', await picture(5, 4).png().toBuffer())
    expect(await bench.run(load, { image: 'a.png' })).toEqual({
      IMAGE: [{ kind: 'image', asset }],
      MASK: [{ kind: 'mask', blank: { width: 64, height: 64 } }],
    })
  })

  test('masks where a picture is transparent', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.png', await picture(5, 4, '#11223380').png().toBuffer())
    const { MASK } = await bench.run(load, { image: 'a.png' })
    expect(MASK).toEqual([{ kind: 'mask', asset, channel: 'alpha', inverted: true }])
  })

  test.each(['gif', 'webp'] as const)('gives each frame of an animated %s a page', async format => {
    const bench = await openNodeBench()
    await bench.input(`a.${format}`, await animation(format, ['#ff0000', '#00ff00', '#0000ff']))
    const outputs = await bench.run(load, { image: `a.${format}` })
    expect(images(outputs, 'IMAGE').map(({ page }) => page)).toEqual([0, 1, 2])
    expect(outputs.MASK).toHaveLength(3)
  })

  test('takes a picture of any folder below, and of the output folder', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.png', await picture(2, 2).png().toBuffer())
    await bench.assets.save({ folder: 'output', prefix: 'x/b', trailingUnderscore: true, items: [{ asset }] })
    const outputs = await bench.run(load, { image: 'x/b_00001_.png [output]' })
    expect(images(outputs, 'IMAGE')[0]?.asset.path).toBe(join(bench.folders.output, 'x', 'b_00001_.png'))
  })

  test.each([
    ['damaged.png', 'this is no picture', 'the file is damaged or no picture'],
    ['empty.png', '', 'the file is empty'],
  ])('says of %s why it cannot be read', async (name, content, why) => {
    const bench = await openNodeBench()
    await bench.input(name, content)
    await expect(bench.run(load, { image: name })).rejects.toMatchObject({
      code: 'image-unreadable',
      message: `"${name}" cannot be read as a picture: ${why}`,
    })
  })

  test('is told before it runs that its file is missing, outside or not chosen', async () => {
    const bench = await openNodeBench()
    await bench.input('a.png', 'x')
    const check = (value: unknown) => load.validate.get('image')?.(value, { assets: bench.assets })
    expect(await check('a.png')).toBeUndefined()
    expect(await check('a.png [input]')).toBeUndefined()
    expect(await check('none.png')).toMatchObject({ message: 'Invalid image file: none.png' })
    expect(await check('../../etc/passwd')).toMatchObject({ message: 'Invalid image file: ../../etc/passwd' })
    expect(await check(' ')).toMatchObject({ hint: 'Choose a file for this node.' })
    await expect(bench.run(load, { image: 'none.png' })).rejects.toMatchObject({ code: 'input-missing' })
  })

  test('gives something else as soon as the file holds something else', async () => {
    const bench = await openNodeBench()
    const print = () =>
      load.fingerprint?.({
        inputs: { image: 'a.png' },
        work: { runId: 'test', nodeId: '1' },
        isLinked: () => false,
        assets: bench.assets,
        cloud: { siteOf: () => Promise.reject(new Error('not asked')) },
      })
    await bench.input('a.png', 'one')
    const before = await print()
    await bench.input('a.png', 'two')
    expect(await print()).not.toBe(before)
    await bench.input('a.png', 'one')
    expect(await print()).toBe(before)
  })
})

describe('SaveImage', () => {
  const save = nodeOf('SaveImage')
  const bytesOf = (saved: SavedFile | undefined) => readFile(saved?.asset.path ?? '')

  async function saveFile(name: string, bytes: Uint8Array, prefix = 'a') {
    const bench = await openNodeBench({ metadata: { prompt: { '1': {} } } })
    await bench.input(name, bytes)
    const { IMAGE } = await bench.run(load, { image: name })
    const outputs = await bench.run(save, { images: IMAGE, filename_prefix: prefix })
    expect(outputs.images).toBe(IMAGE)
    return (outputs.ui as { images: SavedFile[] }).images
  }

  test.each(['jpeg', 'gif'] as const)('keeps a %s byte for byte', async format => {
    const bytes = await picture(6, 4).toFormat(format).toBuffer()
    const [saved] = await saveFile(`a.${format}`, bytes)
    expect(saved).toMatchObject({ filename: `a_00001_.${format}`, subfolder: '', type: 'output' })
    expect(await bytesOf(saved)).toEqual(bytes)
  })

  test('keeps the pixels of a PNG and adds the graph', async () => {
    const bytes = await picture(6, 4, '#12345678').png().toBuffer()
    const [saved] = await saveFile('a.png', bytes)
    const written = await bytesOf(saved)
    expect(await sharp(written).raw().toBuffer()).toEqual(await sharp(bytes).raw().toBuffer())
    expect(written.includes('prompt\0{"1":{}}')).toBe(true)
  })

  test('writes each page of an animation as a PNG of its own', async () => {
    const colors = ['#ff0000', '#00ff00', '#0000ff']
    const saved = await saveFile('a.gif', await animation('gif', colors))
    expect(saved.map(({ filename }) => filename)).toEqual(['a_00001_.png', 'a_00002_.png', 'a_00003_.png'])
    expect(await Promise.all(saved.map(file => colorOf(file.asset.path)))).toEqual(colors)
    expect((await sharp(await bytesOf(saved[0])).metadata()).format).toBe('png')
  })

  test('fills in the size of the first picture, as people see it', async () => {
    const turned = await picture(6, 4).jpeg().withMetadata({ orientation: 6 }).toBuffer()
    const [saved] = await saveFile('a.jpg', turned, '%width%x%height%')
    expect(saved?.filename).toBe('4x6_00001_.jpg')
  })

  test('turns a page as its EXIF says when it has to write it anew', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input(
      'a.jpg',
      await picture(6, 4).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
    )
    const outputs = await bench.run(save, {
      images: [{ kind: 'image', asset, page: 0 }],
      filename_prefix: 'a',
    })
    const [saved] = (outputs.ui as { images: SavedFile[] }).images
    expect(await sharp(await bytesOf(saved)).metadata()).toMatchObject({ width: 4, height: 6 })
  })

  test('keeps pictures of different sizes as they are, in order', async () => {
    const bench = await openNodeBench()
    const batch = []
    for (const [name, width] of [
      ['a.png', 3],
      ['b.png', 7],
    ] as const) {
      const asset = await bench.input(name, await picture(width, 2).png().toBuffer())
      batch.push({ kind: 'image' as const, asset })
    }
    const outputs = await bench.run(save, { images: batch, filename_prefix: 'a' })
    const widths = (outputs.ui as { images: SavedFile[] }).images.map(
      async file => (await sharp(file.asset.path).metadata()).width,
    )
    expect(await Promise.all(widths)).toEqual([3, 7])
  })
})

test('PreviewImage saves into the temp folder, under a name with five random letters', async () => {
  const bench = await openNodeBench()
  const asset = await bench.input('a.png', await picture(2, 2).png().toBuffer())
  const batch = [{ kind: 'image', asset }]
  const outputs = await bench.run(nodeOf('PreviewImage'), { images: batch })
  const [saved] = (outputs.ui as { images: SavedFile[] }).images
  expect(saved).toMatchObject({ subfolder: '', type: 'temp' })
  expect(saved?.filename).toMatch(/^ComfyUI_temp_[a-z]{5}_00001_\.png$/)
  expect(outputs.images).toBe(batch)
})

describe('choosing pictures', () => {
  /** Ten pictures whose page is their number; no file is looked at. */
  async function openBatch() {
    const bench = await openNodeBench()
    const asset = await bench.input('a.gif', 'x')
    const batch = Array.from({ length: 10 }, (_, page) => ({ kind: 'image' as const, asset, page }))
    const choose = async (type: string, inputs: Record<string, unknown>) =>
      images(await bench.run(nodeOf(type), { images: batch, ...inputs }), 'image').map(({ page }) => page)
    return {
      extract: (image_index: unknown) => choose('RH_ExtractImage', { image_index }),
      pick: (image_indices: string) => choose('RH_BatchImages', { image_indices }),
    }
  }

  test('RH_ExtractImage takes one, from the end when negative', async () => {
    const { extract } = await openBatch()
    expect(await extract(0)).toEqual([0])
    expect(await extract(9)).toEqual([9])
    expect(await extract(-1)).toEqual([9])
    expect(await extract(-10)).toEqual([0])
  })

  test.each([10, -11, 18446744073709551615n])('RH_ExtractImage says that there is no %s', async index => {
    const { extract } = await openBatch()
    await expect(extract(index)).rejects.toMatchObject({
      code: 'index-out-of-range',
      message: `There is no picture number ${index}: the batch has 10, counted from 0.`,
    })
  })

  test.each([
    ['0-3,4,5-7', [0, 1, 2, 3, 4, 5, 6, 7]],
    [' 1 , 3 - 4 ', [1, 3, 4]],
    ['2,0,2', [2, 0, 2]],
    ['8-20', [8, 9]],
    ['3-1,5', [5]],
    ['1,', [1]],
    ['-1', [9]],
    ['99,1', [1]],
    ['', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [' , ', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['0-999999999999999999999', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ])('RH_BatchImages takes %j as %j', async (indices, pages) => {
    const { pick } = await openBatch()
    expect(await pick(indices)).toEqual(pages)
  })

  test.each([
    ['10', 'index-out-of-range'],
    ['3-1', 'index-out-of-range'],
    ['a', 'bad-indices'],
    ['1.5', 'bad-indices'],
    ['1-', 'bad-indices'],
    ['0x1', 'bad-indices'],
  ])('RH_BatchImages refuses %j as %s', async (indices, code) => {
    const { pick } = await openBatch()
    await expect(pick(indices)).rejects.toMatchObject({ code })
  })
})
