import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { SavedFile } from '../../nodes/context.ts'
import { sizeOf } from '../../nodes/media/pixels.ts'
import type { Image, Mask } from '../../nodes/values.ts'
import { openPixels, type Rows } from './pixels-support.ts'
import { animation } from './support.ts'

/** One picture in, one node, the pixels of what comes out. */
async function through(type: string, rows: Rows, inputs: Record<string, unknown>): Promise<Rows | undefined> {
  const { image, run, rowsOf } = await openPixels()
  const outputs = await run(type, { image: [await image(rows)], ...inputs })
  return (await rowsOf(outputs.IMAGE))[0]
}

const gradient: Rows = [[0, 30, 60, 90, 120, 150, 180, 210]]

describe('another size', () => {
  // torch.nn.functional.interpolate and Pillow's LANCZOS over the same row, cut off as saving does.
  test.each([
    ['nearest-exact', 4, [30, 90, 150, 210]],
    ['nearest-exact', 3, [30, 120, 180]],
    ['bilinear', 16, [0, 7, 22, 37, 52, 67, 82, 97, 112, 127, 142, 157, 172, 187, 202, 210]],
    ['bilinear', 12, [0, 15, 35, 55, 75, 95, 115, 135, 155, 175, 195, 210]],
    ['bilinear', 3, [25, 105, 185]],
    ['area', 4, [15, 75, 135, 195]],
    ['area', 3, [30, 105, 180]],
    ['area', 16, [0, 0, 30, 30, 60, 60, 90, 90, 120, 120, 150, 150, 180, 180, 210, 210]],
    ['bicubic', 4, [12, 75, 135, 197]],
    ['lanczos', 4, [15, 73, 137, 195]],
  ])('%s to %d', async (upscale_method, width, expected) => {
    const rows = await through('ImageScale', gradient, { upscale_method, width, height: 1, crop: 'disabled' })
    expect(rows).toEqual([expected])
  })

  const square: Rows = [
    [10, 20, 30, 40],
    [50, 60, 70, 80],
  ]
  const size = async (type: string, inputs: Record<string, unknown>, rows = square) => {
    const scaled = await through(type, rows, { upscale_method: 'nearest-exact', ...inputs })
    return [scaled?.[0]?.length, scaled?.length]
  }

  test('0 keeps the ratio, both 0 the picture; center cuts the middle out first', async () => {
    const { image, run } = await openPixels()
    expect(await size('ImageScale', { width: 8, height: 0, crop: 'disabled' })).toEqual([8, 4])
    expect(await size('ImageScale', { width: 0, height: 1, crop: 'disabled' })).toEqual([2, 1])
    const batch = [await image(square)]
    const same = await run('ImageScale', { image: batch, width: 0, height: 0, crop: 'center' })
    expect(same.IMAGE).toBe(batch)
    const middle = { upscale_method: 'nearest-exact', width: 2, height: 2, crop: 'center' }
    expect(await through('ImageScale', square, middle)).toEqual([
      [20, 30],
      [60, 70],
    ])
  })

  test('by a factor, to a number of pixels, and to a longest side; halves go to the even number', async () => {
    expect(await size('ImageScaleBy', { scale_by: 2 })).toEqual([8, 4])
    expect(await size('ImageScaleBy', { scale_by: 0.5 }, [[0, 1, 2, 3, 4]])).toEqual([2, 1])
    expect(await size('ImageScaleToTotalPixels', { megapixels: 0.01, resolution_steps: 1 })).toEqual([
      145, 72,
    ])
    expect(await size('ImageScaleToTotalPixels', { megapixels: 0.01, resolution_steps: 16 })).toEqual([
      144, 80,
    ])
    expect(await size('ImageScaleToMaxDimension', { largest_size: 8 })).toEqual([8, 4])
  })

  test('in the nine ways of ResizeImageMaskNode', async () => {
    const { image, run } = await openPixels()
    const resize = async (resize_type: string, more: Record<string, unknown>) => {
      const { resized } = await run('ResizeImageMaskNode', {
        ...{ input: [await image(square)], resize_type, scale_method: 'nearest-exact' },
        ...Object.fromEntries(Object.entries(more).map(([name, value]) => [`resize_type.${name}`, value])),
      })
      return Object.values(await sizeOf((resized as Image[])[0] as Image))
    }
    expect(await resize('scale dimensions', { width: 6, height: 0, crop: 'center' })).toEqual([6, 3])
    expect(await resize('scale by multiplier', { multiplier: 1.5 })).toEqual([6, 3])
    expect(await resize('scale longer dimension', { longer_size: 8 })).toEqual([8, 4])
    expect(await resize('scale shorter dimension', { shorter_size: 3 })).toEqual([6, 3])
    expect(await resize('scale width', { width: 2 })).toEqual([2, 1])
    expect(await resize('scale height', { height: 4 })).toEqual([8, 4])
    expect(await resize('scale total pixels', { megapixels: 0.01 })).toEqual([145, 72])
    expect(await resize('scale to multiple', { multiple: 3 })).toEqual([4, 2])
    expect(await resize('scale to multiple', { multiple: 2 })).toEqual([4, 2])
    const [wide, tall] = [[await image(square)], [await image([[0], [1], [2]])]]
    const { resized } = await run('ResizeImageMaskNode', {
      ...{ input: wide, resize_type: 'match size', scale_method: 'area' },
      ...{ 'resize_type.match': tall, 'resize_type.crop': 'disabled' },
    })
    expect(await sizeOf((resized as Image[])[0] as Image)).toEqual({ width: 1, height: 3 })
    const mask: Mask = { kind: 'mask', blank: { width: 8, height: 6 } }
    const { resized: smaller } = await run('ResizeImageMaskNode', {
      ...{ input: [mask], resize_type: 'scale by multiplier', scale_method: 'area' },
      'resize_type.multiplier': 0.5,
    })
    expect((smaller as Mask[]).map(({ kind }) => kind)).toEqual(['mask'])
  })

  test('keeps alpha and 16 bits', async () => {
    const transparent: Rows = [
      [
        [200, 0, 0, 0],
        [0, 200, 0, 255],
      ],
    ]
    const doubled = { upscale_method: 'bilinear', width: 4, height: 1, crop: 'disabled' }
    expect(await through('ImageScale', transparent, doubled)).toEqual([
      [
        [200, 0, 0, 0],
        [150, 50, 0, 63],
        [50, 150, 0, 191],
        [0, 200, 0, 255],
      ],
    ])
    const { bench, run, rowsOf } = await openPixels()
    const deep = sharp(Uint16Array.from([0, 0, 0, 40_000, 40_000, 40_000]), {
      raw: { width: 2, height: 1, channels: 3 },
    })
    const asset = await bench.input('deep.png', await deep.toColourspace('rgb16').png().toBuffer())
    const outputs = await run('ImageScale', { image: [{ kind: 'image', asset }], ...doubled })
    expect(await rowsOf(outputs.IMAGE)).toEqual([[[0, 10_000, 30_000, 40_000]]])
  })

  test('refuses what nobody can want', async () => {
    const huge = { upscale_method: 'area', width: 16_384, height: 0, crop: 'disabled' }
    await expect(through('ImageScale', [[0], [0], [0]], huge)).rejects.toMatchObject({ code: 'bad-size' })
  })
})

