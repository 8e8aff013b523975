import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { framesOf, pixels, rawOf } from '../../nodes/media/pixels.ts'
import { writeMedia } from '../../nodes/media/write-media.ts'
import type { Image } from '../../nodes/values.ts'
import { nodeOf } from '../nodes/support.ts'
import { makeVideo } from '../support/make-media.ts'
import { type NodeBench, openNodeBench } from '../support/node-bench.ts'

/** Whether this process holds the file open. Only Linux says so. */
async function isOpen(path: string): Promise<boolean> {
  const descriptors = await readdir('/proc/self/fd')
  const targets = await Promise.all(
    descriptors.map(name => readlink(join('/proc/self/fd', name)).catch(() => '')),
  )
  return targets.includes(path)
}

type Work = (bench: NodeBench, images: readonly Image[]) => Promise<unknown>

const { signal } = new AbortController()

const works: readonly (readonly [string, Work])[] = [
  ['one frame is looked at', (_, images) => rawOf(images[0] as Image)],
  [
    'pictures are set side by side',
    (bench, images) =>
      bench.run(nodeOf('ImageStitch'), {
        ...{
          image1: images.slice(0, 1),
          image2: images.slice(1),
          direction: 'right',
          spacing_color: 'white',
        },
        ...{ match_image_size: true, spacing_width: 0 },
      }),
  ],
  [
    'an encoder is not to be had',
    (bench, images) =>
      writeMedia(join(bench.folders.input, 'out.mp4'), {
        format: 'mp4',
        signal,
        pictures: {
          ...{ encoder: 'none-of-these', pixelFormat: 'yuv420p', fps: 10 },
          frames: pixels(images, signal),
        },
      }).catch(() => {}),
  ],
  [
    'pictures are laid upon others',
    (bench, images) =>
      bench.run(nodeOf('ImageCompositeMasked'), {
        ...{ destination: images.slice(0, 1), source: images, x: 0, y: 0, resize_source: false },
      }),
  ],
]

describe.skipIf(process.platform !== 'linux')('a video is closed after', () => {
  test.for(works)('%s', async ([, work]) => {
    const bench = await openNodeBench()
    const path = join(bench.folders.input, 'a.mp4')
    await makeVideo(path, { frames: 4 })
    const asset = await bench.assets.find('a.mp4')
    await work(bench, await framesOf({ asset }))
    await expect.poll(() => isOpen(path), { interval: 5 }).toBe(false)
  })
})
