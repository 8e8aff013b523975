import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBridge } from '../../server/library.ts'
import { createSandbox, type Sandbox } from '../../server/sandbox/index.ts'
import { localRows } from '../nodes/local-rows.ts'
import { examples } from './support.ts'

test('every text, number, image, mask and list node stands in an example', async () => {
  const files = (await readdir(examples)).filter(name => name.endsWith('.json') && name !== 'index.json')
  const used = new Set<string>()
  for (const name of files) {
    const { nodes } = JSON.parse(await readFile(join(examples, name), 'utf8')) as {
      nodes: { type: string }[]
    }
    for (const { type } of nodes) used.add(type)
  }
  expect(localRows.map(([type]) => type).filter(type => !used.has(type))).toEqual([])
})

describe('examples of local nodes', { concurrent: true }, () => {
  let sandbox: Sandbox
  let folder: string
  beforeAll(async () => {
    sandbox = await createSandbox({ seed: 1, speed: 100, concurrency: 5 })
    folder = await mkdtemp(join(tmpdir(), 'rh-local-examples-'))
  })
  afterAll(async () => {
    await sandbox.close()
    await rm(folder, { recursive: true, force: true })
    expect(sandbox.violations()).toEqual([])
  })

  async function run(name: string) {
    await using bridge = await createBridge({
      dataDir: join(folder, name),
      baseUrl: sandbox.url,
      apiKey: name.padEnd(32, '0'),
    })
    const report = await bridge.run(join(examples, `${name}.json`))
    expect([report.status, report.errors]).toEqual(['success', []])
    const of = (type: string) => report.outputs.filter(output => output.type === type)
    const sizes = (type: string) =>
      Promise.all(
        of(type)
          .flatMap(({ files }) => files)
          .map(async ({ path }) => {
            const { width, height } = await sharp(path).metadata()
            return `${width}x${height}`
          }),
      )
    return { tasks: report.tasks.length, texts: (type: string) => of(type).map(({ text }) => text), sizes }
  }

  test('image_tools', async () => {
    const { tasks, texts, sizes } = await run('image_tools')
    expect(tasks).toBe(0)
    expect(await sizes('SaveImage')).toEqual(['453x200', '328x280'])
    expect(await sizes('PreviewImage')).toEqual(Array(4).fill('240x180'))
    expect(texts('PreviewAny').at(-1)).toBe('8')
  })

  test('mask_tools', async () => {
    const { sizes } = await run('mask_tools')
    expect(await sizes('SaveImage')).toEqual(['384x384', '512x384'])
    expect(await sizes('MaskPreview')).toEqual(['120x80'])
  })

  test('text_tools', async () => {
    const { texts } = await run('text_tools')
    expect(texts('ShowText|pysssss')).toEqual([
      'A Red Fox In The Snow At Sunrise, soft light, 35 mm photo (034 letters)',
    ])
    expect(texts('GR85_ShowText')).toEqual(['7\n20\n1024'])
    expect(texts('easy showAnything')).toEqual(['seed is 7\nsteps is 20\nwidth is 1024'])
    expect(texts('Display Any (rgthree)')).toEqual(['red heron in the snow at'])
    expect(texts('PreviewAny')).toEqual(['True', 'True', 'True', 'a quiet harbour'])
  })

  test('logic_tools', async () => {
    const { texts, sizes } = await run('logic_tools')
    expect(texts('easy showAnything')).toEqual(['by day\n7\n512'])
    expect(texts('PreviewAny')).toEqual(['20.0'])
    expect(await sizes('PreviewImage')).toEqual(['96x64'])
  })

  test('folder_of_images', async () => {
    const { sizes } = await run('folder_of_images')
    expect(await sizes('SaveImage')).toEqual(['160x120', '160x160'])
  })

  test('for_each_prompt: a task for each line, its first picture of each', async () => {
    const { tasks, texts, sizes } = await run('for_each_prompt')
    expect(tasks).toBe(3)
    expect(await sizes('SaveImage')).toHaveLength(3)
    expect(texts('PreviewAny')).toEqual(['3'])
    const created = sandbox.tasks().map(({ nodeInfoList }) => nodeInfoList[0]?.fieldValue)
    expect(created.toSorted()).toEqual([
      'a bowl of ripe pears',
      'a harbour at night',
      'a red fox in the snow',
    ])
  })
})
