import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openNodeBench } from '../support/node-bench.ts'
import { someSettings as apiConfig, nodeOf } from './support.ts'

describe.each([
  ['RH_VideoUploader', 'video', 'a.mp4'],
  ['RH_AudioUploader', 'audio', 'a.m4a'],
])('%s', (type, input, name) => {
  const node = nodeOf(type)

  test('sends a file of the input folder', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input(name, 'content')
    const outputs = await bench.run(node, { apiConfig, [input]: name })
    expect(outputs).toEqual({ filename: `api/${asset.sha256}` })
    expect(bench.uploads).toEqual([{ settings: apiConfig, asset }])
  })

  test('finds it below uploads, as the pack does', async () => {
    const bench = await openNodeBench()
    await mkdir(join(bench.folders.input, 'uploads'))
    await writeFile(join(bench.folders.input, 'uploads', name), 'content')
    await bench.run(node, { apiConfig, [input]: name })
    expect(bench.uploads[0]?.asset.name).toBe(name)
  })

  test('says before the run that the file is missing', async () => {
    const { assets } = await openNodeBench()
    const check = node.validate.get(input)
    expect(await check?.('ERROR', { assets })).toMatchObject({ message: 'There is no file ERROR' })
    expect(await check?.('', { assets })).toMatchObject({ message: 'No file is chosen' })
  })

  test('another content is another signature', async () => {
    const bench = await openNodeBench()
    const cloud = { siteOf: async () => '' }
    const work = { runId: 'a', nodeId: '1' }
    const isLinked = () => false
    const mark = () =>
      node.fingerprint?.({ inputs: { [input]: name }, isLinked, work, assets: bench.assets, cloud })
    await bench.input(name, 'one')
    const before = await mark()
    await bench.input(name, 'another')
    expect(await mark()).not.toBe(before)
  })

  test('a file of the pack opens: its extra value is no input', () => {
    const names = [...node.inputs].filter(([, spec]) => spec.widget).map(([key]) => key)
    expect(names).toEqual([input])
  })
})

describe('RH_VideoUploaderPath', () => {
  const node = nodeOf('RH_VideoUploaderPath')

  test('sends a file by its path, quotes and spaces around it', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.mp4', 'content')
    await bench.run(node, { apiConfig, video_path: ` "${asset.path}" ` })
    expect(bench.uploads[0]?.asset.sha256).toBe(asset.sha256)
  })

  test('reads no file outside the folders the user allowed', async () => {
    const bench = await openNodeBench()
    await expect(bench.run(node, { apiConfig, video_path: '/etc/passwd' })).rejects.toMatchObject({
      code: 'path-not-allowed',
    })
    expect(bench.uploads).toEqual([])
  })
})

describe('RHB_FileUploader', () => {
  const node = nodeOf('RHB_FileUploader')

  test('sends a chosen file, what nodes made and what a task gave, in that order', async () => {
    const bench = await openNodeBench()
    const names = ['a.zip', 'b.mp4', 'c.wav', 'd.latent', 'e.glb']
    const assets = await Promise.all(names.map(name => bench.input(name, name)))
    const [, video, audio, latent, glb] = assets
    const outputs = await bench.run(node, {
      apiConfig,
      file: 'a.zip',
      video: { kind: 'video', asset: video },
      audio: { kind: 'audio', asset: audio },
      latent: { kind: 'latent', asset: latent },
      files: [{ kind: 'file', asset: glb, taskId: '7' }],
    })
    const sent = assets.map(({ sha256 }) => `api/${sha256}`)
    expect(outputs).toEqual({ filename: sent[0], filenames: sent })
  })

  test('says that there is nothing to send', async () => {
    const bench = await openNodeBench()
    await expect(bench.run(node, { apiConfig, file: '' })).rejects.toMatchObject({ code: 'input-missing' })
  })
})

describe('RH_LoraUploader', () => {
  const node = nodeOf('RH_LoraUploader')

  test('sends a LoRA its own way', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('style.safetensors', 'lora')
    const { filename } = await bench.run(node, { apiConfig, lora: 'style.safetensors' })
    expect(filename).toMatch(/^api-lora-cn\/[0-9a-f]{32}\.safetensors$/)
    expect(bench.uploads).toEqual([{ settings: apiConfig, asset }])
  })

  test('takes nothing else for one', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.png', 'png')
    await expect(bench.run(node, { apiConfig, file: [{ kind: 'file', asset }] })).rejects.toMatchObject({
      code: 'no-lora',
      message: expect.stringContaining('"a.png"'),
    })
  })
})
