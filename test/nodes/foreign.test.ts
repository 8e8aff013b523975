import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeMedia } from '../../nodes/media/write-media.ts'
import { say } from '../../words/index.ts'
import { openNodeBench } from '../support/node-bench.ts'
import { nodeOf } from './support.ts'

async function* greys() {
  for (let index = 0; index < 5; index++) {
    yield { width: 64, height: 48, channels: 3 as const, data: new Uint8Array(64 * 48 * 3).fill(index * 40) }
  }
}

test.each([
  ['avi', 'avi', 'mpeg4'],
  ['flv', 'flv', 'flv'],
  ['wmv', 'asf', 'wmv2'],
  ['mpg', 'mpeg', 'mpeg1video'],
])('a real %s file is named with its container and what to do', async (extension, container, encoder) => {
  const bench = await openNodeBench()
  const name = `我的 clip.${extension}`
  await writeMedia(join(bench.folders.input, name), {
    format: container,
    pictures: { encoder, pixelFormat: 'yuv420p', frames: greys(), fps: 25 },
    signal: new AbortController().signal,
  })
  const format = extension === 'mpg' ? 'MPEG' : extension.toUpperCase()
  const video = await bench.run(nodeOf('LoadVideo'), { file: name }).catch((error: unknown) => error)
  const sound = await bench.run(nodeOf('LoadAudio'), { audio: name }).catch((error: unknown) => error)
  expect(video).toMatchObject({
    code: 'video-unreadable',
    message: `"${name}" cannot be read as a video: ${format} files cannot be opened here`,
    hint: `Convert it to MP4, with any converter or: ffmpeg -i "${name}" "我的 clip.mp4"`,
  })
  expect(sound).toMatchObject({
    code: 'audio-unreadable',
    hint: `Convert it to WAV or MP3, with any converter or: ffmpeg -i "${name}" "我的 clip.wav"`,
  })
  const { message, hint } = video as { message: string; hint: string }
  expect(say(message, 'zh')).toBe(`无法把 “${name}” 读作视频：此处无法打开 ${format} 文件`)
  expect(say(hint, 'zh')).toBe(`请转换为 MP4：用任意转换工具，或运行 ffmpeg -i "${name}" "我的 clip.mp4"`)
})
