import { describe, expect, test } from 'vitest'
import type { CloudFile, CloudResult } from '../../nodes/context.ts'
import { NodeError } from '../../nodes/context.ts'
import type { Input } from '../../nodes/define-node.ts'
import { modelNode, readRegistry } from '../../nodes/models/index.ts'
import type { Asset } from '../../nodes/values.ts'
import { noCost } from '../../server/runninghub/index.ts'
import { colorOf, picture } from '../nodes/support.ts'
import { openNodeBench } from '../support/node-bench.ts'

type Param = { fieldKey: string; type: string } & Record<string, unknown>

function nodeOf(params: readonly Param[], more: object = {}) {
  const entry = { class_name: 'M', endpoint: 'maker/m', output_type: 'image', params, ...more }
  const registry = readRegistry([entry])
  if ('refusal' in registry) throw new Error(registry.refusal)
  const [model] = registry.models
  if (!model) throw new Error(registry.problems[0]?.message)
  return modelNode(model)
}
const required = (fieldKey: string, type: string, more: object = {}): Param => ({
  fieldKey,
  type,
  required: true,
  ...more,
})
const optional = (fieldKey: string, type: string, more: object = {}): Param => ({ fieldKey, type, ...more })
const list = (...values: string[]) => ({ options: values.map(value => ({ value })) })
const own = ['api_config', 'skip_error', 'seed']
const namesOf = (node: { inputs: ReadonlyMap<string, Input<unknown>> }) => [...node.inputs.keys()]

