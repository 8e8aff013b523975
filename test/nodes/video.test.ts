import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { SavedFile } from '../../nodes/context.ts'
import { pixels } from '../../nodes/media/pixels.ts'
import { probeAudio, probeVideo } from '../../nodes/media/probe.ts'
import type { Audio, Image, Video } from '../../nodes/values.ts'
import { greyOf, makeVideo } from '../support/make-media.ts'
import { type NodeBench, openNodeBench } from '../support/node-bench.ts'
import { animation, images, nodeOf, picture } from './support.ts'

type Wish = Parameters<typeof makeVideo>[1]

async function openVideo(wish: Wish = {}, name = 'a.mp4', bench?: NodeBench) {
  const own = bench ?? (await openNodeBench())
  await makeVideo(join(own.folders.input, name), wish)
  const { VIDEO } = await own.run(nodeOf('LoadVideo'), { file: name })
  return { bench: own, video: VIDEO as Video }
}

const savedOf = (outputs: Record<string, unknown>) =>
  (outputs.ui as { images: SavedFile[] }).images[0] as SavedFile

/** The grey of the middle of each picture's right half. */
async function greysOf(batch: readonly Image[]): Promise<number[]> {
  const greys = []
  for await (const { data, width, height, channels } of pixels(batch, undefined)) {
    greys.push(data[(Math.floor(height / 2) * width + Math.floor(width * 0.75)) * channels] as number)
  }
  return greys
}

