import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import {
  batchPixels,
  encodePng,
  framesOf,
  imageAsset,
  maskPixels,
  pixels,
  rawOf,
  sizeOf,
  writePictures,
} from '../../nodes/media/pixels.ts'
import { probeAudio, probeVideo } from '../../nodes/media/probe.ts'
import type { RawImage } from '../../nodes/media/raw-image.ts'
import { soundOf } from '../../nodes/media/sound.ts'
import type { Asset, Image } from '../../nodes/values.ts'
import { animation, picture } from '../nodes/support.ts'
import { greyOf, makeSound, makeVideo } from '../support/make-media.ts'
import { openNodeBench } from '../support/node-bench.ts'

async function openVideo(wish: Parameters<typeof makeVideo>[1] = {}, name = 'a.mp4') {
  const bench = await openNodeBench()
  await makeVideo(join(bench.folders.input, name), wish)
  return { bench, asset: await bench.assets.find(name) }
}

/** The value in the middle of the right half, where made videos show their grey. */
const greyAt = ({ data, width, height, channels }: RawImage) =>
  data[(Math.floor(height / 2) * width + Math.floor(width * 0.75)) * channels] as number

async function greysOf(images: readonly Image[]): Promise<number[]> {
  const greys = []
  for await (const raw of pixels(images, undefined)) greys.push(greyAt(raw))
  return greys
}

const near = (greys: readonly number[], wanted: readonly number[]) => {
  expect(greys).toHaveLength(wanted.length)
  for (const [index, grey] of greys.entries())
    expect(Math.abs(grey - greyOf(wanted[index] ?? 0))).toBeLessThan(4)
}

async function samplesOf(asset: Asset): Promise<number> {
  let count = 0
  for await (const { data, channels } of soundOf({ kind: 'audio', asset }, undefined))
    count += data.length / channels
  return count
}

