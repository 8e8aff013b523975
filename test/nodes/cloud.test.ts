import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { CloudFile, SavedFile } from '../../nodes/context.ts'
import { isAbsent } from '../../nodes/values.ts'
import { noCost } from '../../server/runninghub/index.ts'
import { makeVideo } from '../support/make-media.ts'
import { openNodeBench } from '../support/node-bench.ts'
import { animation, colorOf, images, nodeOf, picture, someSettings } from './support.ts'

const execute = nodeOf('RH_ExecuteNode')
const apiConfig = someSettings

/** A task that gave files of these types, named `0.png`, `1.mp4`; those in `texts` had no file. */
async function openTask(types: readonly string[], texts: readonly string[] = []) {
  const source = await openNodeBench()
  const files: CloudFile[] = []
  for (const [index, type] of types.entries()) {
    files.push({ asset: await source.input(`${index}.${type}`, `content ${index}`), type, cloudNodeId: '9' })
  }
  const bench = await openNodeBench({ result: { taskId: '77', files, texts, cost: noCost } })
  return {
    ...bench,
    files,
    /** Runs it with the named outputs taken by other nodes. */
    async take(...taken: string[]) {
      const outputs = await bench.run(execute, { apiConfig }, { isTaken: output => taken.includes(output) })
      const ui = (outputs.ui ?? {}) as { files?: SavedFile[]; text?: string[] }
      return { outputs, saved: (ui.files ?? []).map(({ filename }) => filename), ui }
    },
  }
}

