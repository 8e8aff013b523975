import { join } from 'node:path'
import { expect, test } from 'vitest'
import { engine } from '../../nodes/media/engine.ts'
import { probeVideo } from '../../nodes/media/probe.ts'
import type { Audio, Video } from '../../nodes/values.ts'
import { nodeOf } from '../nodes/support.ts'
import { makeVideo } from '../support/make-media.ts'
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

// Measured at 60 s of 1080p by scripts/bench-media.ts; here the frames are small and as many as would take 207 MB.
test('the frames of a long video are never all in memory', async () => {
  const bench = await openNodeBench()
  await makeVideo(join(bench.folders.input, 'a.mp4'), { frames: 900, fps: 60, width: 320, height: 240 })
  const { VIDEO } = await bench.run(nodeOf('LoadVideo'), { file: 'a.mp4' })
  const { images } = await bench.run(nodeOf('GetVideoComponents'), { video: VIDEO })
  let made: unknown
  const grown = await growthOf(async () => {
    made = (await bench.run(nodeOf('CreateVideo'), { images, fps: 60 })).VIDEO
  })
  expect((await probeVideo((made as Video).asset)).frames).toBe(900)
  expect(grown).toBeLessThan(130 * MB)
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