describe('frames of a video', () => {
  test('come in order, as many as there are', async () => {
    const { asset } = await openVideo({ frames: 25 })
    const frames = await framesOf({ asset })
    near(
      await greysOf(frames),
      frames.map((_, index) => index),
    )
  })

  test('come in any order and as often as wanted', async () => {
    const { asset } = await openVideo({ frames: 20 })
    const frames = await framesOf({ asset })
    const wanted = [3, 3, 4, 19, 18, 17, 2, 1, 0, 7, 7]
    near(await greysOf(wanted.map(page => frames[page] as Image)), wanted)
  })

  test('of a VP9 video are the same', async () => {
    const { asset } = await openVideo({ frames: 12, codec: 'vp9' }, 'a.webm')
    const wanted = [0, 5, 11]
    near(await greysOf(wanted.map(page => ({ kind: 'image', asset, page }))), wanted)
  })

  test('stand upright when the file says that they are turned', async () => {
    const { asset } = await openVideo({ rotation: 90, frames: 2 })
    expect(await sizeOf({ kind: 'image', asset, page: 0 })).toEqual({ width: 48, height: 64 })
    const raw = await rawOf({ kind: 'image', asset, page: 0 })
    expect([raw.width, raw.height]).toEqual([48, 64])
    const at = (x: number, y: number) => raw.data[(y * raw.width + x) * raw.channels] as number
    // The white quarter was top left and is top right after a quarter turn.
    expect(at(40, 10)).toBeGreaterThan(240)
    expect(at(8, 10)).toBeLessThan(40)
  })

  test('beyond the last are refused by name', async () => {
    const { asset } = await openVideo({ frames: 3 })
    await expect(rawOf({ kind: 'image', asset, page: 3 })).rejects.toMatchObject({
      code: 'video-unreadable',
      message: '"a.mp4" cannot be read as a video: it has no frame 3, only 3, counted from 0',
    })
  })

  test('become files of their own', async () => {
    const { asset, bench } = await openVideo({ frames: 3 })
    const alone = await imageAsset({ kind: 'image', asset, page: 2 }, bench.assets)
    expect(alone).toMatchObject({ name: 'a_2.png', mediaType: 'image/png' })
    expect(await sharp(alone.path).metadata()).toMatchObject({ width: 64, height: 48, channels: 3 })
  })

  test('stop coming when the run is stopped', async () => {
    const { asset } = await openVideo({ frames: 20 })
    const stop = new AbortController()
    const read = async () => {
      for await (const _ of pixels(await framesOf({ asset }), stop.signal)) stop.abort()
    }
    await expect(read()).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('damage', () => {
  /** The file with its media spoilt between two parts of it, its tables whole. */
  async function spoil(path: string, from: number, to: number) {
    const bytes = await readFile(path)
    const start = bytes.indexOf('mdat') + 8
    const end = bytes.indexOf('moov') > start ? bytes.indexOf('moov') - 4 : bytes.length
    for (let at = start + (end - start) * from; at < start + (end - start) * to; at++)
      bytes[Math.floor(at)] = 0x5a
    await writeFile(path, bytes)
  }

  test('in some frames shows the ones before them', async () => {
    const bench = await openNodeBench()
    const path = join(bench.folders.input, 'a.mp4')
    await makeVideo(path, { frames: 150, fps: 30 })
    await spoil(path, 0.3, 0.5)
    const asset = await bench.assets.find('a.mp4')
    const greys = await greysOf(await framesOf({ asset }))
    expect(greys).toHaveLength(150)
    near(
      greys.slice(0, 10),
      Array.from({ length: 10 }, (_, index) => index),
    )
  })

  test('in all frames is said of the file', async () => {
    const bench = await openNodeBench()
    const path = join(bench.folders.input, 'a.mp4')
    await makeVideo(path, { frames: 20 })
    await spoil(path, 0, 1)
    const asset = await bench.assets.find('a.mp4')
    await expect(greysOf(await framesOf({ asset }))).rejects.toMatchObject({
      code: 'video-unreadable',
      message: '"a.mp4" cannot be read as a video: the file is damaged or no video',
    })
  })

  test('in a part of a sound is silent as long', async () => {
    const bench = await openNodeBench()
    const path = join(bench.folders.input, 'a.m4a')
    await makeSound(path, { seconds: 4 })
    const asset = await bench.assets.find('a.m4a')
    const before = await samplesOf(asset)
    await spoil(path, 0.4, 0.6)
    expect(Math.abs((await samplesOf(await bench.assets.find('a.m4a'))) - before)).toBeLessThan(3000)
  })

  test('in all of a sound is said of the file', async () => {
    const bench = await openNodeBench()
    const path = join(bench.folders.input, 'a.m4a')
    await makeSound(path)
    await spoil(path, 0, 1)
    const asset = await bench.assets.find('a.m4a')
    await expect(samplesOf(asset)).rejects.toMatchObject({ code: 'audio-unreadable' })
  })

  test('of a header that promises more pixels than anybody has is said of the file', async () => {
    const bench = await openNodeBench()
    const png = await picture(2, 2).png().toBuffer()
    png.writeUInt32BE(60_000, 16)
    png.writeUInt32BE(60_000, 20)
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29)
    const asset = await bench.input('a.png', png)
    await expect(rawOf({ kind: 'image', asset })).rejects.toMatchObject({
      message: '"a.png" cannot be read as a picture: it has more than 268 million pixels',
    })
  })
})

describe('still pictures', () => {
  async function open(name: string, bytes: Uint8Array) {
    const bench = await openNodeBench()
    return { bench, image: { kind: 'image', asset: await bench.input(name, bytes) } as Image }
  }

  test('keep their alpha', async () => {
    const { image } = await open('a.png', await picture(1, 1, '#11223380').png().toBuffer())
    expect(await rawOf(image)).toMatchObject({ width: 1, height: 1, channels: 4 })
    expect([...(await rawOf(image)).data]).toEqual([0x11, 0x22, 0x33, 0x80])
  })

  test('keep 16 bits a value, also through PNG', async () => {
    const deep = await picture(2, 1).toColourspace('rgb16').png().toBuffer()
    const { image, bench } = await open('a.png', deep)
    const raw = await rawOf(image)
    expect(raw.data).toBeInstanceOf(Uint16Array)
    const again = await bench.input('b.png', await encodePng(raw))
    expect((await rawOf({ kind: 'image', asset: again })).data).toEqual(raw.data)
  })

  test('of CMYK and grey become sRGB', async () => {
    const cmyk = await open('a.tiff', await picture(2, 1, '#ff0000').toColourspace('cmyk').tiff().toBuffer())
    const red = await rawOf(cmyk.image)
    expect(red.channels).toBe(3)
    expect(red.data[0]).toBeGreaterThan(200)
    expect(red.data[1]).toBeLessThan(40)
    const grey = await open('a.jpg', await picture(2, 1, '#808080').greyscale().jpeg().toBuffer())
    expect((await rawOf(grey.image)).channels).toBe(3)
  })

  test('stand upright as their EXIF says', async () => {
    const turned = await picture(6, 4).jpeg().withMetadata({ orientation: 6 }).toBuffer()
    const { image } = await open('a.jpg', turned)
    expect(await rawOf(image)).toMatchObject({ width: 4, height: 6 })
    expect(await sizeOf(image)).toEqual({ width: 4, height: 6 })
  })

  test('of an animation come page by page, in any order', async () => {
    const { image } = await open('a.webp', await animation('webp', ['#ff0000', '#00ff00', '#0000ff']))
    const colors = []
    const wanted = [2, 0, 1, 1].map(page => ({ ...image, page }))
    for await (const raw of pixels(wanted, undefined)) colors.push([...raw.data.subarray(0, 3)])
    expect(colors).toEqual([
      [0, 0, 255],
      [255, 0, 0],
      [0, 255, 0],
      [0, 255, 0],
    ])
  })

  test.each([
    ['empty.png', '', 'the file is empty'],
    ['broken.jpg', 'no picture', 'the file is damaged or no picture'],
  ])('%s is refused by name', async (name, content, why) => {
    const { image } = await open(name, Buffer.from(content))
    await expect(rawOf(image)).rejects.toMatchObject({
      code: 'image-unreadable',
      message: `"${name}" cannot be read as a picture: ${why}`,
    })
  })
})

test('pictures a node has made are kept one at a time, in order', async () => {
  const bench = await openNodeBench()
  async function* made(): AsyncGenerator<RawImage> {
    for (const value of [10, 200])
      yield { width: 2, height: 1, channels: 3, data: new Uint8Array(6).fill(value) }
  }
  const images = await writePictures(made(), bench.assets, { name: 'scaled' })
  expect(images.map(({ asset }) => asset.name)).toEqual(['scaled_00001.png', 'scaled_00002.png'])
  expect((await greysOf(images)).map(Number)).toEqual([10, 200])
})

test('masks are one channel: inverted alpha, a colour, zeros, and whole where there is no alpha', async () => {
  const bench = await openNodeBench()
  const asset = await bench.input('a.png', await picture(1, 1, '#112233c0').png().toBuffer())
  const plain = await bench.input('b.png', await picture(1, 1, '#112233').png().toBuffer())
  const masks = [
    { kind: 'mask', asset, channel: 'alpha', inverted: true },
    { kind: 'mask', asset, channel: 'green', inverted: false },
    { kind: 'mask', blank: { width: 1, height: 1 } },
    { kind: 'mask', asset: plain, channel: 'alpha', inverted: false },
  ] as const
  const values = []
  for await (const raw of maskPixels(masks, undefined)) values.push([raw.channels, ...raw.data])
  expect(values).toEqual([
    [1, 0x3f],
    [1, 0x22],
    [1, 0],
    [1, 255],
  ])
})

describe('a look at a file', () => {
  test('tells of a video what its packets say', async () => {
    const { asset } = await openVideo({ frames: 24, fps: 12, sound: 1 })
    expect(await probeVideo(asset)).toMatchObject({
      width: 64,
      height: 48,
      frames: 24,
      fps: 12,
      duration: 2,
      hasAudio: true,
      codec: 'avc',
    })
    expect(await probeAudio(asset)).toMatchObject({ sampleRate: 48_000, channels: 2, codec: 'aac' })
  })

  test.each(['wav', 'flac', 'mp3', 'ogg', 'm4a'])('tells of a %s how it sounds', async extension => {
    const bench = await openNodeBench()
    await makeSound(join(bench.folders.input, `a.${extension}`), { seconds: 1.5 })
    const facts = await probeAudio(await bench.assets.find(`a.${extension}`))
    expect(facts.channels).toBe(2)
    expect(facts.sampleRate).toBe(extension === 'ogg' ? 48_000 : 44_100)
    expect(Math.abs(facts.duration - 1.5)).toBeLessThan(0.1)
  })

  test('takes an animated picture for a video', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.gif', await animation('gif', ['#ff0000', '#00ff00', '#0000ff']))
    expect(await probeVideo(asset)).toMatchObject({ frames: 3, width: 8, height: 6, codec: 'gif' })
  })

  test.each([
    ['empty.mp4', Buffer.alloc(0), 'the file is empty'],
    ['text.mp4', Buffer.from('this is no video at all'), 'the file is damaged or no video'],
  ])('says of %s what is wrong', async (name, bytes, why) => {
    const bench = await openNodeBench()
    const asset = await bench.input(name, bytes)
    await expect(probeVideo(asset)).rejects.toMatchObject({
      code: 'video-unreadable',
      message: `"${name}" cannot be read as a video: ${why}`,
    })
  })

  test('says that a PNG called .mp4 is a PNG', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.mp4', await picture(2, 2).png().toBuffer())
    await expect(probeVideo(asset)).rejects.toMatchObject({
      message: '"a.mp4" cannot be read as a video: it is a still picture (image/png)',
    })
    await expect(probeAudio(asset)).rejects.toMatchObject({
      message: '"a.mp4" cannot be read as audio: its content is image/png',
    })
  })

  test('says that a video is silent', async () => {
    const { asset } = await openVideo()
    await expect(probeAudio(asset)).rejects.toMatchObject({
      message: '"a.mp4" cannot be read as audio: there is no sound in it',
    })
  })
})

describe('a batch of one size', () => {
  test('pictures of different sizes are centred on the largest, transparent around when one has alpha', async () => {
    const bench = await openNodeBench()
    const image = async (name: string, width: number, height: number, color: string): Promise<Image> => ({
      kind: 'image',
      asset: await bench.input(name, await picture(width, height, color).png().toBuffer()),
    })
    const wide = await image('wide.png', 5, 2, '#ff0000')
    const tall = await image('tall.png', 2, 3, '#00ff00')
    const batch: RawImage[] = []
    for await (const raw of batchPixels([wide, tall], undefined)) batch.push(raw)
    expect(batch.map(({ width, height, channels }) => [width, height, channels])).toEqual([
      [5, 3, 3],
      [5, 3, 3],
    ])
    const at = ({ data, width, channels }: RawImage, x: number, y: number) => [
      ...data.slice((y * width + x) * channels, (y * width + x + 1) * channels),
    ]
    const [first, second] = batch as [RawImage, RawImage]
    // One row too many goes to the bottom; one column too many to the right.
    expect([at(first, 0, 0), at(first, 4, 1), at(first, 0, 2)]).toEqual([
      [255, 0, 0],
      [255, 0, 0],
      [0, 0, 0],
    ])
    expect([at(second, 0, 0), at(second, 1, 0), at(second, 2, 2), at(second, 3, 0)]).toEqual([
      [0, 0, 0],
      [0, 255, 0],
      [0, 255, 0],
      [0, 0, 0],
    ])
    const clear = await image('clear.png', 2, 2, '#0000ff80')
    const { value } = await batchPixels([wide, clear], undefined).next()
    expect(value?.channels).toBe(4)
  })

  test('pictures of one size are left as they are', async () => {
    const { asset } = await openVideo({ frames: 2 })
    const frames = await framesOf({ asset })
    const sizes = []
    for await (const { width, height } of batchPixels(frames, undefined)) sizes.push([width, height])
    expect(sizes).toEqual([
      [64, 48],
      [64, 48],
    ])
  })
})