describe('RH_ExecuteNode', () => {
  test('sends what it was given, with the pack’s defaults for what it was not', async () => {
    const bench = await openNodeBench()
    await bench.run(execute, { apiConfig })
    await bench.run(execute, {
      apiConfig,
      nodeInfoList: [{ nodeId: '6', fieldName: 'text', fieldValue: 'x' }],
      run_timeout: 9999999n,
      concurrency_limit: 3,
      is_webapp_task: true,
      use_rtx4090_48g: true,
    })
    expect(bench.jobs).toEqual([
      {
        settings: apiConfig,
        kind: 'workflow',
        nodeInfoList: [],
        timeoutMs: 600_000,
        concurrency: 1,
      },
      {
        settings: apiConfig,
        kind: 'app',
        nodeInfoList: [{ nodeId: '6', fieldName: 'text', fieldValue: 'x' }],
        instanceType: 'plus',
        timeoutMs: 9_999_999_000,
        concurrency: 3,
      },
    ])
  })

  test('sorts results to its outputs by type, in the cloud’s order', async () => {
    const { take, files } = await openTask(['mp4', 'png', 'txt', 'jpg', 'wav', 'latent', 'mov', 'gif'])
    const { outputs } = await take('images', 'text', 'audio', 'latent', 'video1', 'video2')
    const asset = (index: number) => files[index]?.asset
    expect(outputs).toMatchObject({
      images: [{ asset: asset(1) }, { asset: asset(3) }, { asset: asset(7) }],
      text: 'content 2',
      audio: { kind: 'audio', asset: asset(4) },
      latent: { kind: 'latent', asset: asset(5) },
      video1: { kind: 'video', asset: asset(0) },
      video2: { kind: 'video', asset: asset(6) },
    })
    expect(outputs).not.toHaveProperty('ui')
  })

  test.each([
    ['images', 'RunningHub task 77 gave no image: it gave 2 mp4, 1 glb.'],
    ['text', 'RunningHub task 77 gave no text: it gave 2 mp4, 1 glb.'],
    ['audio', 'RunningHub task 77 gave no audio: it gave 2 mp4, 1 glb.'],
    ['latent', 'RunningHub task 77 gave no latent: it gave 2 mp4, 1 glb.'],
    ['video3', 'RunningHub task 77 gave no video number 3: it gave 2 mp4, 1 glb.'],
    ['video_frames', expect.stringContaining('The task gave 2 videos, so none is taken apart')],
  ])('says why %s is not there', async (name, reason) => {
    const { take } = await openTask(['mp4', 'glb', 'mp4'])
    const { outputs } = await take()
    expect(outputs[name]).toEqual({ kind: 'absent', reason })
  })

  test('gives the frames of the only video as references, and the video once', async () => {
    const source = await openNodeBench()
    await makeVideo(join(source.folders.input, 'a.mp4'), { frames: 7 })
    const asset = await source.assets.find('a.mp4')
    const files = [{ asset, type: 'mp4', cloudNodeId: null }]
    const bench = await openNodeBench({ result: { taskId: '77', files, texts: [], cost: noCost } })
    const outputs = await bench.run(execute, { apiConfig }, { isTaken: output => output === 'video_frames' })
    expect(images(outputs, 'video_frames')).toEqual(
      Array.from({ length: 7 }, (_, page) => ({ kind: 'image', asset, page })),
    )
    expect(outputs).not.toHaveProperty('ui')
  })

  test('a video that cannot be read takes nothing else away', async () => {
    const { take } = await openTask(['mp4', 'png'])
    const { outputs } = await take()
    expect(outputs.video_frames).toMatchObject({ reason: expect.stringContaining('"0.mp4"') })
    expect(outputs.images).toHaveLength(1)
  })

  test('a picture that calls itself a video is a picture', async () => {
    const source = await openNodeBench()
    const asset = await source.input('a.mp4', await picture(4, 4).png().toBuffer())
    const files = [{ asset, type: 'mp4', cloudNodeId: null }]
    const bench = await openNodeBench({ result: { taskId: '77', files, texts: [], cost: noCost } })
    const outputs = await bench.run(execute, { apiConfig })
    expect(outputs).toMatchObject({ images: [{ asset }], video1: { kind: 'absent' } })
  })

  test('gives every file, every text, the cost and the task beside the pack’s ten outputs', async () => {
    const { take, files } = await openTask(['glb', 'txt', 'txt', 'exr', 'zip', 'json'], ['inline'])
    const { outputs, saved, ui } = await take('files', 'texts')
    expect(outputs).toMatchObject({
      files: files.map(({ asset }) => ({ kind: 'file', asset, taskId: '77' })),
      texts: ['content 1', 'content 2', 'inline'],
      text: 'content 1',
      task_id: '77',
    })
    expect([saved, ui]).toEqual([[], {}])
    expect((await take()).saved).toHaveLength(6)
  })

  test.each([
    [{ coins: '17', money: null, thirdPartyMoney: null, seconds: '83' }, '17 coins, 83 s'],
    [
      { coins: null, money: '0.174', thirdPartyMoney: '0.2', seconds: '0' },
      '0.174 in money, 0.2 in money for third-party models, 0 s',
    ],
    [noCost, 'not told'],
  ])('says what it cost: %j', async (cost, said) => {
    const bench = await openNodeBench({ result: { taskId: '77', files: [], texts: [], cost } })
    expect((await bench.run(execute, { apiConfig })).cost).toBe(said)
  })

  test('says so when the task gave nothing', async () => {
    const { take } = await openTask([])
    const { outputs, ui } = await take()
    expect(outputs.video1).toMatchObject({ reason: 'RunningHub task 77 gave no video: it gave nothing.' })
    const { cost, task_id, ...media } = outputs
    expect([cost, task_id]).toEqual(['not told', '77'])
    expect(Object.values(media).every(isAbsent)).toBe(true)
    expect(ui).toEqual({})
  })

  test('leaves every file that nobody takes in the output folder', async () => {
    const bench = await openTask(['png', 'png', 'glb', 'txt', 'mp4'])
    const { saved } = await bench.take('video1')
    expect(saved).toEqual([
      'task_77_00001.png',
      'task_77_00002.png',
      'task_77_00003.glb',
      'task_77_00004.txt',
    ])
    const path = join(bench.folders.output, 'RunningHub', 'task_77_00003.glb')
    expect(await readFile(path, 'utf8')).toBe('content 2')
  })

  test('leaves the sixth video, and second texts and sounds, which no output carries', async () => {
    const { take } = await openTask(['mp4', 'mp4', 'mp4', 'mp4', 'mp4', 'mp4', 'wav', 'mp3', 'txt', 'txt'])
    const all = ['video1', 'video2', 'video3', 'video4', 'video5', 'audio', 'text']
    expect((await take(...all)).saved).toEqual([
      'task_77_00001.mp4',
      'task_77_00002.mp3',
      'task_77_00003.txt',
    ])
  })

  test('a text without a file is the text, and is shown when nobody takes it', async () => {
    const { take } = await openTask([], ['a poem', 'another'])
    const { outputs, ui } = await take('text')
    expect(outputs.text).toBe('a poem')
    expect(ui).toEqual({ text: ['another'] })
    expect((await take()).ui).toEqual({ text: ['a poem', 'another'] })
  })

  test.each([
    ['Dec 2024, one output: the second number may be a poll interval', [600, 10], 1, [600]],
    ['Dec 2024, two outputs', [600, 2], 2, [600]],
    ['Apr 8 2025, one output: the second may be a poll interval', [600, 10, 1], 2, [600]],
    ['four numbers name the interval', [600, 10, 3, 20], 2, [600, 3]],
    ['Apr 18 2025, five outputs', [600, 3, 10], 5, [600, 3]],
    ['Apr 23 2025', [600, 3], 5, [600, 3]],
    ['Apr 25 2025', [600, 3, true], 5, [600, 3, true]],
    ['today', [600, 3, true, false], 10, [600, 3, true, false]],
    ['nothing known of the outputs', [600, 3], 0, [600, 3]],
    ['a control word too much', [600, 1, false, false, 'x'], 10, [600, 1, false, false, 'x']],
    ['nothing', [], 10, []],
  ])('widgets_values of %s', (_when, values, outputs, read) => {
    expect(execute.migrateWidgets?.(values, { outputs })).toEqual(read)
  })
})