describe('the inputs of a model', () => {
  test('stand in the pack’s order', () => {
    const node = nodeOf([
      optional('style', 'STRING'),
      required('audioUrl', 'AUDIO'),
      required('resolution', 'LIST', list('720p')),
      optional('lastImageUrl', 'IMAGE'),
      optional('negativePrompt', 'STRING'),
      required('text', 'STRING'),
      required('prompt', 'STRING'),
      required('firstImageUrl', 'IMAGE'),
      optional('videoUrl', 'VIDEO'),
    ])
    expect(namesOf(node)).toEqual([
      'first_image',
      'audio',
      'prompt',
      'text',
      'resolution',
      'last_image',
      'video',
      'negativePrompt',
      'style',
      ...own,
    ])
    expect([...node.inputs].filter(([, { optional }]) => !optional)).toHaveLength(5)
  })

  test.each([
    ['imageUrl', 'IMAGE', ['image']],
    ['imageUrls', 'IMAGE', ['image']],
    ['firstFrameUrl', 'IMAGE', ['first_frame']],
    ['leftImageUrl', 'IMAGE', ['left_image']],
    ['cref', 'IMAGE', ['cref']],
    ['videos', 'VIDEO', ['video']],
    ['audio_url', 'AUDIO', ['audio_url']],
    ['12##image', 'IMAGE', ['12##image']],
  ])('the field %s of %s is %j', (fieldKey, type, names) => {
    expect(namesOf(nodeOf([required(fieldKey, type)]))).toEqual([...names, ...own])
  })

  test.each([
    [{ maxInputNum: 3 }, 'IMAGE', 3],
    [{}, 'IMAGE', 9],
    [{}, 'VIDEO', 3],
    [{}, 'AUDIO', 3],
    [{ maxInputNum: 1 }, 'IMAGE', 9],
    [{ maxInpuNum: 4 }, 'IMAGE', 4],
  ])('several with %j are numbered, the first required', (more, type, count) => {
    const node = nodeOf([required('sourceUrls', type, { multipleInputs: true, ...more })])
    const names = namesOf(node).filter(name => name.startsWith('source'))
    expect(names).toEqual(Array.from({ length: count }, (_, index) => `source${index + 1}`))
    expect(names.map(name => node.inputs.get(name)?.optional)).toEqual(names.map((_, index) => index > 0))
  })

  test('a medium that is called like a widget gets another name', () => {
    expect(namesOf(nodeOf([required('imageUrl', 'IMAGE'), required('image', 'STRING')]))).toEqual([
      'image_input',
      'image',
      ...own,
    ])
  })

  test('widgets have their types, bounds, choices and defaults', () => {
    const { inputs } = nodeOf([
      required('prompt', 'STRING', { defaultValue: 'an example that is not sent' }),
      required('mode', 'LIST', { ...list('fast', 'FAST', 'slow'), defaultValue: 'slow' }),
      required('shape', 'LIST', { ...list('a', 'b'), defaultValue: 'c' }),
      required('count', 'INT', { min: 2, max: 8, step: 2 }),
      required('big', 'INT', { defaultValue: 99, max: 8 }),
      required('strength', 'FLOAT', { min: 0, max: 1, step: 0.05, defaultValue: 0.5 }),
      required('sound', 'BOOLEAN', { defaultValue: 'true' }),
      required('odd', 'LIST', { options: [] }),
      required('plain', 'LIST', { options: ['x', 1] }),
    ])
    const shown = Object.fromEntries(
      [...inputs].map(([name, { spec, options }]) => [
        name,
        [spec, options.default, options.min, options.max, options.step],
      ]),
    )
    expect(shown).toMatchObject({
      prompt: ['STRING', '', undefined, undefined, undefined],
      mode: [['fast', 'slow'], 'slow', undefined, undefined, undefined],
      shape: [['a', 'b'], 'a', undefined, undefined, undefined],
      count: ['INT', 2, 2, 8, 2],
      big: ['INT', 8, undefined, 8, undefined],
      strength: ['FLOAT', 0.5, 0, 1, 0.05],
      sound: ['BOOLEAN', true, undefined, undefined, undefined],
      odd: ['STRING', '', undefined, undefined, undefined],
      plain: [['x', '1'], 'x', undefined, undefined, undefined],
    })
    expect(inputs.get('prompt')?.options.multiline).toBe(true)
    expect(inputs.get('seed')?.options).toMatchObject({ default: 0, min: 0, max: 2n ** 64n - 1n })
  })

  test('a seed of the model’s own is the seed, with its bounds', () => {
    const node = nodeOf([optional('seed', 'INT', { max: 2147483647 })])
    expect(namesOf(node)).toEqual(['seed', 'api_config', 'skip_error'])
    expect(node.inputs.get('seed')?.options).toMatchObject({ min: 0, max: 2147483647 })
  })

  test('assets and people have inputs where the entry says so', () => {
    const node = nodeOf([required('firstFrameUrl', 'IMAGE'), required('prompt', 'STRING')], {
      asset_ids_mode: 'image_to_video',
      real_person_asset_slots: ['first_frame'],
      real_person_mode_default: true,
    })
    expect(namesOf(node)).toEqual([
      'prompt',
      'first_frame',
      'asset_ids',
      ...own,
      'real_person_mode',
      'conversion_slots',
    ])
    expect(node.inputs.get('real_person_mode')?.options.default).toBe(true)
  })

  test.each([
    ['image', 'image:IMAGE'],
    ['video', 'video:VIDEO'],
    ['audio', 'audio:AUDIO'],
    ['3d', 'model_url:STRING'],
    ['string', 'result:STRING'],
  ])('a model of %s gives %s first', (output_type, first) => {
    const outputs = nodeOf([], { output_type }).outputs.map(({ name, type }) => `${name}:${type}`)
    expect(outputs).toEqual([first, 'url:STRING', 'response:STRING', 'files:FILE'])
  })
})

const result = (files: readonly CloudFile[] = [], texts: readonly string[] = ['done']): CloudResult => ({
  taskId: '77',
  files,
  texts,
  cost: noCost,
  response: '{"status":"SUCCESS"}',
})
const fileOf = (asset: Asset, type: string): CloudFile => ({
  asset,
  type,
  cloudNodeId: null,
  url: `https://cloud.test/${asset.name}`,
})

