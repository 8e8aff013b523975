import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeContext } from '../nodes/context.ts'
import { allNodes } from '../nodes/index.ts'
import { probeVideo } from '../nodes/media/probe.ts'
import type { RawImage } from '../nodes/media/raw-image.ts'
import { writeMedia } from '../nodes/media/write-media.ts'
import { createAssetStore } from '../server/assets/index.ts'
import { systemClock } from '../server/shared/clock.ts'

/**
 * Long media through the nodes, with the memory they take: `node scripts/bench-media.ts [seconds] [width] [height]`. Not a test: it takes
 * minutes. The bound that tests keep is in test/media/memory.test.ts.
 */
const [seconds = 60, width = 1920, height = 1080] = process.argv.slice(2).map(Number)
const fps = 30
const root = await mkdtemp(join(tmpdir(), 'rh-media-'))
const folders = {
  input: join(root, 'input'),
  output: join(root, 'output'),
  temp: join(root, 'temp'),
  results: join(root, 'results'),
}
const store = createAssetStore(folders, systemClock)
const { signal } = new AbortController()
const assets = store.accessFor(undefined)
const context = { nodeId: '1', signal, report() {}, assets } as unknown as NodeContext

async function* movingPicture(frames: number): AsyncGenerator<RawImage> {
  const data = new Uint8Array(width * height * 3)
  for (let frame = 0; frame < frames; frame++) {
    for (let y = 0; y < height; y++) {
      data.fill((y + frame * 4) & 255, y * width * 3, (y + 1) * width * 3)
    }
    yield { width, height, channels: 3, data: data.slice() }
  }
}

function* tone() {
  for (let second = 0; second < seconds; second++) {
    const data = Float32Array.from({ length: 88_200 }, (_, index) => Math.sin(index / 30) * 0.3)
    yield { data, channels: 2, sampleRate: 44_100 }
  }
}

/** Runs a node and says how long it took and how much more memory there was at most. */
async function run(type: string, inputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  const node = allNodes.find(({ type: id }) => id === type)
  if (!node) throw new Error(`no node ${type}`)
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 20)
  const start = performance.now()
  const outputs = await node.execute({ inputs, more: {}, ...context })
  clearInterval(timer)
  const took = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${type.padEnd(20)} ${took.padStart(7)} s   +${Math.round((most - before) / 1e6)} MB`)
  return outputs
}

try {
  const source = await assets.produce('source.mp4', path =>
    writeMedia(path, {
      format: 'mp4',
      signal,
      pictures: {
        encoder: 'libx264',
        pixelFormat: 'yuv420p',
        options: { crf: 23, preset: 'ultrafast' },
        fps,
        frames: movingPicture(seconds * fps),
      },
      sound: { encoder: 'aac', sound: tone() },
    }),
  )
  const { times: _times, ...facts } = await probeVideo(source)
  console.log(`${width}x${height}, ${facts.frames} frames, ${(source.sizeBytes / 1e6).toFixed(1)} MB`)
  const video = { kind: 'video', asset: source }
  const parts = await run('GetVideoComponents', { video })
  const combine = { frame_rate: fps, loop_count: 0, filename_prefix: 'x', pingpong: false, save_output: true }
  await run('VHS_VideoCombine', {
    ...combine,
    images: parts.images,
    audio: parts.audio,
    format: 'video/h264-mp4',
  })
  const created = await run('CreateVideo', { images: parts.images, audio: parts.audio, fps })
  await run('SaveVideo', { video: created.VIDEO, filename_prefix: 'y', format: 'auto', codec: 'auto' })
  await run('SaveAudio', { audio: { kind: 'audio', asset: source }, filename_prefix: 'z' })
} finally {
  await rm(root, { recursive: true, force: true })
}
