import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { createBridge } from '../../server/main.ts'
import { createSandbox, type SandboxOptions } from '../../server/sandbox/index.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { createWatch, type WatchNews, type WatchWish } from '../../server/watch/index.ts'
import { createFastClock } from '../runninghub/support.ts'

const imageToImage = '2014552598229032961'
const prompt: Prompt = {
  1: {
    class_type: 'RH_SettingsNode',
    inputs: { base_url: '', apiKey: '', workflowId_webappId: imageToImage },
  },
  2: { class_type: 'LoadImage', inputs: { image: 'none.png' } },
  3: { class_type: 'RH_ImageUploaderNode', inputs: { apiConfig: ['1', 0], image: ['2', 0] } },
  4: {
    class_type: 'RH_NodeInfoListNode',
    inputs: { nodeId: 21, fieldName: 'image', fieldValue: ['3', 0] },
  },
  5: {
    class_type: 'RH_ExecuteNode',
    inputs: { apiConfig: ['1', 0], nodeInfoList: ['4', 0], concurrency_limit: 50 },
  },
  6: { class_type: 'SaveImage', inputs: { images: ['5', 0], filename_prefix: 'x' } },
}

async function openHouse(options: SandboxOptions = {}) {
  const clock = createFastClock(10)
  const sandbox = await createSandbox({ seed: 1, speed: 30, ...options, clock })
  const root = await mkdtemp(join(tmpdir(), 'rh-watch-'))
  const folder = join(root, '照片')
  await mkdir(folder)
  const flags = { dataDir: join(root, 'data'), outputDir: folder, baseUrl: sandbox.url }
  const open = () => createBridge(readConfig(flags, {}), { clock })
  let bridge = await open()
  const news: WatchNews[] = []
  const begin = (more: Partial<WatchWish> = {}) =>
    createWatch(
      {
        ...{ folder, prompt, title: '照片', name: '{name}', parallel: 4, extensions: [], settleMs: 2_000 },
        mapping: { image: ['2.image'] },
        isRecursive: true,
        takesExisting: true,
        ...more,
      },
      {
        ...{ house: bridge, assets: bridge.assets, clock },
        store: () => bridge.state().batches,
        ownFolders: [folder, flags.dataDir],
      },
      one => void news.push(one),
    )
  let watch = begin()
  onTestFinished(async () => {
    await watch.stop('over')
    await bridge.idle()
    await bridge.close()
    await sandbox.close()
    await rm(root, { recursive: true, force: true })
    expect(sandbox.violations()).toEqual([])
  })
  /** A picture of one colour: the same number is the same content. */
  const put = async (name: string, red: number) => {
    await mkdir(join(folder, name, '..'), { recursive: true })
    const background = { r: red, g: 20, b: 40 }
    await sharp({ create: { width: 64, height: 48, channels: 3, background } }).toFile(join(folder, name))
  }
  return {
    sandbox,
    folder,
    news,
    put,
    watch: () => watch,
    told: (event: WatchNews['event']) =>
      news.flatMap(one => (one.event === event && 'file' in one ? [one.file] : [])),
    start: (retryFailed = false) => watch.start({ retryFailed }),
    async again(more: Partial<WatchWish> = {}) {
      await watch.stop('over')
      await bridge.idle()
      await bridge.close()
      bridge = await open()
      watch = begin(more)
      return watch
    },
  }
}

test('every file is run once, its results beside it; they start nothing, and nothing is paid again', async () => {
  const it = await openHouse()
  await it.put('猫 one.png', 1)
  await it.start()
  await it.watch().idle()
  await it.put('sub/two.png', 2)
  await it.put('copy.png', 1)
  await expect.poll(() => it.told('done').length + it.told('known').length).toBe(3)
  await it.watch().idle()
  expect(it.told('done').sort()).toEqual(['sub/two.png', '猫 one.png'])
  expect(it.news.find(one => one.event === 'known')).toMatchObject({ file: 'copy.png', sameAs: '猫 one.png' })
  expect(await readdir(it.folder)).toContain('猫 one_00001_.png')
  expect(await readdir(join(it.folder, 'sub'))).toContain('two_00001_.png')
  expect(it.sandbox.tasks()).toHaveLength(2)
  // After a restart, too, with another name and with everything looked at anew.
  await it.again({ parallel: 1 })
  await copyFile(join(it.folder, 'sub/two.png'), join(it.folder, 'two again.png'))
  expect(await it.start()).toEqual({ isNew: false, left: 0, failed: 0 })
  await it.watch().idle()
  expect(it.sandbox.tasks()).toHaveLength(2)
  expect(it.watch().summary()).toMatchObject({ done: 2, failed: 0, waiting: 0, watched: it.folder })
  // Another graph over the same folder takes the pictures, not what the first one made of them.
  await it.again({ name: '{name}-b' })
  it.news.length = 0
  await it.start()
  await it.watch().idle()
  expect(it.told('done').sort()).toEqual(['copy.png', 'sub/two.png'])
})