describe('cutting, turning, inverting', () => {
  const rows: Rows = [
    [1, 2, 3],
    [4, 5, 6],
  ]
  const box = { x: 1, y: 0, width: 9, height: 1 }

  test.each<[string, Record<string, unknown>, Rows]>([
    ['ImageCrop', { x: 1, y: 1, width: 2, height: 1 }, [[5, 6]]],
    ['ImageCrop', { x: 99, y: 99, width: 512, height: 512 }, [[6]]],
    ['ImageCropV2', { crop_region: box }, [[2, 3]]],
    ['ImageCropV2', { crop_region: {} }, rows],
    [
      'ImageRotate',
      { rotation: '90 degrees' },
      [
        [4, 1],
        [5, 2],
        [6, 3],
      ],
    ],
    [
      'ImageRotate',
      { rotation: '180 degrees' },
      [
        [6, 5, 4],
        [3, 2, 1],
      ],
    ],
    [
      'ImageRotate',
      { rotation: '270 degrees' },
      [
        [3, 6],
        [2, 5],
        [1, 4],
      ],
    ],
    ['ImageRotate', { rotation: 'none' }, rows],
    [
      'ImageFlip',
      { flip_method: 'x-axis: vertically' },
      [
        [4, 5, 6],
        [1, 2, 3],
      ],
    ],
    [
      'ImageFlip',
      { flip_method: 'y-axis: horizontally' },
      [
        [3, 2, 1],
        [6, 5, 4],
      ],
    ],
    [
      'ImageInvert',
      {},
      [
        [254, 253, 252],
        [251, 250, 249],
      ],
    ],
  ])('%s %o', async (type, inputs, expected) => {
    expect(await through(type, rows, inputs)).toEqual(expected)
  })

  test('inverting leaves alpha as it is', async () => {
    expect(await through('ImageInvert', [[[10, 20, 30, 40]]], {})).toEqual([[[245, 235, 225, 40]]])
  })

  test('a crop region that is none is refused', async () => {
    const wrong = { crop_region: { x: -1, y: 0, width: 0, height: 1 } }
    await expect(through('ImageCropV2', rows, wrong)).rejects.toMatchObject({ code: 'bad-box' })
  })

  test('PrimitiveBoundingBox gives the region that ImageCropV2 takes', async () => {
    const { run } = await openPixels()
    expect(await run('PrimitiveBoundingBox', box)).toEqual({ BOUNDING_BOX: box })
  })
})

