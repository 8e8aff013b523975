import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shippedModels } from '../../nodes/models/index.ts'
import { createBridge } from '../../server/library.ts'
import { createSandbox, type Sandbox } from '../../server/sandbox/index.ts'
import { mediaRows } from '../nodes/definitions-media.ts'
import { runningHubRows } from '../nodes/runninghub-rows.ts'
import { examples, openBench } from './support.ts'

type Words = { name: string; title: string; titleZh: string; description: string; descriptionZh: string }
const jsonOf = async (name: string) => JSON.parse(await readFile(join(examples, `${name}.json`), 'utf8'))

test('every example has its words in two languages and a picture', async () => {
  const shelf = (await jsonOf('index')) as Words[]
  const files = (await readdir(examples)).filter(name => name.endsWith('.json') && name !== 'index.json')
  expect(shelf.map(({ name }) => `${name}.json`).sort()).toEqual(files.sort())
  for (const { name, ...words } of shelf) {
    expect(
      Object.values(words).filter(word => word.trim() === ''),
      name,
    ).toEqual([])
    expect([words.titleZh, words.descriptionZh].join(''), name).toMatch(/\p{Script=Han}/u)
    expect(existsSync(join(examples, `${name}.webp`)), name).toBe(true)
  }
})

test('every node that calls RunningHub, keeps its results or works on media stands in an example', async () => {
  const shelf = (await jsonOf('index')) as Words[]
  const used = new Set<string>()
  for (const { name } of shelf) {
    const { nodes } = (await jsonOf(name)) as { nodes: { type: string }[] }
    for (const { type } of nodes) used.add(type)
  }
  const rows = [...runningHubRows, ...mediaRows]
  expect(rows.map(([type]) => type).filter(type => !used.has(type))).toEqual([])
})

describe('examples of media nodes', { concurrent: true }, () => {
  test.for<[string, string[]]>([
    [
      'video_from_frames',
      [
        'video/one_second_00001_.mp4',
        'video/twice_as_fast_00001_.mp4',
        'waves_0000?_.png',
        'waves_0000?_.webm',
        'waves_0000?_.webp',
      ],
    ],
    [
      'audio_tools',
      [
        'audio/bells_0000?.flac',
        'audio/bells_0000?.mp3',
        'audio/bells_0000?.opus',
        'audio/bells_320_00001.mp3',
        'temp.flac',
      ],
    ],
    [
      'vhs_video',
      ['temp.flac', 'vhs/back_and_forth_00001.gif', 'vhs/small_00001.webp', 'vhs/with_sound_00001-audio.mp4'],
    ],
    ['latent_to_file', ['latents/noise_00001_.latent']],
  ])('%s runs, gives %j, and prints nothing of its libraries', async ([name, files], context) => {
    const { runJson, dataDir } = await openBench(context)
    const { code, report, stderr } = await runJson(join(examples, `${name}.json`))
    expect([code, report.errors, stderr]).toEqual([0, [], ''])
    const saved = report.outputs.flatMap(output =>
      output.files.map(file => relative(join(dataDir, 'output'), file.path)),
    )
    // Which of several savers with one prefix comes first is chance; names in the temp folder are too.
    const named = saved.map(path =>
      path.replace(/^\.\.\/temp\/.*(\.\w+)$/, 'temp$1').replace(/((?:waves|bells)_0000)\d/, '$1?'),
    )
    expect(named.sort()).toEqual(files)
  })
})

describe('examples of RunningHub’s nodes', { concurrent: true }, () => {
  let sandbox: Sandbox
  let folder: string
  beforeAll(async () => {
    sandbox = await createSandbox({ seed: 1, speed: 40, concurrency: 50, models: shippedModels })
    folder = await mkdtemp(join(tmpdir(), 'rh-examples-'))
  })
  afterAll(async () => {
    await sandbox.close()
    await rm(folder, { recursive: true, force: true })
    expect(sandbox.violations()).toEqual([])
  })

  test.for<[string, number, string[]]>([
    ['rh_every_result', 1, ['image', 'video', 'latent', 'text', 'audio']],
    ['rh_uploads', 1, ['video']],
    ['rh_own_graph', 1, ['image']],
    ['rh_quick_create', 1, ['image']],
    ['rh_api_inputs', 3, ['image', 'video', 'latent', 'text', 'audio']],
    ['rh_api_batch', 5, ['image', 'video']],
    ['model_text_to_video', 1, ['video']],
    ['model_image_edit', 2, ['image']],
    ['model_every_medium', 3, ['audio', 'model3d']],
  ])('%s runs with %i tasks and gives files of every kind', async ([name, tasks, kinds]) => {
    // A key each: the tasks of one key are asked after in turn. A shared one, which may call standard models.
    const apiKey = `${name}-shared`.padEnd(32, '0')
    await using bridge = await createBridge({ dataDir: join(folder, name), baseUrl: sandbox.url, apiKey })
    const report = await bridge.run(join(examples, `${name}.json`))
    expect([report.status, report.errors]).toEqual(['success', []])
    const created = new Set(report.tasks.map(({ taskId }) => taskId))
    expect(created.size).toBe(tasks)
    const found = new Set(report.outputs.flatMap(({ files }) => files.map(({ kind }) => kind)))
    expect([...found].sort()).toEqual([...kinds].sort())
  })
})
