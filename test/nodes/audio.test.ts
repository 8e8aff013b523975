import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { SavedFile } from '../../nodes/context.ts'
import { engine } from '../../nodes/media/engine.ts'
import { probeAudio } from '../../nodes/media/probe.ts'
import { audioLength, soundOf } from '../../nodes/media/sound.ts'
import type { Audio } from '../../nodes/values.ts'
import { makeSound, makeVideo } from '../support/make-media.ts'
import { type NodeBench, openNodeBench } from '../support/node-bench.ts'
import { nodeOf } from './support.ts'

async function openSound(
  name: string,
  wish?: Parameters<typeof makeSound>[1],
  options?: Parameters<typeof openNodeBench>[0],
): Promise<{ bench: NodeBench; audio: Audio }> {
  const bench = await openNodeBench(options)
  await makeSound(join(bench.folders.input, name), wish)
  const { AUDIO } = await bench.run(nodeOf('LoadAudio'), { audio: name })
  return { bench, audio: AUDIO as Audio }
}

/** How many samples a sound has and how loud it is at most. */
async function listen(audio: Audio) {
  let samples = 0
  let peak = 0
  for await (const { data, channels } of soundOf(audio, undefined)) {
    samples += data.length / channels
    for (const value of data) peak = Math.max(peak, Math.abs(value))
  }
  return { samples, peak }
}

const savedOf = (outputs: Record<string, unknown>) =>
  (outputs.ui as { audio: SavedFile[] }).audio[0] as SavedFile
const heard = (file: SavedFile): Audio => ({ kind: 'audio', asset: file.asset })

async function tagsOf(path: string) {
  const { bunny } = await engine()
  using input = new bunny.Input({ source: new bunny.FilePathSource(path), formats: bunny.ALL_FORMATS })
  return (await input.getMetadataTags()).raw ?? {}
}

describe('LoadAudio', () => {
  test.each(['wav', 'flac', 'mp3', 'ogg', 'm4a'])('loads %s', async extension => {
    const { audio } = await openSound(`a.${extension}`, { seconds: 1 })
    const { samples, peak } = await listen(audio)
    const { sampleRate } = await probeAudio(audio.asset)
    expect(samples / sampleRate).toBeCloseTo(1, 0)
    expect(peak).toBeGreaterThan(0.3)
  })

  test('takes the sound of a video', async () => {
    const bench = await openNodeBench()
    await makeVideo(join(bench.folders.input, 'a.mp4'), { sound: 1 })
    const { AUDIO } = await bench.run(nodeOf('LoadAudio'), { audio: 'a.mp4' })
    expect((await listen(AUDIO as Audio)).peak).toBeGreaterThan(0.3)
  })

  test.each([
    ['damaged.mp3', 'this is no sound', 'the file is damaged or holds no sound'],
    ['empty.wav', '', 'the file is empty'],
  ])('says of %s why it cannot be read', async (name, content, why) => {
    const bench = await openNodeBench()
    await bench.input(name, content)
    await expect(bench.run(nodeOf('LoadAudio'), { audio: name })).rejects.toMatchObject({
      code: 'audio-unreadable',
      message: `"${name}" cannot be read as audio: ${why}`,
    })
  })

  test('is told before it runs that its file is missing', async () => {
    const bench = await openNodeBench()
    const check = nodeOf('LoadAudio').validate.get('audio')
    expect(await check?.('none.wav', { assets: bench.assets })).toMatchObject({
      message: 'Invalid audio file: none.wav',
    })
  })
})

describe('saving sound', () => {
  const metadata = { prompt: { '1': { class_type: 'LoadAudio' } } }

  test('as FLAC keeps every sample and names its file as ComfyUI does', async () => {
    const { bench, audio } = await openSound('a.wav', { seconds: 1.234 }, { metadata })
    const outputs = await bench.run(nodeOf('SaveAudio'), { audio, filename_prefix: 'audio/x' })
    const file = savedOf(outputs)
    expect(file).toMatchObject({ filename: 'x_00001.flac', subfolder: 'audio', type: 'output' })
    expect(outputs.AUDIO).toBe(audio)
    expect(await listen(heard(file))).toEqual(await listen(audio))
    expect(await tagsOf(file.asset.path)).toMatchObject({ PROMPT: '{"1":{"class_type":"LoadAudio"}}' })
  })

  test.each([
    ['SaveAudioMP3', { quality: 'V0' }, 'mp3', 'mp3'],
    ['SaveAudioMP3', { quality: '128k' }, 'mp3', 'mp3'],
    ['SaveAudioOpus', { quality: '96k' }, 'opus', 'opus'],
    ['SaveAudioAdvanced', { format: 'mp3', 'format.quality': '320k' }, 'mp3', 'mp3'],
    ['SaveAudioAdvanced', { format: 'opus', 'format.quality': '64k' }, 'opus', 'opus'],
    ['SaveAudioAdvanced', { format: 'flac' }, 'flac', 'flac'],
  ])('%s %j writes .%s', async (type, inputs, extension, codec) => {
    const { bench, audio } = await openSound('a.wav', { seconds: 1 }, { metadata })
    const file = savedOf(await bench.run(nodeOf(type), { audio, filename_prefix: 'x', ...inputs }))
    expect(file.filename).toBe(`x_00001.${extension}`)
    const facts = await probeAudio(file.asset)
    expect(facts.codec).toBe(codec)
    expect(Math.abs(facts.duration - 1)).toBeLessThan(0.06)
    expect((await listen(heard(file))).peak).toBeGreaterThan(0.3)
    const tags = await tagsOf(file.asset.path)
    expect(JSON.stringify(tags)).toContain('LoadAudio')
  })

  test('as MP3 keeps the bytes of an MP3', async () => {
    const { bench, audio } = await openSound('a.mp3')
    const file = savedOf(
      await bench.run(nodeOf('SaveAudioMP3'), { audio, filename_prefix: 'x', quality: 'V0' }),
    )
    expect(file.asset.sha256).toBe(audio.asset.sha256)
  })

  test('for a look puts it into the temp folder', async () => {
    const { bench, audio } = await openSound('a.mp3')
    const whole = savedOf(await bench.run(nodeOf('PreviewAudio'), { audio }))
    expect(whole).toMatchObject({ type: 'temp' })
    expect(whole.filename).toMatch(/^ComfyUI_temp_[a-z]{5}_00001\.mp3$/)
    const part = savedOf(await bench.run(nodeOf('PreviewAudio'), { audio: { ...audio, from: 0.5 } }))
    expect(part.filename).toMatch(/\.flac$/)
    expect(await audioLength(heard(part))).toBeCloseTo((await audioLength(audio)) - 0.5, 2)
  })
})

