import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { SavedFile } from '../../nodes/context.ts'
import { openPixels, type Rows } from './pixels-support.ts'

const ramp: Rows = [
  [0, 100, 127],
  [128, 200, 255],
]

/** One mask in, one node, the mask that comes out. */
async function through(type: string, rows: Rows, inputs: Record<string, unknown>): Promise<Rows | undefined> {
  const { mask, run, planesOf } = await openPixels()
  const outputs = await run(type, { mask: [await mask(rows)], ...inputs })
  return (await planesOf(outputs.MASK))[0]
}

test.each<[string, Record<string, unknown>, Rows]>([
  [
    'InvertMask',
    {},
    [
      [255, 155, 128],
      [127, 55, 0],
    ],
  ],
  [
    'ThresholdMask',
    { value: 0.5 },
    [
      [0, 0, 0],
      [255, 255, 255],
    ],
  ],
  [
    'ThresholdMask',
    { value: 1 },
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
  ],
  ['CropMask', { x: 1, y: 0, width: 9, height: 1 }, [[100, 127]]],
  [
    'FeatherMask',
    { left: 2, top: 0, right: 0, bottom: 0 },
    [
      [0, 100, 127],
      [64, 200, 255],
    ],
  ],
  [
    'FeatherMask',
    { left: 0, top: 2, right: 3, bottom: 0 },
    [
      [0, 33, 21],
      [128, 133, 85],
    ],
  ],
  ['GrowMask', { expand: 0, tapered_corners: true }, ramp],
])('%s %o', async (type, inputs, expected) => {
  expect(await through(type, ramp, inputs)).toEqual(expected)
})

describe('GrowMask', () => {
  const dot = (size: number) =>
    Array.from({ length: size }, (_, y) =>
      Array.from({ length: size }, (_, x) => (x === (size - 1) / 2 && y === x ? 255 : 0)),
    )

  test('widens by a diamond, or by a square without tapered corners', async () => {
    expect(await through('GrowMask', dot(5), { expand: 1, tapered_corners: true })).toEqual([
      [0, 0, 0, 0, 0],
      [0, 0, 255, 0, 0],
      [0, 255, 255, 255, 0],
      [0, 0, 255, 0, 0],
      [0, 0, 0, 0, 0],
    ])
    const square = await through('GrowMask', dot(5), { expand: 1, tapered_corners: false })
    expect(square?.[1]).toEqual([0, 255, 255, 255, 0])
    const wide = await through('GrowMask', dot(5), { expand: 2, tapered_corners: true })
    expect(wide?.[1]).toEqual([0, 255, 255, 255, 0])
    expect(wide?.[0]).toEqual([0, 0, 255, 0, 0])
  })

  test('narrows when negative, and not from the border of the picture', async () => {
    const bar: Rows = [[255, 255, 255, 255, 0, 0]]
    expect(await through('GrowMask', bar, { expand: -2, tapered_corners: true })).toEqual([
      [255, 255, 0, 0, 0, 0],
    ])
  })

  test('ends as soon as nothing changes any more', async () => {
    const grown = await through('GrowMask', dot(3), { expand: 16_384, tapered_corners: true })
    expect(grown?.flat().every(value => value === 255)).toBe(true)
  })
})

describe('MaskComposite', () => {
  const source: Rows = [[255, 100]]
  test.each<[string, Rows]>([
    [
      'multiply',
      [
        [0, 100, 49],
        [128, 200, 255],
      ],
    ],
    [
      'add',
      [
        [0, 255, 227],
        [128, 200, 255],
      ],
    ],
    [
      'subtract',
      [
        [0, 0, 27],
        [128, 200, 255],
      ],
    ],
    [
      'and',
      [
        [0, 0, 0],
        [128, 200, 255],
      ],
    ],
    [
      'or',
      [
        [0, 255, 0],
        [128, 200, 255],
      ],
    ],
    [
      'xor',
      [
        [0, 255, 0],
        [128, 200, 255],
      ],
    ],
  ])('%s, at a place', async (operation, expected) => {
    const { mask, run, planesOf } = await openPixels()
    const destination = [await mask(ramp)]
    const outputs = await run('MaskComposite', {
      destination,
      source: [await mask(source)],
      x: 1,
      y: 0,
      operation,
    })
    expect((await planesOf(outputs.MASK))[0]).toEqual(expected)
  })

  test('what lies outside is left out; one source serves all', async () => {
    const { mask, run, planesOf } = await openPixels()
    const destination = [await mask([[1, 2]]), await mask([[3, 4]])]
    const where = { x: 1, y: 0, operation: 'add' }
    const outputs = await run('MaskComposite', { destination, source: [await mask(source)], ...where })
    expect(await planesOf(outputs.MASK)).toEqual([[[1, 255]], [[3, 255]]])
  })
})

test('SolidMask and the mask of a picture without alpha can be inverted', async () => {
  const { run, planesOf } = await openPixels()
  const solid = async (value: number) => (await run('SolidMask', { value, width: 2, height: 1 })).MASK
  expect(await planesOf(await solid(1))).toEqual([[[255, 255]]])
  expect(await planesOf(await solid(0.5))).toEqual([[[127, 127]]])
  expect(await planesOf((await run('InvertMask', { mask: await solid(0) })).MASK)).toEqual([[[255, 255]]])
})

