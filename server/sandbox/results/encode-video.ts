/**
 * Run as a program of its own: writes a small H.264 mp4 to standard output. A process, because the encoder's hardware probes
 * print straight to file descriptor 2, which nothing inside a process can keep off the terminal.
 */
import { registerMediabunnyServer } from '@mediabunny/server'
import { BufferTarget, Mp4OutputFormat, Output, VideoSample, VideoSampleSource } from 'mediabunny'

const width = 320
const height = 240
const framesPerSecond = 8
const frames = 16

registerMediabunnyServer()
const target = new BufferTarget()
const output = new Output({ format: new Mp4OutputFormat({ fastStart: 'in-memory' }), target })
const source = new VideoSampleSource({ codec: 'avc', bitrate: 400_000 })
output.addVideoTrack(source, { frameRate: framesPerSecond })
await output.start()
for (let index = 0; index < frames; index++) {
  const sample = new VideoSample(drawFrame(index), {
    format: 'RGBA',
    codedWidth: width,
    codedHeight: height,
    timestamp: index / framesPerSecond,
    duration: 1 / framesPerSecond,
  })
  await source.add(sample)
  sample.close()
}
await output.finalize()
if (target.buffer === null) throw new Error('the encoder gave no bytes')
process.stdout.write(new Uint8Array(target.buffer))

/** A dusk gradient with a sun that crosses it. */
function drawFrame(index: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 4)
  const sunX = (width * (index + 1)) / (frames + 1)
  const sunY = height * 0.55 - Math.sin((Math.PI * (index + 1)) / (frames + 1)) * height * 0.35
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4
      const sun = Math.hypot(x - sunX, y - sunY) < 26
      pixels[at] = sun ? 255 : 40 + (170 * y) / height
      pixels[at + 1] = sun ? 214 : 40 + (60 * y) / height
      pixels[at + 2] = sun ? 120 : 120 - (40 * y) / height
      pixels[at + 3] = 255
    }
  }
  return pixels
}