describe('TrimAudioDuration', () => {
  const trim = (bench: NodeBench, audio: Audio, start_index: number, duration: number) =>
    bench.run(nodeOf('TrimAudioDuration'), { audio, start_index, duration })

  test('cuts to the sample, also what was cut before', async () => {
    const { bench, audio } = await openSound('a.wav', { seconds: 2 })
    const once = (await trim(bench, audio, 0.5, 1)).AUDIO as Audio
    expect((await listen(once)).samples).toBe(44_100)
    const twice = (await trim(bench, once, 0.25, 60)).AUDIO as Audio
    expect(twice).toMatchObject({ from: 0.75, to: 1.5 })
    expect((await listen(twice)).samples).toBe(33_075)
  })

  test('counts a negative start from the end', async () => {
    const { bench, audio } = await openSound('a.wav', { seconds: 2 })
    expect((await trim(bench, audio, -0.5, 60)).AUDIO).toMatchObject({ from: 1.5, to: 2 })
  })

  test.each([
    [5, 1],
    [0, 0],
  ])('says that nothing is left from %d for %d seconds', async (start, duration) => {
    const { bench, audio } = await openSound('a.wav', { seconds: 1 })
    await expect(trim(bench, audio, start, duration)).rejects.toMatchObject({
      code: 'empty-sound',
      message: 'Nothing is left of "a.wav": it is 1.00 seconds long.',
    })
  })
})

test('EmptyAudio is silence of that length, rate and width', async () => {
  const bench = await openNodeBench()
  const { AUDIO } = await bench.run(nodeOf('EmptyAudio'), { duration: 1.5, sample_rate: 22_050, channels: 1 })
  expect(await probeAudio((AUDIO as Audio).asset)).toMatchObject({ sampleRate: 22_050, channels: 1 })
  expect(await listen(AUDIO as Audio)).toEqual({ samples: 33_075, peak: 0 })
})

describe('AudioConcat', () => {
  test.each([
    ['after', [0.4, 0]],
    ['before', [0, 0.4]],
  ])('puts the second %s the first', async (direction, peaks) => {
    const { bench, audio } = await openSound('a.wav', { seconds: 1 })
    const empty = await bench.run(nodeOf('EmptyAudio'), { duration: 1, sample_rate: 44_100, channels: 1 })
    const { AUDIO } = await bench.run(nodeOf('AudioConcat'), {
      audio1: audio,
      audio2: empty.AUDIO,
      direction,
    })
    const whole = AUDIO as Audio
    expect((await listen(whole)).samples).toBe(88_200)
    const halves = await Promise.all([listen({ ...whole, to: 1 }), listen({ ...whole, from: 1 })])
    halves.forEach((half, index) => {
      expect(half.peak).toBeCloseTo(peaks[index] ?? -1, 2)
    })
  })

  test('takes the higher of two rates', async () => {
    const { bench, audio } = await openSound('a.wav', { seconds: 1, sampleRate: 22_050 })
    const empty = await bench.run(nodeOf('EmptyAudio'), { duration: 0.5, sample_rate: 48_000, channels: 2 })
    const { AUDIO } = await bench.run(nodeOf('AudioConcat'), {
      audio1: audio,
      audio2: empty.AUDIO,
      direction: 'after',
    })
    const { samples, peak } = await listen(AUDIO as Audio)
    expect(Math.abs(samples - 72_000)).toBeLessThan(20)
    expect(peak).toBeCloseTo(0.4, 1)
    expect(await probeAudio((AUDIO as Audio).asset)).toMatchObject({ sampleRate: 48_000, channels: 2 })
  })
})