describe('what is sent', () => {
  test('are values by field: texts trimmed, empty ones and the choice "empty" left out, numbers and flags as such', async () => {
    const bench = await openNodeBench({ result: result() })
    const node = nodeOf([
      required('prompt', 'STRING'),
      optional('12##text', 'STRING'),
      optional('size', 'LIST', list('empty', '1k')),
      optional('duration', 'LIST', list('5', '10')),
      optional('n', 'INT'),
      optional('scale', 'FLOAT'),
      optional('sound', 'BOOLEAN'),
      optional('absent', 'STRING'),
    ])
    await bench.run(node, {
      prompt: '  a cat ',
      '12##text': '',
      size: 'empty',
      duration: '10',
      n: 9007199254740993n,
      scale: 0.5,
      sound: false,
      skip_error: false,
      seed: 4,
    })
    expect(bench.jobs).toMatchObject([
      {
        kind: 'model',
        endpoint: 'maker/m',
        settings: { baseUrl: '', apiKey: '', targetId: '' },
        body: { prompt: 'a cat', duration: '10', n: 9007199254740993n, scale: 0.5, sound: false },
      },
    ])
    expect(Object.keys((bench.jobs[0] as { body: object }).body)).toHaveLength(5)
  })

  test('are addresses of media, uploaded in their order, as a list where the field takes one', async () => {
    const bench = await openNodeBench({ result: result() })
    const node = nodeOf([
      required('imageUrls', 'IMAGE', { multipleInputs: true, maxInputNum: 3 }),
      required('videoUrl', 'VIDEO'),
      optional('audioUrls', 'AUDIO'),
    ])
    const [a, b] = [
      await bench.input('a.png', await picture(4, 4).png().toBuffer()),
      await bench.input('b.mp4', 'b'),
    ]
    await bench.run(node, {
      image1: [{ kind: 'image', asset: a }],
      image3: 'https://elsewhere.test/c.png',
      video: { kind: 'video', asset: b },
      audio: { kind: 'audio', asset: await bench.input('c.mp3', 'c') },
    })
    expect(bench.jobs[0]).toMatchObject({
      body: {
        imageUrls: ['https://cloud.test/a.png', 'https://elsewhere.test/c.png'],
        videoUrl: 'https://cloud.test/b.mp4',
        audioUrls: ['https://cloud.test/c.mp3'],
      },
    })
  })

  test('a picture in a format the model does not take goes as PNG, and of a batch the first', async () => {
    const bench = await openNodeBench({ result: result() })
    const webp = await bench.input(
      'a.webp',
      await picture(4, 4, '#00ff00').webp({ lossless: true }).toBuffer(),
    )
    const other = await bench.input('b.png', await picture(4, 4).png().toBuffer())
    const image = [webp, other].map(asset => ({ kind: 'image', asset }))
    await bench.run(nodeOf([required('imageUrl', 'IMAGE', { accept: '["JPG","PNG"]' })]), { image })
    await bench.run(nodeOf([required('imageUrl', 'IMAGE', { accept: '["WEBP"]' })]), { image })
    expect(bench.uploads.map(({ asset }) => asset.mediaType)).toEqual(['image/png', 'image/webp'])
    expect(await colorOf(bench.uploads[0]?.asset.path ?? '')).toBe('#00ff00')
  })

  test('a choice that the API does not know is written behind the prompt, in its language', async () => {
    const bench = await openNodeBench({ result: result() })
    const suffix = {
      target_field: 'prompt',
      skip_values: ['empty'],
      template_zh: '，比例{value}',
      template_en: ', ratio {value}',
    }
    const node = nodeOf([
      required('prompt', 'STRING'),
      optional('ratio', 'LIST', { ...list('empty', '1:1'), payload_as_prompt_suffix: suffix }),
    ])
    for (const inputs of [
      { prompt: '一只猫', ratio: '1:1' },
      { prompt: 'a cat', ratio: '1:1' },
      { prompt: 'a cat', ratio: 'empty' },
    ]) {
      await bench.run(node, inputs)
    }
    expect(bench.jobs.map(job => 'body' in job && job.body)).toEqual([
      { prompt: '一只猫，比例1:1' },
      { prompt: 'a cat, ratio 1:1' },
      { prompt: 'a cat' },
    ])
  })

  test.each([
    ['an empty prompt', { prompt: '  ' }, 'input-empty'],
    ['a text that is no address', { prompt: 'x', image: 'my-picture.png' }, 'bad-media-address'],
    ['an empty batch', { prompt: 'x', image: [] }, 'empty-batch'],
  ])('nothing goes out for %s', async (_what, inputs, code) => {
    const bench = await openNodeBench({ result: result() })
    const node = nodeOf([required('prompt', 'STRING'), required('imageUrl', 'IMAGE')])
    await expect(bench.run(node, inputs)).rejects.toMatchObject({ code })
    expect([bench.jobs, bench.uploads]).toEqual([[], []])
  })
})

