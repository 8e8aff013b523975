import { join } from 'node:path'
import { expect, test } from 'vitest'
import { engine } from '../../nodes/media/engine.ts'
import { probeVideo } from '../../nodes/media/probe.ts'
import type { RawImage } from '../../nodes/media/raw-image.ts'
import { writeMedia } from '../../nodes/media/write-media.ts'
import type { Audio } from '../../nodes/values.ts'
import { nodeOf } from '../nodes/support.ts'
import { greyOf } from '../support/make-media.ts'
import { openNodeBench } from '../support/node-bench.ts'

/** The most memory that `work` takes beyond what was taken before, in bytes. */
async function growthOf(work: () => Promise<unknown>): Promise<number> {
  await engine()
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 10)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return most - before
}

const MB = 1e6

const full = { width: 1920, height: 1080, channels: 3 } as const

async function* greyFrames(count: number): AsyncGenerator<RawImage> {
  const data = new Uint8Array(full.width * full.height * 3)
  for (let index = 0; index < count; index++) yield { ...full, data: data.fill(greyOf(index)) }
}

// A minute of it is measured by scripts/bench-media.ts. All frames are 400 MB as pixels and 200 MB as they are decoded; the encoder takes 120 MB,
// and the 40 frames that a decoder may be ahead of it took another 125.
test('the frames of a video are never all in memory, nor does the decoder run ahead of the encoder', async () => {
  const bench = await openNodeBench()
  const frames = 64
  await writeMedia(join(bench.folders.input, 'a.mp4'), {
    format: 'mp4',
    signal: new AbortController().signal,
    pictures: {
      ...{ encoder: 'libx264', pixelFormat: 'yuv420p', options: { preset: 'ultrafast' } },
      ...{ fps: 30, frames: greyFrames(frames) },
    },
  })
  const { VIDEO } = await bench.run(nodeOf('LoadVideo'), { file: 'a.mp4' })
  const { images } = await bench.run(nodeOf('GetVideoComponents'), { video: VIDEO })
  let made: unknown
  const grown = await growthOf(async () => {
    made = await bench.run(nodeOf('VHS_VideoCombine'), {
      ...{ images, frame_rate: 30, loop_count: 0, filename_prefix: 'x', format: 'video/h264-mp4' },
      ...{ pingpong: false, save_output: true },
    })
  })
  const { Filenames } = made as { Filenames: readonly [boolean, readonly string[]] }
  const video = await bench.assets.findPath(Filenames[1].at(-1) ?? '')
  expect((await probeVideo(video)).frames).toBe(frames)
  expect(grown).toBeLessThan(260 * MB)
})

test('the samples of a long sound are never all in memory', async () => {
  const bench = await openNodeBench()
  const empty = { duration: 400, sample_rate: 44_100, channels: 2 }
  const { AUDIO } = await bench.run(nodeOf('EmptyAudio'), empty)
  const grown = await growthOf(() =>
    bench.run(nodeOf('SaveAudio'), { audio: AUDIO as Audio, filename_prefix: 'x' }),
  )
  // Decoded it is 141 MB.
  expect(grown).toBeLessThan(90 * MB)
})
