import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { SavedFile } from '../../nodes/context.ts'
import { createCatalogue } from '../../nodes/index.ts'
import { framesOf, pixels } from '../../nodes/media/pixels.ts'
import { probeAudio, probeVideo } from '../../nodes/media/probe.ts'
import { audioLength } from '../../nodes/media/sound.ts'
import type { Audio, Image } from '../../nodes/values.ts'
import { readWorkflow } from '../../server/workflow/index.ts'
import { greyOf, makeSound, makeVideo } from '../support/make-media.ts'
import { type NodeBench, openNodeBench } from '../support/node-bench.ts'
import { animation, images, nodeOf, picture } from './support.ts'

const combine = nodeOf('VHS_VideoCombine')
const loaded = nodeOf('VHS_LoadVideo')

const defaults = {
  frame_rate: 10,
  loop_count: 0,
  filename_prefix: 'v',
  format: 'video/h264-mp4',
  pingpong: false,
  save_output: true,
}
const loadDefaults = {
  force_rate: 0,
  custom_width: 0,
  custom_height: 0,
  frame_load_cap: 0,
  skip_first_frames: 0,
  select_every_nth: 1,
}

type Shown = SavedFile & Record<string, unknown>
const shownOf = (outputs: Record<string, unknown>) => (outputs.ui as { gifs: Shown[] }).gifs[0] as Shown
const pathsOf = (outputs: Record<string, unknown>) => (outputs.Filenames as [boolean, string[]])[1]
const namesOf = (outputs: Record<string, unknown>) => pathsOf(outputs).map(path => path.split('/').at(-1))

async function greysOf(batch: readonly Image[]): Promise<number[]> {
  const greys = []
  for await (const { data, width, height, channels } of pixels(batch, undefined)) {
    greys.push(data[(Math.floor(height / 2) * width + Math.floor(width * 0.75)) * channels] as number)
  }
  return greys
}

/** Which frames of the made video these are. */
const numbersOf = async (batch: readonly Image[]) =>
  (await greysOf(batch)).map(grey => Math.round((grey - greyOf(0)) / (greyOf(1) - greyOf(0))))

async function openFrames(wish: Parameters<typeof makeVideo>[1] = {}, metadata?: Record<string, unknown>) {
  const bench = await openNodeBench(metadata && { metadata })
  await makeVideo(join(bench.folders.input, 'a.mp4'), wish)
  const asset = await bench.assets.find('a.mp4')
  return { bench, batch: await framesOf({ asset }), asset }
}