describe('kept assets', () => {
  const frames = nodeOf([required('firstFrameUrl', 'IMAGE'), optional('lastFrameUrl', 'IMAGE')], {
    asset_ids_mode: 'image_to_video',
    real_person_asset_slots: ['first_frame', 'last_frame'],
  })
  const mixed = nodeOf(
    [optional('imageUrls', 'IMAGE', { multipleInputs: true }), optional('videoUrls', 'VIDEO')],
    {
      asset_ids_mode: 'multimodal_video',
    },
  )
  const bodyOf = async (node: typeof frames, inputs: Record<string, unknown>) => {
    const bench = await openNodeBench({ result: result() })
    await bench.run(node, inputs)
    return (bench.jobs[0] as { body: unknown }).body
  }

  test('stand for the first and the last frame', async () => {
    expect(await bodyOf(frames, { asset_ids: 'a1, asset://a2' })).toEqual({
      firstFrameUrl: 'asset://a1',
      lastFrameUrl: 'asset://a2',
    })
    expect(await bodyOf(frames, { first_frame: 'https://a.test/a.png' })).toEqual({
      firstFrameUrl: 'https://a.test/a.png',
    })
  })

  test('go to the field of their kind', async () => {
    const image1 = 'https://a.test/a.png'
    expect(await bodyOf(mixed, { image1, asset_ids: '["kept-Video", "kept-Image"]' })).toEqual({
      imageUrls: [image1, 'asset://kept-Image'],
      videoUrls: ['asset://kept-Video'],
    })
  })

  test.each([
    [{ asset_ids: 'a,b,c' }, 'takes a first and a last'],
    [{ first_frame: 'https://a.test/a.png', asset_ids: 'a' }, 'both as a picture and in asset_ids'],
    [{}, 'first frame is missing'],
  ])('%j is refused', async (inputs, message) => {
    await expect(bodyOf(frames, inputs)).rejects.toMatchObject({
      code: 'bad-asset-ids',
      message: expect.stringContaining(message),
    })
  })

  test('real person mode keeps the chosen pictures first', async () => {
    const pictures = { first_frame: 'https://a.test/a.png', last_frame: 'https://a.test/b.png' }
    const some = { real_person_mode: true, conversion_slots: 'last_frame' }
    expect(await bodyOf(frames, { ...pictures, ...some })).toEqual({
      firstFrameUrl: 'https://a.test/a.png',
      lastFrameUrl: 'asset://kept-Image',
    })
    const bench = await openNodeBench({ result: result() })
    const refuse = () => Promise.reject(new Error('not taken in'))
    const cloud = { registerAsset: refuse, runTask: async (job: never) => bench.jobs.push(job) && result() }
    await bench.run(frames, { ...pictures, ...some }, { cloud: cloud as never })
    // What cannot be kept is sent as it is.
    expect(bench.jobs[0]).toMatchObject({ body: { lastFrameUrl: 'https://a.test/b.png' } })
    const wrong = bodyOf(frames, { ...pictures, real_person_mode: true, conversion_slots: 'middle' })
    await expect(wrong).rejects.toMatchObject({ code: 'bad-conversion-slots' })
  })
})