test('stopped in the middle, tasks are taken up at the next start and none is created twice', async () => {
  const it = await openHouse({ speed: 4 })
  for (const red of [1, 2, 3]) await it.put(`${red}.png`, red)
  await it.start()
  await expect.poll(() => it.sandbox.tasks().length).toBe(3)
  await it.watch().stop('stopped by you')
  expect(it.watch().summary()).toMatchObject({ state: 'paused', waiting: 3, running: 0 })
  await it.again()
  expect(await it.start()).toMatchObject({ isNew: false, left: 3 })
  await it.watch().idle()
  expect(it.watch().summary()).toMatchObject({ done: 3, waiting: 0 })
  expect(it.sandbox.tasks()).toHaveLength(3)
})

test('a failed file keeps its reason and is run again when asked; a cap ends the watch', async () => {
  const it = await openHouse({
    faults: [{ on: 'create', do: { kind: 'code', code: 433, msg: 'VALIDATE_PROMPT_FAILED' } }],
  })
  await it.put('a.png', 1)
  await it.start()
  await it.watch().idle()
  expect(it.news.find(one => one.event === 'failed')).toMatchObject({
    file: 'a.png',
    row: { error: { code: 'cloud-433', hint: expect.any(String) } },
  })
  await it.again()
  expect(await it.start(true)).toMatchObject({ left: 1, failed: 0 })
  await it.watch().idle()
  expect(it.watch().summary()).toMatchObject({ done: 1, failed: 0 })
  await it.again({ capCoins: 1 })
  for (const red of [4, 5, 6]) await it.put(`${red}.png`, red)
  await it.start()
  await it.watch().still
  expect(it.watch().summary()).toMatchObject({
    state: 'paused',
    why: expect.stringContaining('cap of 1 coins'),
  })
  expect(it.sandbox.tasks()).toHaveLength(1)
})

test('texts and several kinds: each file fills its own column, others keep the graph’s value', async () => {
  const it = await openHouse()
  await writeFile(join(it.folder, 'line.txt'), '\ufeff 一只猫 \n')
  const words: Prompt = {
    ...prompt,
    4: { class_type: 'RH_NodeInfoListNode', inputs: { nodeId: 6, fieldName: 'text', fieldValue: 'x' } },
    5: { class_type: 'RH_ExecuteNode', inputs: { apiConfig: ['1', 0], nodeInfoList: ['4', 0] } },
    1: {
      class_type: 'RH_SettingsNode',
      inputs: { base_url: '', apiKey: '', workflowId_webappId: '1904136902449209346' },
    },
  }
  await it.again({ prompt: words, mapping: { text: ['4.fieldValue'], image: ['2.image'] } })
  await it.start()
  await it.watch().idle()
  expect(it.watch().summary()).toMatchObject({ done: 1 })
  const create = it.sandbox.requests().find(({ path }) => path.endsWith('/create'))
  expect(create?.rawBody).toContain('"fieldValue":"一只猫"')
})

test('what no file would put right is said before anything is paid', async () => {
  const it = await openHouse()
  await it.again({ mapping: { image: ['9.image'] } })
  await expect(it.watch().plan()).rejects.toMatchObject({ code: 'bad-map' })
  await expect(it.again({ mapping: { name: ['2.image'] } })).rejects.toMatchObject({ code: 'bad-map' })
  await it.again({ folder: join(it.folder, 'nowhere') })
  await expect(it.start()).rejects.toMatchObject({ code: 'folder' })
  await it.again()
  expect((await it.watch().plan()).problems).toHaveLength(1)
})
