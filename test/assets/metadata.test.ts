import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../../nodes/index.ts'
import { writeSafetensors } from '../../nodes/latent/safetensors.ts'
import { pixels } from '../../nodes/media/pixels.ts'
import { probeAudio, probeVideo } from '../../nodes/media/probe.ts'
import { soundOf } from '../../nodes/media/sound.ts'
import { writeMedia } from '../../nodes/media/write-media.ts'
import type { Asset } from '../../nodes/values.ts'
import { readWorkflow } from '../../server/workflow/index.ts'
import { animation, picture } from '../nodes/support.ts'
import { makeSound, makeVideo } from '../support/make-media.ts'
import { openStore } from './support.ts'

const prompt = { '3': { class_type: 'LoadImage', inputs: { image: '图.png' } } }
const workflow = {
  version: 0.4,
  last_node_id: 3,
  nodes: [{ id: 3, type: 'LoadImage', widgets_values: ['图.png', 'image'] }],
  links: [],
}

/** Saves a file as a run with this graph does, and gives what was written. */
async function saved(name: string, write: (path: string) => Promise<unknown>) {
  const opened = await openStore({ prompt, workflow })
  const path = join(opened.root, name)
  await write(path)
  const asset = await opened.store.describe(path)
  const [file] = await opened.access.save({
    folder: 'output',
    prefix: 'x',
    trailingUnderscore: true,
    items: [{ asset }],
  })
  const written = file?.asset as Asset
  expect(written).toEqual(await opened.store.describe(written.path))
  return { before: asset, after: written, metadata: opened.access.metadata, root: opened.root }
}

const open = (bytes: Uint8Array) => readWorkflow(bytes, { catalogue: createCatalogue([]) })

async function expectGraph(path: string): Promise<void> {
  const read = open(await readFile(path))
  expect(read.report.kind).toBe('media-workflow')
  expect(read.workflow).toEqual(workflow)
  expect(JSON.parse(JSON.stringify(read.prompt))).toEqual(prompt)
}

const rawOf = async (path: string) => [
  await sharp(path, { animated: true }).raw().toBuffer(),
  (await sharp(path, { animated: true }).metadata()).delay,
]

describe('a saved WEBP carries the graph and shows the same', () => {
  test.each([
    ['lossy', () => picture(9, 7).webp().toBuffer()],
    ['lossless', () => picture(9, 7, '#11223380').webp({ lossless: true }).toBuffer()],
    ['lossy with alpha', () => picture(9, 7, '#11223380').webp().toBuffer()],
    ['animated', () => animation('webp', ['#ff0000', '#00ff00'])],
  ])('%s', async (_name, make) => {
    const { before, after } = await saved('a.webp', async path => writeFile(path, await make()))
    await expectGraph(after.path)
    expect(await rawOf(after.path)).toEqual(await rawOf(before.path))
    expect((await sharp(after.path).metadata()).hasAlpha).toBe((await sharp(before.path).metadata()).hasAlpha)
  })

  test('one with a rotation of its own stays as it is', async () => {
    const { before, after } = await saved('a.webp', async path =>
      writeFile(path, await picture(6, 4).withMetadata({ orientation: 6 }).webp().toBuffer()),
    )
    expect(after.sha256).toBe(before.sha256)
  })

  test('one that is cut off stays as it is', async () => {
    const { before, after } = await saved('a.webp', async path =>
      writeFile(path, (await picture(60, 40).webp().toBuffer()).subarray(0, -9)),
    )
    expect(after.sha256).toBe(before.sha256)
  })
})