describe('what comes back', () => {
  async function open(output_type: string, files: readonly string[], texts: readonly string[] = []) {
    const found: CloudFile[] = []
    const bench = await openNodeBench({ result: result(found, texts) })
    for (const name of files) {
      const bytes = name.endsWith('.png') ? await picture(4, 4).png().toBuffer() : `content of ${name}`
      found.push(fileOf(await bench.input(name, bytes), name.split('.').at(-1) ?? ''))
    }
    const taken = (...names: string[]) => ({ isTaken: (name: string) => names.includes(name) })
    const node = nodeOf([], { output_type })
    return { take: (...names: string[]) => bench.run(node, {}, taken(...names)) }
  }
  const savedBy = (given: Record<string, unknown>) =>
    ((given.ui as { files?: { asset: Asset }[] } | undefined)?.files ?? []).map(({ asset }) => asset.name)

  test('pictures are a batch of five at most; the others are kept as files', async () => {
    const names = [1, 2, 3, 4, 5, 6, 7].map(n => `${n}.png`)
    const { take } = await open('image', names)
    const given = await take('image')
    expect(given.image).toHaveLength(5)
    expect(savedBy(given)).toHaveLength(2)
    expect(given.url).toBe(names.map(name => `https://cloud.test/${name}`).join('\n'))
    expect(given.response).toBe('{"status":"SUCCESS"}')
    expect(savedBy(await take('url'))).toHaveLength(7)
    const all = await take('files')
    expect(all.files).toMatchObject(names.map(name => ({ kind: 'file', taskId: '77', asset: { name } })))
    expect(savedBy(all)).toEqual([])
  })

  test.each([
    ['video', 'mp4', 'video'],
    ['audio', 'mp3', 'audio'],
  ])('%s is the first of its kind', async (output, extension, name) => {
    const { take } = await open(output, ['cover.png', `one.${extension}`, `two.${extension}`])
    const given = await take(name)
    expect(given[name]).toMatchObject({ kind: name, asset: { name: `one.${extension}` } })
    expect(savedBy(given)).toHaveLength(2)
  })

  test('a 3D model is its address, and its file stays here, because the address does not', async () => {
    const { take } = await open('3d', ['cover.png', 'thing.glb'])
    const given = await take('model_url')
    expect(given.model_url).toBe('https://cloud.test/thing.glb')
    expect(savedBy(given)).toHaveLength(2)
  })

  test('a text is what the answer says, else what the file holds', async () => {
    expect((await (await open('string', [], ['one', 'two'])).take('result')).result).toBe('one')
    expect((await (await open('string', ['a.txt'])).take('result')).result).toBe('content of a.txt')
    expect((await (await open('string', [], ['one', 'two'])).take('result')).ui).toEqual({ text: ['two'] })
  })

  test('a kind that did not come is absent with its reason, and what came is kept', async () => {
    const given = await (await open('video', ['a.png'])).take('video')
    expect(given.video).toEqual({ kind: 'absent', reason: 'RunningHub task 77 gave no video: it gave png.' })
    expect(savedBy(given)).toHaveLength(1)
  })
})

describe('skip_error', () => {
  const node = nodeOf([])
  const failing = async (
    error: unknown,
    more: Record<string, unknown> = { skip_error: true },
    aborted = false,
  ) => {
    const bench = await openNodeBench()
    const controller = new AbortController()
    if (aborted) controller.abort()
    const cloud = { runTask: () => Promise.reject(error) } as never
    return bench.run(node, more, { cloud, signal: controller.signal })
  }
  const refused = new NodeError('The cloud task failed (1501): no.', { code: 'cloud-805' })

  test('gives what is not there, with the sentence, and is not used again', async () => {
    expect(await failing(refused)).toEqual({
      image: { kind: 'absent', reason: 'skip_error: The cloud task failed (1501): no.' },
      files: { kind: 'absent', reason: expect.any(String) },
      url: '',
      response: '{"error":"The cloud task failed (1501): no.","code":"cloud-805"}',
      ui: { text: ['skip_error: The cloud task failed (1501): no.'] },
      isKept: false,
    })
  })

  test('a model that gives nothing is an error, or skipped', async () => {
    const bench = await openNodeBench({ result: result([], []) })
    await expect(bench.run(node, {})).rejects.toMatchObject({ code: 'model-empty' })
    expect(await bench.run(node, { skip_error: true })).toMatchObject({ image: { kind: 'absent' } })
  })

  test.each([
    ['is off', refused, {}, false],
    ['the run was stopped', refused, { skip_error: true }, true],
    [
      'a paid task may exist',
      new NodeError('lost', { code: 'cloud-create-unknown' }),
      { skip_error: true },
      false,
    ],
    ['a paid result waits', new NodeError('disk', { code: 'download-failed' }), { skip_error: true }, false],
  ])('the error is told when %s', async (_when, error, more, aborted) => {
    await expect(failing(error, more, aborted)).rejects.toBe(error)
  })
})

test('a result depends on the model’s path, and on the place it runs at when nothing is connected', async () => {
  const print = (endpoint: string, site: string, isLinked: boolean) =>
    nodeOf([], { endpoint }).fingerprint?.({
      inputs: {},
      isLinked: () => isLinked,
      work: { runId: 'a', nodeId: '1' },
      assets: {} as never,
      cloud: { siteOf: async () => site },
    })
  expect(await print('a/b', 'sandbox', false)).not.toBe(await print('a/c', 'sandbox', false))
  expect(await print('a/b', 'sandbox', false)).not.toBe(await print('a/b', 'cloud', false))
  expect(await print('a/b', 'sandbox', true)).toBe(await print('a/b', 'cloud', true))
})