describe('VHS_VideoCombine', () => {
  test('writes an MP4 and a PNG of the first picture that carries the graph, and tells of them as the pack does', async () => {
    const prompt = { '1': { class_type: 'VHS_VideoCombine', inputs: {} } }
    const { bench, batch } = await openFrames({ frames: 12 }, { prompt })
    const outputs = await bench.run(combine, { ...defaults, images: batch, filename_prefix: 'sub/v' })
    expect(namesOf(outputs)).toEqual(['v_00001.png', 'v_00001.mp4'])
    const shown = shownOf(outputs)
    expect(shown).toMatchObject({
      filename: 'v_00001.mp4',
      subfolder: 'sub',
      type: 'output',
      format: 'video/h264-mp4',
      frame_rate: 10,
      workflow: 'v_00001.png',
      fullpath: join(bench.folders.output, 'sub', 'v_00001.mp4'),
    })
    expect(await probeVideo(shown.asset)).toMatchObject({ frames: 12, fps: 10, codec: 'avc' })
    for (const path of pathsOf(outputs)) {
      const read = readWorkflow(await readFile(path), { catalogue: createCatalogue([]) })
      expect(Object.keys(read.prompt)).toEqual(['1'])
    }
    const again = await bench.run(combine, { ...defaults, images: batch, filename_prefix: 'sub/v' })
    expect(namesOf(again)).toEqual(['v_00002.png', 'v_00002.mp4'])
  })

  test('with sound writes a silent video too, and reports the one with sound, as long as the pictures', async () => {
    const { bench, batch, asset } = await openFrames({ frames: 20, sound: 1 })
    const audio = { kind: 'audio', asset }
    const outputs = await bench.run(combine, { ...defaults, images: batch, audio })
    expect(namesOf(outputs)).toEqual(['v_00001.png', 'v_00001.mp4', 'v_00001-audio.mp4'])
    const { asset: whole } = shownOf(outputs)
    expect(await probeVideo(whole)).toMatchObject({ frames: 20, hasAudio: true })
    expect((await probeAudio(whole)).duration).toBeCloseTo(2, 1)
    const silent = { ...whole, path: pathsOf(outputs)[1] ?? '', sha256: 'silent' }
    expect(await probeVideo(silent)).toMatchObject({ frames: 20, hasAudio: false })
    expect(await numbersOf(await framesOf({ asset: silent }))).toEqual(batch.map((_, index) => index))
  })

  test('can be as long as its sound', async () => {
    const { bench, batch, asset } = await openFrames({ frames: 20, sound: 1 })
    const audio = { kind: 'audio', asset }
    const outputs = await bench.run(combine, { ...defaults, images: batch, audio, trim_to_audio: true })
    expect((await probeVideo(shownOf(outputs).asset)).frames).toBe(10)
  })

  test('plays back and forth, and as often as it loops', async () => {
    const { bench, batch } = await openFrames({ frames: 4 })
    const outputs = await bench.run(combine, { ...defaults, images: batch, pingpong: true, loop_count: 1 })
    const made = await framesOf({ asset: shownOf(outputs).asset })
    expect(await numbersOf(made)).toEqual([0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1])
  })

  test('goes into the temp folder when it is not to be saved, by the old name of that switch too', async () => {
    const { bench, batch } = await openFrames({ frames: 2 })
    const outputs = await bench.run(combine, { ...defaults, images: batch, save_output: false })
    expect(shownOf(outputs).type).toBe('temp')
    expect((outputs.Filenames as unknown[])[0]).toBe(false)
    const old = await bench.run(combine, { ...defaults, images: batch }, { more: { save_image: false } })
    expect(shownOf(old).type).toBe('temp')
  })

  test('leaves the graph out when asked to', async () => {
    const { bench, batch } = await openFrames({ frames: 2 }, { prompt: { '1': {} } })
    const outputs = await bench.run(combine, { ...defaults, images: batch, save_metadata: false })
    expect((await readFile(shownOf(outputs).asset.path)).includes('prompt')).toBe(false)
  })

  test('of no pictures makes nothing', async () => {
    const bench = await openNodeBench()
    expect(await bench.run(combine, { ...defaults, images: [] })).toEqual({ Filenames: [true, []] })
  })

  test.each([
    ['video/h264-mp4', { pix_fmt: 'yuv420p10le' }, 'mp4', { codec: 'avc', bits: 10 }],
    ['video/h265-mp4', {}, 'mp4', { codec: 'hevc', bits: 10 }],
    ['video/webm', { pix_fmt: 'yuva420p' }, 'webm', { codec: 'vp9', hasAlpha: true }],
    ['video/av1-webm', {}, 'webm', { codec: 'av1', bits: 10 }],
    ['video/ProRes', { profile: 'hq' }, 'mov', { codec: 'prores' }],
    ['video/nvenc_h264-mp4', { bitrate: 2, megabit: true }, 'mp4', { codec: 'avc' }],
    ['video/nvenc_hevc-mp4', { bitrate: 800, megabit: false }, 'mp4', { codec: 'hevc' }],
    ['video/nvenc_av1-mp4', {}, 'mp4', { codec: 'av1' }],
  ])('%s with %j', async (format, more, extension, facts) => {
    const { bench, asset } = await openFrames({ frames: 6, sound: 0.6 })
    const still = await bench.input('p.png', await picture(161, 121, '#8040c080').png().toBuffer())
    const batch = Array.from({ length: 6 }, () => ({ kind: 'image', asset: still }))
    const outputs = await bench.run(
      combine,
      { ...defaults, format, images: batch, audio: { kind: 'audio', asset } },
      { more },
    )
    const shown = shownOf(outputs)
    expect(shown.filename).toBe(`v_00001-audio.${extension}`)
    expect(await probeVideo(shown.asset)).toMatchObject({
      frames: 6,
      fps: 10,
      width: 162,
      height: 122,
      ...facts,
    })
    expect((await probeAudio(shown.asset)).duration).toBeCloseTo(0.6, 1)
    const [frame] = await framesOf({ asset: shown.asset })
    for await (const { data } of pixels([frame as Image], undefined)) {
      for (const [channel, value] of [0x80, 0x40, 0xc0].entries())
        expect(Math.abs((data[channel] ?? 0) - value), `channel ${channel}`).toBeLessThan(8)
    }
  })

  test('video/ffv1-mkv', async () => {
    const { bench, batch } = await openFrames({ frames: 3 })
    const outputs = await bench.run(combine, { ...defaults, format: 'video/ffv1-mkv', images: batch })
    expect(namesOf(outputs)).toEqual(['v_00001.png', 'v_00001.mkv'])
    expect((await readFile(pathsOf(outputs)[1] ?? '')).includes('V_FFV1')).toBe(true)
  })

  test.each([
    ['image/gif', 'gif'],
    ['image/webp', 'webp'],
    ['video/ffmpeg-gif', 'gif'],
    ['video/gifski', 'gif'],
  ])('%s is an animation', async (format, extension) => {
    const { bench, batch } = await openFrames({ frames: 5 })
    const outputs = await bench.run(combine, { ...defaults, format, images: batch, loop_count: 3 })
    const { asset, filename } = shownOf(outputs)
    expect(filename).toBe(`v_00001.${extension}`)
    expect(await sharp(asset.path).metadata()).toMatchObject({ pages: 5, delay: Array(5).fill(100) })
    // How often it is shown again; a GIF's reader counts the first time too.
    expect((await sharp(asset.path).metadata()).loop).toBe(extension === 'gif' ? 4 : 3)
    expect(await numbersOf(await framesOf({ asset }))).toEqual([0, 1, 2, 3, 4])
  })

  test.each([
    ['video/8bit-png', 'uchar'],
    ['video/16bit-png', 'ushort'],
  ])('%s is a row of pictures', async (format, depth) => {
    const { bench, batch } = await openFrames({ frames: 3 })
    const outputs = await bench.run(combine, { ...defaults, format, images: batch })
    expect(namesOf(outputs)).toEqual(['v_00001.png', 'v_00001.001.png', 'v_00001.002.png', 'v_00001.003.png'])
    expect((await sharp(pathsOf(outputs)[1]).metadata()).depth).toBe(depth)
  })
})