describe('RH_ImageUploaderNode', () => {
  const uploader = nodeOf('RH_ImageUploaderNode')

  test.each(['png', 'jpeg', 'webp'] as const)('sends a %s file as it is', async format => {
    const bench = await openNodeBench()
    const asset = await bench.input(`a.${format}`, await picture(4, 4).toFormat(format).toBuffer())
    const outputs = await bench.run(uploader, { apiConfig, image: [{ kind: 'image', asset }] })
    expect(outputs).toEqual({ filename: `api/${asset.sha256}` })
    expect(bench.uploads).toEqual([{ settings: apiConfig, asset }])
  })

  test('sends a picture that says .jpg and is none by what it is', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.jpg', await picture(4, 4).gif().toBuffer())
    await bench.run(uploader, { apiConfig, image: [{ kind: 'image', asset }] })
    expect(bench.uploads[0]?.asset).toMatchObject({ mediaType: 'image/png', name: 'a.png' })
  })

  test('sends one page of an animation as PNG', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.webp', await animation('webp', ['#ff0000', '#00ff00']))
    await bench.run(uploader, { apiConfig, image: [{ kind: 'image', asset, page: 1 }] })
    const sent = bench.uploads[0]?.asset
    expect(sent).toMatchObject({ mediaType: 'image/png', name: 'a_1.png' })
    expect(await colorOf(sent?.path ?? '')).toBe('#00ff00')
    expect((await sharp(sent?.path).metadata()).pages ?? 1).toBe(1)
  })

  test('sends the first picture of a batch, and says when there is none', async () => {
    const bench = await openNodeBench()
    const first = await bench.input('a.png', await picture(4, 4).png().toBuffer())
    const second = await bench.input('b.png', await picture(5, 5).png().toBuffer())
    const batch = [first, second].map(asset => ({ kind: 'image', asset }))
    await bench.run(uploader, { apiConfig, image: batch })
    expect(bench.uploads.map(({ asset }) => asset.name)).toEqual(['a.png'])
    await expect(bench.run(uploader, { apiConfig, image: [] })).rejects.toMatchObject({ code: 'empty-batch' })
  })
})