describe('batches', () => {
  async function openBatch() {
    const opened = await openPixels()
    const [a, b, c] = await Promise.all([[[1]], [[2]], [[3]]].map(rows => opened.image(rows as Rows)))
    return { ...opened, batch: [a, b, c] as [Image, Image, Image] }
  }

  test.each([
    [0, 1, [0]],
    [1, 9, [1, 2]],
    [-1, 1, [2]],
    [-9, 2, [0, 1]],
    [9, 1, [2]],
  ])('ImageFromBatch %d, %d long', async (batch_index, length, expected) => {
    const { run, batch } = await openBatch()
    const { IMAGE } = await run('ImageFromBatch', { image: batch, batch_index, length })
    expect(IMAGE).toEqual(expected.map(at => batch[at]))
  })

  test('RepeatImageBatch repeats the whole, GetImageSize counts it', async () => {
    const { run, batch } = await openBatch()
    const { IMAGE } = await run('RepeatImageBatch', { image: batch, amount: 2 })
    expect(IMAGE).toEqual([...batch, ...batch])
    expect(await run('GetImageSize', { image: IMAGE })).toEqual({ width: 1, height: 1, batch_size: 6 })
  })

  test.each([
    ['ImageBatch', 'image1', 'image2'],
    ['BatchImagesNode', 'images.image0', 'images.image1'],
  ])('%s gives the second the size of the first, its middle', async (type, first, second) => {
    const { image, run, rowsOf } = await openPixels()
    const small = await image([
      [10, 20],
      [30, 40],
    ])
    const wide = await image([
      [0, 0, 50, 50, 0, 0],
      [0, 0, 50, 50, 0, 0],
    ])
    const outputs = await run(type, { [first]: [small], [second]: [wide] })
    expect(await rowsOf(outputs.IMAGE)).toEqual([
      [
        [10, 20],
        [30, 40],
      ],
      [
        [50, 50],
        [50, 50],
      ],
    ])
    const same = await run(type, { [first]: [small], [second]: [small] })
    expect(same.IMAGE).toEqual([small, small])
  })

  test('EmptyImage is one colour, so often as asked for', async () => {
    const { run, rowsOf } = await openPixels()
    const { IMAGE } = await run('EmptyImage', { width: 2, height: 1, batch_size: 3, color: 0x0a141e })
    expect(await rowsOf(IMAGE)).toEqual(
      Array(3).fill([
        [
          [10, 20, 30],
          [10, 20, 30],
        ],
      ]),
    )
  })
})

describe('ImagePadForOutpaint', () => {
  const pad = async (rows: Rows, feathering: number, edges: Record<string, number>) => {
    const { image, run, rowsOf, planesOf } = await openPixels()
    const none = { left: 0, top: 0, right: 0, bottom: 0 }
    const outputs = await run('ImagePadForOutpaint', {
      image: [await image(rows)],
      feathering,
      ...none,
      ...edges,
    })
    return { picture: (await rowsOf(outputs.IMAGE))[0], mask: (await planesOf(outputs.MASK))[0] }
  }

  test('adds grey, and masks it', async () => {
    const { picture, mask } = await pad([[9]], 40, { left: 2, bottom: 1 })
    expect(picture).toEqual([
      [127, 127, 9],
      [127, 127, 127],
    ])
    expect(mask).toEqual([
      [255, 255, 0],
      [255, 255, 255],
    ])
  })

  test('softens the mask only at edges that were widened, with the square of the distance', async () => {
    const rows = Array.from({ length: 5 }, () => [0, 0, 0, 0, 0])
    const { mask } = await pad(rows, 2, { left: 1 })
    expect(mask?.[0]).toEqual([255, 255, 63, 0, 0, 0])
    expect(mask?.[4]).toEqual([255, 255, 63, 0, 0, 0])
  })

  test('keeps alpha, half transparent outside', async () => {
    const { picture } = await pad([[[1, 2, 3, 200]]], 0, { right: 1 })
    expect(picture).toEqual([
      [
        [1, 2, 3, 200],
        [127, 127, 127, 127],
      ],
    ])
  })
})