async function expectFrames(batch: readonly Image[], numbers: readonly number[]) {
  const greys = await greysOf(batch)
  expect(greys).toHaveLength(numbers.length)
  for (const [index, grey] of greys.entries())
    expect(Math.abs(grey - greyOf(numbers[index] ?? 0)), `frame ${index}`).toBeLessThan(5)
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('LoadVideo', () => {
  test.each([
    ['damaged.mp4', Buffer.from('no video'), 'the file is damaged or no video'],
    ['empty.webm', Buffer.alloc(0), 'the file is empty'],
  ])('says of %s why it cannot be read', async (name, bytes, why) => {
    const bench = await openNodeBench()
    await bench.input(name, bytes)
    await expect(bench.run(nodeOf('LoadVideo'), { file: name })).rejects.toMatchObject({
      code: 'video-unreadable',
      message: `"${name}" cannot be read as a video: ${why}`,
    })
  })

  test('says that a PNG called .mp4 is a picture', async () => {
    const bench = await openNodeBench()
    await bench.input('a.mp4', await picture(4, 4).png().toBuffer())
    await expect(bench.run(nodeOf('LoadVideo'), { file: 'a.mp4' })).rejects.toMatchObject({
      message: '"a.mp4" cannot be read as a video: it is a still picture (image/png)',
    })
  })

  test('is not kept busy by an index that promises more than the file has room for', async () => {
    const bench = await openNodeBench()
    const path = join(bench.folders.input, 'a.mp4')
    await makeVideo(path, { sound: 0.2 })
    // The table of times of each track: how many frames, and how long each is shown or heard.
    const bytes = await readFile(path)
    const pictures = bytes.indexOf('stts') + 12
    const sound = bytes.indexOf('stts', pictures) + 12
    bytes.writeUInt32BE(2 ** 30, pictures)
    bytes.writeUInt32BE(2 ** 31 - 1, sound + 4)
    await bench.input('bad.mp4', bytes)
    for (const [type, inputs, code] of [
      ['LoadVideo', { file: 'bad.mp4' }, 'video-unreadable'],
      ['LoadAudio', { audio: 'bad.mp4' }, 'audio-unreadable'],
    ] as const) {
      await expect(bench.run(nodeOf(type), inputs)).rejects.toMatchObject({ code })
    }
  })

  test('says of a video that is cut off that it is damaged', async () => {
    const bench = await openNodeBench()
    await makeVideo(join(bench.folders.input, 'a.mp4'), { frames: 30 })
    const whole = await readFile(join(bench.folders.input, 'a.mp4'))
    await bench.input('a.mp4', whole.subarray(0, whole.length * 0.6))
    await expect(bench.run(nodeOf('LoadVideo'), { file: 'a.mp4' })).rejects.toMatchObject({
      code: 'video-unreadable',
    })
  })
})

describe('a round trip', () => {
  test('MP4 with sound, taken apart, put together and saved, keeps frames, rate and length of the sound', async () => {
    const { bench, video } = await openVideo({ frames: 48, fps: 24, sound: 2, width: 66, height: 50 })
    const parts = await bench.run(nodeOf('GetVideoComponents'), { video })
    expect(parts.fps).toBe(24)
    expect(parts.bit_depth).toBe(8)
    expect(images(parts, 'images')).toHaveLength(48)
    const before = await probeAudio((parts.audio as Audio).asset)
    const { VIDEO } = await bench.run(nodeOf('CreateVideo'), {
      images: parts.images,
      audio: parts.audio,
      fps: parts.fps,
    })
    const outputs = await bench.run(nodeOf('SaveVideo'), {
      video: VIDEO,
      filename_prefix: 'video/%width%x%height%',
      format: 'auto',
      codec: 'auto',
    })
    const file = savedOf(outputs)
    expect(file).toMatchObject({ filename: '66x50_00001_.mp4', subfolder: 'video', type: 'output' })
    expect((outputs.ui as Record<string, unknown>).animated).toEqual([true])
    expect(await probeVideo(file.asset)).toMatchObject({
      frames: 48,
      fps: 24,
      width: 66,
      height: 50,
      codec: 'avc',
    })
    expect(Math.abs((await probeAudio(file.asset)).duration - before.duration)).toBeLessThan(0.05)
    const again = await bench.run(nodeOf('GetVideoComponents'), {
      video: { kind: 'video', asset: file.asset },
    })
    await expectFrames(images(again, 'images'), upTo(48))
  })

  test('keeps 29.97 frames a second', async () => {
    const { bench, video } = await openVideo({ frames: 30, fps: 30_000 / 1001 })
    const parts = await bench.run(nodeOf('GetVideoComponents'), { video })
    const { VIDEO } = await bench.run(nodeOf('CreateVideo'), { images: parts.images, fps: parts.fps })
    expect((await probeVideo((VIDEO as Video).asset)).fps).toBeCloseTo(30_000 / 1001, 3)
  })
})

describe('GetVideoComponents', () => {
  test('of a silent video says so to whoever wants the sound', async () => {
    const { bench, video } = await openVideo()
    const parts = await bench.run(nodeOf('GetVideoComponents'), { video })
    expect(parts.audio).toEqual({ kind: 'absent', reason: 'The video "a.mp4" has no sound.' })
  })

  test('takes an animated picture apart', async () => {
    const bench = await openNodeBench()
    await bench.input('a.gif', await animation('gif', ['#ff0000', '#00ff00']))
    const { VIDEO } = await bench.run(nodeOf('LoadVideo'), { file: 'a.gif' })
    const parts = await bench.run(nodeOf('GetVideoComponents'), { video: VIDEO })
    expect(images(parts, 'images').map(({ page }) => page)).toEqual([0, 1])
  })
})

describe('CreateVideo', () => {
  test('makes odd sizes even, and gives every picture the room of the largest', async () => {
    const bench = await openNodeBench()
    const batch: Image[] = []
    for (const [name, width, height] of [
      ['a.png', 33, 21],
      ['b.png', 61, 20],
    ] as const) {
      batch.push({
        kind: 'image',
        asset: await bench.input(name, await picture(width, height).png().toBuffer()),
      })
    }
    const { VIDEO } = await bench.run(nodeOf('CreateVideo'), { images: batch, fps: 4 })
    expect(await probeVideo((VIDEO as Video).asset)).toMatchObject({
      width: 62,
      height: 22,
      frames: 2,
      fps: 4,
    })
  })

  test('writes 10 bits when asked to', async () => {
    const bench = await openNodeBench()
    const deep = await picture(32, 32, '#404040').toColourspace('rgb16').png().toBuffer()
    const asset = await bench.input('a.png', deep)
    const { VIDEO } = await bench.run(nodeOf('CreateVideo'), {
      images: [{ kind: 'image', asset }],
      fps: 1,
      bit_depth: 10,
    })
    const parts = await bench.run(nodeOf('GetVideoComponents'), { video: VIDEO })
    expect(parts.bit_depth).toBe(10)
    const [grey = 0] = await greysOf(images(parts, 'images'))
    expect(Math.abs(grey - 0x40)).toBeLessThan(3)
  })

  test('cuts sound that is longer than the pictures', async () => {
    const { bench, video } = await openVideo({ frames: 20, fps: 10, sound: 2 })
    const parts = await bench.run(nodeOf('GetVideoComponents'), { video })
    const half = images(parts, 'images').slice(0, 10)
    const { VIDEO } = await bench.run(nodeOf('CreateVideo'), { images: half, audio: parts.audio, fps: 10 })
    expect(Math.abs((await probeAudio((VIDEO as Video).asset)).duration - 1)).toBeLessThan(0.05)
  })

  test('says that there is nothing to make a video of', async () => {
    const bench = await openNodeBench()
    await expect(bench.run(nodeOf('CreateVideo'), { images: [], fps: 4 })).rejects.toMatchObject({
      code: 'empty-batch',
    })
  })

  test('ends when the run is stopped', async () => {
    const { bench, video } = await openVideo({ frames: 40 })
    const parts = await bench.run(nodeOf('GetVideoComponents'), { video })
    const stop = new AbortController()
    const making = bench.run(
      nodeOf('CreateVideo'),
      { images: parts.images, fps: 10 },
      { signal: stop.signal, report: ({ done = 0 }) => done > 3 && stop.abort() },
    )
    await expect(making).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('Video Slice', () => {
  const slice = async (start_time: number, duration: number, strict_duration = false) => {
    const { bench, video } = await openVideo({ frames: 20, fps: 10, sound: 2 })
    const { VIDEO } = await bench.run(nodeOf('Video Slice'), { video, start_time, duration, strict_duration })
    return { bench, video: VIDEO as Video }
  }

  test('gives the frames and the sound of its part', async () => {
    const { bench, video } = await slice(0.5, 1)
    const parts = await bench.run(nodeOf('GetVideoComponents'), { video })
    await expectFrames(
      images(parts, 'images'),
      upTo(10).map(frame => frame + 5),
    )
    expect(parts.audio).toMatchObject({ from: 0.5, to: 1.5 })
  })

  test('is saved as a video of its own', async () => {
    const { bench, video } = await slice(-0.5, 0)
    const outputs = await bench.run(nodeOf('SaveVideo'), {
      video,
      filename_prefix: 'x',
      format: 'mp4',
      codec: 'auto',
    })
    const { asset } = savedOf(outputs)
    expect(await probeVideo(asset)).toMatchObject({ frames: 5, fps: 10 })
    expect(Math.abs((await probeAudio(asset)).duration - 0.5)).toBeLessThan(0.05)
    const parts = await bench.run(nodeOf('GetVideoComponents'), { video: { kind: 'video', asset } })
    await expectFrames(images(parts, 'images'), [15, 16, 17, 18, 19])
  })

  test('is as short as the video unless the duration is strict', async () => {
    expect((await slice(1.5, 3)).video).toMatchObject({ from: 1.5, to: 2 })
    await expect(slice(1.5, 3, true)).rejects.toMatchObject({ code: 'empty-video' })
    await expect(slice(4, 1)).rejects.toMatchObject({ code: 'empty-video' })
  })
})

describe('SaveVideo', () => {
  const save = (bench: NodeBench, video: Video, codec: string) =>
    bench.run(nodeOf('SaveVideo'), { video, filename_prefix: 'x', format: 'auto', codec })

  test('keeps the bytes of an MP4 with H.264', async () => {
    const { bench, video } = await openVideo()
    expect(savedOf(await save(bench, video, 'h264')).asset.sha256).toBe(video.asset.sha256)
  })

  test('makes an MP4 of a WebM, sound and all', async () => {
    const { bench, video } = await openVideo({ codec: 'vp9', frames: 10, sound: 1 }, 'a.webm')
    const file = savedOf(await save(bench, video, 'auto'))
    expect(file.filename).toBe('x_00001_.mp4')
    expect(await probeVideo(file.asset)).toMatchObject({ codec: 'avc', frames: 10, hasAudio: true })
  })
})

describe('SaveWEBM', () => {
  test.each(['vp9', 'av1'])('writes %s', async codec => {
    const { bench, video } = await openVideo({ frames: 6 })
    const parts = await bench.run(nodeOf('GetVideoComponents'), { video })
    const outputs = await bench.run(nodeOf('SaveWEBM'), {
      images: parts.images,
      filename_prefix: 'w',
      codec,
      fps: 12,
      crf: 20,
    })
    const file = savedOf(outputs)
    expect(file.filename).toBe('w_00001_.webm')
    expect(await probeVideo(file.asset)).toMatchObject({ codec, frames: 6, fps: 12 })
  })
})

describe('animated pictures', () => {
  const colors = ['#ff0000', '#00ff00', '#0000ff']

  async function batchOf(bench: NodeBench, given: readonly string[]): Promise<Image[]> {
    return Promise.all(
      given.map(async (color, index) => ({
        kind: 'image' as const,
        asset: await bench.input(`${index}.png`, await picture(9, 7, color).png().toBuffer()),
      })),
    )
  }

  test.each([
    [{ lossless: true, quality: 80, method: 'default' }, 0],
    [{ lossless: false, quality: 90, method: 'fastest' }, 12],
  ])('SaveAnimatedWEBP with %j', async (settings, slack) => {
    const bench = await openNodeBench()
    const outputs = await bench.run(nodeOf('SaveAnimatedWEBP'), {
      images: await batchOf(bench, colors),
      filename_prefix: 'w',
      fps: 4,
      ...settings,
    })
    const { asset, filename } = savedOf(outputs)
    expect(filename).toBe('w_00001_.webp')
    expect((outputs.ui as Record<string, unknown>).animated).toEqual([true])
    const header = await sharp(asset.path).metadata()
    expect(header).toMatchObject({ pages: 3, loop: 0, delay: [250, 250, 250] })
    for (const [page, wanted] of [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ].entries()) {
      const data = await sharp(asset.path, { page }).removeAlpha().raw().toBuffer()
      wanted.forEach((value, channel) => {
        expect(Math.abs((data[channel] ?? 0) - value)).toBeLessThanOrEqual(slack)
      })
    }
  })

  test('SaveAnimatedPNG is an APNG that every PNG reader opens', async () => {
    const bench = await openNodeBench({ metadata: { prompt: { '1': {} } } })
    const outputs = await bench.run(nodeOf('SaveAnimatedPNG'), {
      images: await batchOf(bench, ['#ff000080', ...colors.slice(1)]),
      filename_prefix: 'p',
      fps: 5,
      compress_level: 4,
    })
    const { asset, filename } = savedOf(outputs)
    expect(filename).toBe('p_00001_.png')
    const bytes = await readFile(asset.path)
    const control = bytes.indexOf('acTL')
    expect(bytes.readUInt32BE(control + 4)).toBe(3)
    expect(bytes.readUInt32BE(control + 8)).toBe(0)
    expect([...(await sharp(asset.path).raw().toBuffer()).subarray(0, 4)]).toEqual([255, 0, 0, 128])
    expect(bytes.includes('prompt\0{"1":{}}')).toBe(true)
  })
})