test('pictures and masks become each other', async () => {
  const { image, mask, run, rowsOf, planesOf } = await openPixels()
  const { IMAGE } = await run('MaskToImage', { mask: [await mask([[7, 200]])] })
  expect(await rowsOf(IMAGE)).toEqual([[[7, 200]]])
  const colored = [await image([[[10, 20, 30, 40]]])]
  const channels = ['red', 'green', 'blue', 'alpha'].map(async channel => {
    const { MASK } = await run('ImageToMask', { image: colored, channel })
    return (await planesOf(MASK))[0]?.[0]?.[0]
  })
  expect(await Promise.all(channels)).toEqual([10, 20, 30, 40])
  const opaque = { image: [await image([[1]], 'grey.png')], channel: 'alpha' }
  await expect(run('ImageToMask', opaque)).rejects.toMatchObject({
    code: 'no-alpha',
    message: '"grey.png" has no alpha channel to make a mask of.',
  })
  const { MASK } = await run('ImageColorToMask', {
    image: [
      await image([
        [
          [10, 20, 30],
          [10, 20, 31],
        ],
      ]),
    ],
    color: 0x0a141e,
  })
  expect(await planesOf(MASK)).toEqual([[[255, 0]]])
})

describe('compositing', () => {
  test('JoinImageWithAlpha makes the mask transparent, at the picture’s size, the shorter batch from its front', async () => {
    const { image, mask, run, rowsOf } = await openPixels()
    const outputs = await run('JoinImageWithAlpha', {
      image: [await image([[5, 5]]), await image([[6, 6]]), await image([[7, 7]])],
      alpha: [await mask([[255]]), await mask([[0, 155]])],
    })
    expect(await rowsOf(outputs.IMAGE)).toEqual([
      [
        [
          [5, 5, 5, 0],
          [5, 5, 5, 0],
        ],
      ],
      [
        [
          [6, 6, 6, 255],
          [6, 6, 6, 100],
        ],
      ],
      [
        [
          [7, 7, 7, 0],
          [7, 7, 7, 0],
        ],
      ],
    ])
  })

  test('SplitImageWithAlpha takes it apart again', async () => {
    const { image, run, rowsOf, planesOf } = await openPixels()
    const split = async (rows: Rows) => {
      const outputs = await run('SplitImageWithAlpha', { image: [await image(rows)] })
      return [await rowsOf(outputs.IMAGE), await planesOf(outputs.MASK)]
    }
    expect(await split([[[1, 2, 3, 55]]])).toEqual([[[[[1, 2, 3]]]], [[[200]]]])
    expect(await split([[[1, 2, 3]]])).toEqual([[[[[1, 2, 3]]]], [[[0]]]])
  })

  test.each<[Record<string, unknown>, Rows | undefined, Rows]>([
    [{ x: 1, y: 0 }, undefined, [[0, 200, 100]]],
    [{ x: 2, y: 0 }, undefined, [[0, 0, 200]]],
    [{ x: 9, y: 9 }, undefined, [[0, 0, 0]]],
    [{ x: 0, y: 0 }, [[255, 128]], [[200, 50, 0]]],
    [{ x: 0, y: 0 }, [[0]], [[0, 0, 0]]],
    [{ x: 0, y: 0, resize_source: true }, undefined, [[200, 150, 100]]],
  ])('ImageCompositeMasked %o with mask %o', async (where, cover, expected) => {
    const { image, mask, run, rowsOf } = await openPixels()
    const outputs = await run('ImageCompositeMasked', {
      destination: [await image([[0, 0, 0]])],
      source: [await image([[200, 100]])],
      resize_source: false,
      ...where,
      ...(cover && { mask: [await mask(cover)] }),
    })
    expect(await rowsOf(outputs.IMAGE)).toEqual([expected])
  })

  test('ImageCompositeMasked gives the destination’s channels, and one source serves a whole batch', async () => {
    const { image, run, rowsOf } = await openPixels()
    const outputs = await run('ImageCompositeMasked', {
      destination: [await image([[[1, 1, 1, 50]]]), await image([[2]])],
      source: [await image([[9]])],
      x: 0,
      y: 0,
      resize_source: false,
    })
    expect(await rowsOf(outputs.IMAGE)).toEqual([[[[9, 9, 9, 255]]], [[9]]])
  })
})

test('MaskPreview shows masks as pictures in the temp folder', async () => {
  const { mask, run } = await openPixels()
  const given = [await mask([[7]])]
  const { mask: same, ui } = await run('MaskPreview', { mask: given })
  expect(same).toBe(given)
  const [saved] = (ui as { images: SavedFile[] }).images
  expect(saved).toMatchObject({
    type: 'temp',
    filename: expect.stringMatching(/^ComfyUI_temp_\w{5}_00001_\.png$/),
  })
  const { data } = await sharp(await readFile(saved?.asset.path ?? ''))
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect([...data]).toEqual([7, 7, 7])
})

test('nothing left of a mask is said', async () => {
  const where = { x: 3, y: 0, width: 1, height: 1 }
  await expect(through('CropMask', ramp, where)).rejects.toMatchObject({ code: 'bad-box' })
})