describe('ImageStitch', () => {
  const stitch = async (inputs: Record<string, unknown>, second: Rows | undefined = [[9]]) => {
    const { image, run, rowsOf } = await openPixels()
    const outputs = await run('ImageStitch', {
      image1: [await image([[1, 2]])],
      ...(second && { image2: [await image(second)] }),
      direction: 'right',
      match_image_size: false,
      spacing_width: 0,
      spacing_color: 'white',
      ...inputs,
    })
    return (await rowsOf(outputs.IMAGE))[0]
  }

  test.each<[Record<string, unknown>, Rows | undefined, Rows]>([
    [{}, [[9]], [[1, 2, 9]]],
    [{ direction: 'left' }, [[9]], [[9, 1, 2]]],
    [
      { direction: 'down' },
      [[8, 9]],
      [
        [1, 2],
        [8, 9],
      ],
    ],
    [
      { direction: 'up' },
      [[8, 9]],
      [
        [8, 9],
        [1, 2],
      ],
    ],
    [{ spacing_width: 1 }, [[9]], [[1, 2, 255, 255, 9]]],
    [{ spacing_width: 2, spacing_color: 'red' }, [[9]], [[1, 2, [255, 0, 0], [255, 0, 0], 9]]],
    [
      { spacing_color: 'black' },
      [[7], [8], [9]],
      [
        [0, 0, 7],
        [1, 2, 8],
        [0, 0, 9],
      ],
    ],
    [
      { match_image_size: true },
      [
        [9, 9],
        [9, 9],
      ],
      [[1, 2, 9]],
    ],
    [
      { match_image_size: true, direction: 'down' },
      [[9]],
      [
        [1, 2],
        [9, 9],
        [9, 9],
      ],
    ],
    [
      {},
      [[[9, 9, 9, 100]]],
      [
        [
          [1, 1, 1, 255],
          [2, 2, 2, 255],
          [9, 9, 9, 100],
        ],
      ],
    ],
  ])('%o', async (inputs, second, expected) => {
    expect(await stitch(inputs, second)).toEqual(expected)
  })

  test('without a second picture gives the first; the shorter batch goes on with its last', async () => {
    expect(await stitch({ image2: undefined })).toEqual([[1, 2]])
    const { image, run, rowsOf } = await openPixels()
    const inputs = { direction: 'right', match_image_size: false, spacing_width: 0, spacing_color: 'white' }
    const [a, b, c] = await Promise.all([[[1]], [[2]], [[3]]].map(rows => image(rows as Rows)))
    const outputs = await run('ImageStitch', { ...inputs, image1: [a], image2: [b, c] })
    expect(await rowsOf(outputs.IMAGE)).toEqual([[[1, 2]], [[1, 3]]])
  })
})

describe('loading', () => {
  test('LoadImageMask takes colours as they are, alpha as transparency', async () => {
    const { bench, run, image, planesOf } = await openPixels()
    await image([[[10, 20, 30, 55]]], 'a.png')
    await image([[[10, 20, 30]]], 'b.png')
    const load = async (name: string, channel: string) =>
      planesOf((await run('LoadImageMask', { image: name, channel })).MASK)
    expect(await load('a.png', 'alpha')).toEqual([[[200]]])
    expect(await load('a.png', 'red')).toEqual([[[10]]])
    expect(await load('b.png', 'blue')).toEqual([[[30]]])
    expect((await load('b.png', 'alpha'))[0]).toHaveLength(64)
    await bench.input('c.gif', await animation('gif', ['#ff0000', '#00ff00']))
    expect((await load('c.gif', 'green')).map(rows => rows[0]?.[0])).toEqual([0, 255])
  })

  test('LoadImageOutput loads what was saved', async () => {
    const { bench, image, run } = await openPixels()
    const saved = await bench.assets.save({
      folder: 'output',
      prefix: 'x',
      trailingUnderscore: true,
      items: [{ asset: (await image([[1]])).asset }],
    })
    const { IMAGE } = await run('LoadImageOutput', { image: 'x_00001_.png [output]' })
    expect((IMAGE as Image[])[0]?.asset.path).toBe((saved[0] as SavedFile).asset.path)
  })
})

test('a batch is never decoded at once: a picture is written before the next but a few is read', async () => {
  const { image, run } = await openPixels()
  const batch = await Promise.all(Array.from({ length: 12 }, (_, at) => image([[at, at]])))
  const done: number[] = []
  await run(
    'ImageInvert',
    { image: batch },
    { report: ({ done: count, of }) => void (of === 12 && done.push(count ?? 0)) },
  )
  expect(done.at(-1)).toBe(12)
  expect(done.length).toBeGreaterThan(5)
  const stopped = AbortSignal.abort(new Error('stopped'))
  await expect(run('ImageInvert', { image: batch }, { signal: stopped })).rejects.toThrow('stopped')
})

test('masks are references as long as nothing is computed', async () => {
  const { image, run } = await openPixels()
  const picture = await image([[1]])
  const { MASK } = await run('ImageToMask', { image: [picture], channel: 'green' })
  expect((MASK as Mask[])[0]).toEqual({
    kind: 'mask',
    asset: picture.asset,
    channel: 'green',
    inverted: false,
  })
})