describe('a saved MP4 carries the graph and plays the same', () => {
  async function framesAndSound(asset: Asset) {
    const greys = []
    for await (const { data } of pixels(
      [0, 5, 9].map(page => ({ kind: 'image', asset, page })),
      undefined,
    ))
      greys.push([...data].reduce((sum, value) => sum + value, 0))
    const { times, ...facts } = await probeVideo(asset)
    return { greys, facts, times: [...times], sound: await probeAudio(asset) }
  }

  test('with its index at the end', async () => {
    const { before, after } = await saved('a.mp4', path => makeVideo(path, { sound: 1 }))
    await expectGraph(after.path)
    expect(await framesAndSound(after)).toEqual(await framesAndSound(before))
  })

  test('with its index at the start, again and again', async () => {
    const { before, after } = await saved('a.mp4', async path => {
      const from = `${path}.raw.mp4`
      await makeVideo(from, { sound: 1 })
      const asset = {
        path: from,
        name: 'a',
        mediaType: 'video/mp4',
        sizeBytes: (await stat(from)).size,
        sha256: from,
      }
      const images = Array.from({ length: 10 }, (_, page) => ({ kind: 'image' as const, asset, page }))
      const { signal } = new AbortController()
      await writeMedia(path, {
        format: 'mp4',
        signal,
        tags: { title: 'mine', prompt: '{}' },
        pictures: { encoder: 'libx264', pixelFormat: 'yuv420p', fps: 10, frames: pixels(images, signal) },
        sound: {
          encoder: 'aac',
          sound: soundOf({ kind: 'audio', asset }, signal),
        },
      })
    })
    expect((await readFile(before.path)).subarray(0, 200).includes('moov')).toBe(true)
    await expectGraph(after.path)
    expect(await framesAndSound(after)).toEqual(await framesAndSound(before))
    expect((await readFile(after.path)).includes('mine')).toBe(true)
  })

  test.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 40)],
    ['with rubbish behind', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('rubbish')])],
  ])('one %s stays as it is', async (_name, damage) => {
    const { before, after } = await saved('a.mp4', async path => {
      await makeVideo(path)
      await writeFile(path, damage(await readFile(path)))
    })
    expect(after.sha256).toBe(before.sha256)
  })
})

test('a saved latent carries the graph and the same numbers', async () => {
  const file = writeSafetensors({ latent_tensor: { shape: [3], data: Float32Array.of(1, 2, 3) } })
  const { after } = await saved('a.latent', path => writeFile(path, file))
  await expectGraph(after.path)
  expect((await readFile(after.path)).subarray(-12)).toEqual(Buffer.from(file.subarray(-12)))
})

describe('what an encoder writes into its container is read back', () => {
  test.each([
    ['webm', { encoder: 'libvpx-vp9', pixelFormat: 'yuv420p' }, undefined],
    ['matroska', { encoder: 'libx264', pixelFormat: 'yuv420p' }, undefined],
    ['mov', { encoder: 'libx264', pixelFormat: 'yuv420p' }, undefined],
    ['flac', undefined, 'flac'],
    ['ogg', undefined, 'libopus'],
    ['mp3', undefined, 'libmp3lame'],
  ] as const)('%s', async (format, video, sound) => {
    const { root, access } = await openStore({ prompt, workflow })
    const { signal } = new AbortController()
    const source = join(root, video ? 'a.mp4' : 'a.wav')
    await (video ? makeVideo(source, { frames: 2 }) : makeSound(source, { seconds: 0.2 }))
    const asset = {
      path: source,
      name: 'a',
      mediaType: video ? 'video/mp4' : 'audio/wav',
      sizeBytes: (await stat(source)).size,
      sha256: source,
    }
    const path = join(root, `out.${format}`)
    await writeMedia(path, {
      format,
      signal,
      tags: access.metadata,
      ...(video && {
        pictures: { ...video, fps: 8, frames: pixels([{ kind: 'image', asset, page: 0 }], signal) },
      }),
      ...(sound && { sound: { encoder: sound, sound: soundOf({ kind: 'audio', asset }, signal) } }),
    })
    await expectGraph(path)
  })
})

describe('a file that holds no graph is told by its kind', () => {
  test('a video', async () => {
    const { root } = await openStore()
    await makeVideo(join(root, 'a.mp4'))
    const bytes = await readFile(join(root, 'a.mp4'))
    expect(() => open(bytes)).toThrow('this is an MP4 or MOV video, not a workflow')
  })

  test('every file cut anywhere', async () => {
    const { after } = await saved('a.webp', async path =>
      writeFile(path, await picture(9, 7).webp().toBuffer()),
    )
    const bytes = await readFile(after.path)
    for (let length = 12; length < bytes.length; length += 7) {
      try {
        open(bytes.subarray(0, length))
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^workflow-/)
      }
    }
  })
})