describe('VHS_LoadVideo', () => {
  async function load(wish: Parameters<typeof makeVideo>[1], choice: Record<string, unknown>) {
    const { bench } = await openFrames(wish)
    return bench.run(loaded, { video: 'a.mp4', ...loadDefaults, ...choice })
  }

  test('gives frames, their count, sound and numbers', async () => {
    const outputs = await load({ frames: 20, fps: 10, sound: 2 }, {})
    expect(outputs.frame_count).toBe(20)
    expect(images(outputs, 'IMAGE').map(({ page }) => page)).toEqual(
      Array.from({ length: 20 }, (_, page) => page),
    )
    expect(await audioLength(outputs.audio as Audio)).toBeCloseTo(2, 1)
    expect(outputs.video_info).toEqual({
      source_fps: 10,
      source_frame_count: 20,
      source_duration: 2,
      source_width: 64,
      source_height: 48,
      loaded_fps: 10,
      loaded_frame_count: 20,
      loaded_duration: 2,
      loaded_width: 64,
      loaded_height: 48,
    })
    const info = await (await openNodeBench()).run(nodeOf('VHS_VideoInfo'), {
      video_info: outputs.video_info,
    })
    expect(Object.values(info)).toEqual([10, 20, 2, 64, 48, 10, 20, 2, 64, 48])
  })

  test.each([
    [{ skip_first_frames: 3, frame_load_cap: 4 }, [3, 4, 5, 6]],
    [{ select_every_nth: 6 }, [0, 6, 12, 18]],
    [{ force_rate: 5 }, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]],
    [{ force_rate: 20, frame_load_cap: 5 }, [0, 1, 1, 2, 2]],
    [{ force_rate: 5, select_every_nth: 2, skip_first_frames: 1 }, [2, 6, 10, 14, 18]],
  ])('with %j loads %j', async (choice, pages) => {
    const outputs = await load({ frames: 20, fps: 10, sound: 2 }, choice)
    expect(images(outputs, 'IMAGE').map(({ page }) => page)).toEqual(pages)
  })

  test('cuts the sound to the frames', async () => {
    const outputs = await load(
      { frames: 20, fps: 10, sound: 2 },
      { skip_first_frames: 5, frame_load_cap: 10 },
    )
    expect(outputs.audio).toMatchObject({ from: 0.5, to: 1.5 })
  })

  test.each([
    [{ custom_width: 32 }, [32, 24]],
    [{ custom_height: 100 }, [136, 104]],
    [{ custom_width: 50, custom_height: 50 }, [48, 48]],
  ])('with %j the pictures are %j', async (choice, size) => {
    const outputs = await load({ frames: 8 }, choice)
    const made = images(outputs, 'IMAGE')
    expect(made).toHaveLength(8)
    for await (const raw of pixels(made, undefined)) expect([raw.width, raw.height]).toEqual(size)
    expect(await numbersOf(made)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(outputs.video_info).toMatchObject({ loaded_width: size[0], loaded_height: size[1] })
  })

  test('takes a GIF', async () => {
    const bench = await openNodeBench()
    await bench.input('a.gif', await animation('gif', ['#ff0000', '#00ff00', '#0000ff']))
    const outputs = await bench.run(loaded, { video: 'a.gif', ...loadDefaults })
    expect(outputs.frame_count).toBe(3)
    expect(outputs.audio).toMatchObject({ kind: 'absent' })
  })

  test('says that nothing is left', async () => {
    await expect(load({ frames: 3 }, { skip_first_frames: 9 })).rejects.toMatchObject({
      message: 'No frame of "a.mp4" is left: it has 3.',
    })
  })

  test('reads the widgets of older files', () => {
    const migrate = (values: unknown[]) => loaded.migrateWidgets?.(values, { outputs: 4 })
    expect(migrate(['a.mp4', 0, '512x?', 16, 2, 1])).toEqual(['a.mp4', 0, 512, 0, 16, 2, 1])
    expect(migrate(['a.mp4', 0, 'Disabled', 16, 2, 1])).toEqual(['a.mp4', 0, 0, 0, 16, 2, 1])
    expect(migrate(['a.mp4', 0, 0, 512, 16, 2, 1])).toEqual(['a.mp4', 0, 0, 512, 16, 2, 1])
  })
})

describe('files by their path', () => {
  const byPath = (bench: NodeBench, video: string) =>
    bench.run(nodeOf('VHS_LoadVideoPath'), { video, ...loadDefaults })

  test('are taken from the own folders, and from those that were allowed', async () => {
    const allowed = await openNodeBench()
    await makeVideo(join(allowed.folders.input, 'b.mp4'), { frames: 2 })
    const bench = await openNodeBench({ allowDirs: [allowed.folders.input] })
    await makeVideo(join(bench.folders.input, 'a.mp4'), { frames: 3 })
    expect((await byPath(bench, join(bench.folders.input, 'a.mp4'))).frame_count).toBe(3)
    expect((await byPath(bench, 'input/a.mp4')).frame_count).toBe(3)
    expect((await byPath(bench, ` "${join(allowed.folders.input, 'b.mp4')}" `)).frame_count).toBe(2)
  })

  test.each(['/etc/hostname', '/etc/there-is-no-such-file', 'input/../../../etc/hostname'])(
    'are refused elsewhere: %s',
    async path => {
      const bench = await openNodeBench()
      await expect(byPath(bench, path)).rejects.toMatchObject({ code: 'path-not-allowed' })
      const check = nodeOf('VHS_LoadVideoPath').validate.get('video')
      expect((await check?.(path, { assets: bench.assets }))?.hint).toContain('--allow-dir')
    },
  )

  test('are refused behind a link that leads elsewhere', async () => {
    const other = await openNodeBench()
    await makeVideo(join(other.folders.input, 'b.mp4'))
    const bench = await openNodeBench()
    await mkdir(bench.folders.input, { recursive: true })
    await symlink(other.folders.input, join(bench.folders.input, 'link'))
    await expect(byPath(bench, 'input/link/b.mp4')).rejects.toMatchObject({ code: 'path-not-allowed' })
  })

  test.each(['', 'a.mp4', 'input/none.mp4', 'input/'])(
    'that are none are said to be none: %j',
    async path => {
      const bench = await openNodeBench()
      await expect(byPath(bench, path)).rejects.toMatchObject({ code: 'input-missing' })
    },
  )

  test('may be sounds, in part', async () => {
    const bench = await openNodeBench()
    await makeSound(join(bench.folders.input, 'a.wav'), { seconds: 2 })
    const inputs = { audio_file: 'input/a.wav', seek_seconds: 0.5, duration: 1 }
    expect(await bench.run(nodeOf('VHS_LoadAudio'), inputs)).toMatchObject({
      audio: { from: 0.5, to: 1.5 },
      duration: 1,
    })
    const upload = await bench.run(nodeOf('VHS_LoadAudioUpload'), { audio: 'a.wav', start_time: 0.5 })
    expect(upload.duration).toBeCloseTo(1.5, 3)
  })
})
