import { describe, expect, test } from 'vitest'
import type { CloudResult, SavedFile } from '../../nodes/context.ts'
import { allNodes, createCatalogue } from '../../nodes/index.ts'
import { isAbsent } from '../../nodes/values.ts'
import { noCost } from '../../server/runninghub/index.ts'
import { readWorkflow } from '../../server/workflow/index.ts'
import { openNodeBench } from '../support/node-bench.ts'
import { nodeOf, picture, someSettings as settings } from './support.ts'

const config = { settings, isApp: false }
const info = (nodeId: string, fieldName: string, fieldValue: unknown) => ({ nodeId, fieldName, fieldValue })

async function openWithPictures(count: number) {
  const bench = await openNodeBench()
  const images = []
  for (let index = 0; index < count; index++) {
    const asset = await bench.input(
      `${index}.png`,
      await picture(4 + index, 4)
        .png()
        .toBuffer(),
    )
    images.push([{ kind: 'image', asset }])
  }
  return { ...bench, images, sent: () => bench.uploads.map(({ asset }) => `api/${asset.sha256}`) }
}

describe('RH_Config', () => {
  const node = nodeOf('RH_Config')

  test('hands on what it says, trimmed', async () => {
    const bench = await openNodeBench()
    const said = { api_key: '<key:K>', workflow_or_app_id: ' 19 ', base_url: '', is_ai_app: true }
    expect(await bench.run(node, said)).toEqual({
      config: {
        settings: { baseUrl: 'https://www.runninghub.cn', apiKey: '<key:K>', targetId: '19' },
        isApp: true,
      },
    })
  })

  test.each([
    ['today', ['k', '19', 'https://x', false], ['k', '19', 'https://x', false]],
    ['the address second', ['k', 'https://x', '19', false], ['k', '19', 'https://x', false]],
    [
      'an id where the address should be',
      ['', '', 'your_workflow_id_here', false],
      ['', 'your_workflow_id_here', 'https://www.runninghub.cn', false],
    ],
  ])('values of %s', (_when, values, read) => {
    expect(node.migrateWidgets?.(values, { outputs: 1 })).toEqual(read)
  })
})

describe('RH_Param', () => {
  const node = nodeOf('RH_Param')

  test('adds to the params before it and leaves those as they are', async () => {
    const bench = await openNodeBench()
    const before = [info('1', 'text', 'a')]
    const said = { node_id: ' 57:8 ', field_name: 'seed', field_value: 7 }
    const { params } = await bench.run(node, { ...said, previous_params: before })
    expect(params).toEqual([info('1', 'text', 'a'), info('57:8', 'seed', 7)])
    expect(before).toHaveLength(1)
  })

  test('takes a field of one’s own, and names that the list has no more', async () => {
    const bench = await openNodeBench()
    const custom = { node_id: '3', field_name: 'custom', custom_field_name: ' shift ', field_value: '2' }
    expect(await bench.run(node, custom)).toEqual({ params: [info('3', 'shift', '2')] })
    expect(await node.validate.get('field_name')?.('prompt', { assets: bench.assets })).toBeUndefined()
  })
})

describe('uploads', () => {
  test('RH_UploadImage gives the name, and the param when a node is named', async () => {
    const { run, images, sent } = await openWithPictures(1)
    const node = nodeOf('RH_UploadImage')
    const image = images[0]
    const plain = await run(node, { config, image, node_id: '', field_name: 'image' })
    const aimed = await run(node, { config, image, node_id: '5', field_name: 'init_image' })
    const [name] = sent()
    expect(plain).toEqual({ filename: name, params: [] })
    expect(aimed).toEqual({ filename: name, params: [info('5', 'init_image', name)] })
    expect(node.migrateWidgets?.(['png', 'image', ''], { outputs: 2 })).toEqual(['', 'image', ''])
  })

  test('RH_UploadVideo and RH_UploadLatent send the file', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.mp4', 'video')
    const video = await bench.run(nodeOf('RH_UploadVideo'), { config, video: { kind: 'video', asset } })
    expect(video.filename).toBe(`api/${asset.sha256}`)
    const latent = { kind: 'latent', asset }
    const given = await bench.run(nodeOf('RH_UploadLatent'), {
      config,
      latent,
      node_id: '4',
      field_name: 'l',
    })
    expect(given).toEqual({ RH_PARAM: [info('4', 'l', `api/${asset.sha256}`)] })
  })

  test('sound goes by its path, from a node that knows it or typed', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.wav', 'sound')
    const found = await bench.run(nodeOf('RH_LoadAudioPath'), { audio_filename: 'a.wav' })
    expect(found).toEqual({ audio_path: asset.path })
    const node = nodeOf('RH_UploadAudio')
    for (const audio_path of [asset.path, 'a.wav']) {
      const said = { config, audio_path, node_id: '2', field_name: 'audio' }
      expect(await bench.run(node, said)).toMatchObject({
        params: [info('2', 'audio', `api/${asset.sha256}`)],
      })
    }
    const previous_params = [info('1', 'x', 1)]
    expect(await bench.run(node, { config, audio_path: '', previous_params })).toEqual({
      filename: '',
      params: previous_params,
    })
    await expect(bench.run(node, { config, audio_path: '/etc/passwd' })).rejects.toMatchObject({
      code: 'path-not-allowed',
    })
  })

  test('RH_UploadFile sends any file', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.txt', 'text')
    const said = { config, node_id: '9', field_name: 'file', file_path: asset.path }
    expect(await bench.run(nodeOf('RH_UploadFile'), said)).toEqual({
      RH_PARAM: [info('9', 'file', `api/${asset.sha256}`)],
    })
  })

  test('RH_MultiInputImage gives each picture its field, after the params before', async () => {
    const { run, images, sent } = await openWithPictures(2)
    const node = nodeOf('RH_MultiInputImage')
    const { RH_PARAMS } = await run(node, {
      config,
      previous_params: [info('1', 'text', 'a')],
      image_1: images[0],
      node_id_1: '318',
      field_name_1: 'image',
      image_3: images[1],
      node_id_3: '315',
      field_name_3: 'mask',
    })
    expect(RH_PARAMS).toEqual([
      info('1', 'text', 'a'),
      info('318', 'image', sent()[0]),
      info('315', 'mask', sent()[1]),
    ])
    await expect(run(node, { config, image_2: images[0], node_id_2: ' ' })).rejects.toMatchObject({
      message: expect.stringContaining('node_id_2'),
    })
  })

  test('RH_BatchUploadImage makes one set of params for each picture', async () => {
    const { run, images, sent } = await openWithPictures(2)
    const said = { config, node_id: '3', field_name: 'image', image_2: images[0], image_5: images[1] }
    expect(await run(nodeOf('RH_BatchUploadImage'), said)).toEqual({
      RH_PARAM_BUNDLE: [[info('3', 'image', sent()[0])], [info('3', 'image', sent()[1])]],
    })
  })
})

async function openTask(types: readonly string[], texts: readonly string[] = []) {
  const source = await openNodeBench()
  const files = []
  for (const [index, type] of types.entries()) {
    files.push({ asset: await source.input(`${index}.${type}`, `content ${index}`), type, cloudNodeId: null })
  }
  const result: CloudResult = { taskId: '77', files, texts, cost: noCost }
  const bench = await openNodeBench({ result })
  const savedOf = (outputs: Record<string, unknown>) =>
    ((outputs.ui as { files?: SavedFile[] }).files ?? []).map(({ type, filename }) => `${type}/${filename}`)
  return { ...bench, result, savedOf }
}

describe('RH_Execute', () => {
  const node = nodeOf('RH_Execute')

  test('runs, sorts the results to the pack’s outputs and saves all of them', async () => {
    const bench = await openTask(['png', 'mp4', 'txt', 'glb'])
    const outputs = await bench.run(node, {
      config: { settings, isApp: true },
      params: [info('3', 'text', 'a')],
      timeout: 60,
      use_high_performance: true,
      save_to_local: true,
      output_prefix: 'Fox',
    })
    expect(bench.jobs).toMatchObject([{ kind: 'app', instanceType: 'plus', timeoutMs: 60_000 }])
    expect(outputs).toMatchObject({
      images: [{ kind: 'image' }],
      video: { kind: 'video' },
      text: 'content 2',
      task_id: '77',
    })
    expect(isAbsent(outputs.audio)).toBe(true)
    expect(bench.savedOf(outputs)).toEqual([
      'output/Fox_00001.png',
      'output/Fox_00002.mp4',
      'output/Fox_00003.txt',
      'output/Fox_00004.glb',
    ])
  })

  test('shows without keeping when nothing is to be saved', async () => {
    const bench = await openTask(['png'], ['a poem'])
    const outputs = await bench.run(node, { config, timeout: 600, save_to_local: false, output_prefix: 'X' })
    expect(bench.savedOf(outputs)).toEqual(['temp/X_00001.png'])
    expect(outputs).toMatchObject({ ui: { text: ['a poem'] } })
  })

  test.each([
    ['today', [600, true, false, 'X'], [600, true, false, 'X']],
    ['a timeout that became a socket', [true, 'Inpainting', true, 'RH'], [600, false, true, 'Inpainting']],
    ['one value', [300], [300]],
  ])('values of %s', (_when, values, read) => {
    expect(node.migrateWidgets?.(values, { outputs: 7 })).toEqual(read)
  })

  test('takes what RH_UploadFile gives', () => {
    expect(node.inputs.get('params')?.acceptsLinks).toContain('RH_PARAM')
  })
})

describe('RH_Download', () => {
  const node = nodeOf('RH_Download')

  test('fetches several tasks in the order of their ids and joins them', async () => {
    const bench = await openTask(['png', 'txt'])
    const outputs = await bench.run(node, { config, task_id: '5, 6\n7', timeout: 60 })
    expect(bench.asked.map(({ taskId }) => taskId)).toEqual(['5', '6', '7'])
    expect(bench.jobs).toEqual([])
    expect(outputs.images).toHaveLength(3)
    expect(outputs.text).toBe('content 1\ncontent 1\ncontent 1')
    expect(bench.savedOf(outputs)).toHaveLength(6)
  })

  test('a task that cannot be had is told, and takes the others nothing away', async () => {
    const bench = await openTask(['png'])
    const context = await contextOf(bench)
    const cloud = {
      ...context.cloud,
      async fetchTask(wanted: { taskId: string }) {
        if (wanted.taskId === '6') throw new Error('no such task')
        return { ...bench.result, taskId: wanted.taskId }
      },
    }
    const outputs = await bench.run(node, { config, task_id: '5,6,7', timeout: 60 }, { cloud })
    expect(outputs).toMatchObject({ images: [{}, {}], text: 'ERROR: task 6: no such task' })
    await expect(bench.run(node, { config, task_id: '6', timeout: 60 }, { cloud })).rejects.toThrow('no such')
  })

  test.each([
    [
      [600, true, 'BatchDL', 'RH_DL'],
      ['', 600, true, 'BatchDL'],
    ],
    [
      [600, 600, 'RH_DL', 'RH_DL'],
      ['', 600, true, 'RH_DL'],
    ],
    [
      ['12', 600, false, 'RH_DL'],
      ['12', 600, false, 'RH_DL'],
    ],
  ])('values %j', (values, read) => {
    expect(node.migrateWidgets?.(values, { outputs: 6 })).toEqual(read)
  })
})

describe('batches', () => {
  test('RH_ParamBundle keeps the order of its sockets', async () => {
    const bench = await openNodeBench()
    const [a, b] = [[info('1', 'x', 1)], [info('1', 'x', 2)]]
    expect(await bench.run(nodeOf('RH_ParamBundle'), { params_9: b, params_2: a })).toEqual({
      RH_PARAM_BUNDLE: [a, b],
    })
  })

  test('RH_BatchExecute starts a task for each set and gives their ids', async () => {
    const bench = await openNodeBench()
    const node = nodeOf('RH_BatchExecute')
    const param_bundle = [[info('1', 'x', 1)], [info('1', 'x', 2)]]
    expect(await bench.run(node, { config, workflow_id: ' 19 ', param_bundle })).toEqual({ task_ids: '1,2' })
    expect(bench.jobs).toMatchObject([
      { settings: { targetId: '19' }, kind: 'workflow', part: 0, nodeInfoList: param_bundle[0] },
      { settings: { targetId: '19' }, kind: 'workflow', part: 1, nodeInfoList: param_bundle[1] },
    ])
    expect(node.migrateWidgets?.([600], { outputs: 1 })).toEqual([''])
    expect(node.formerInputs).toEqual({ bundle: 'param_bundle' })
  })

  test('without an id of its own it runs what RH_Config names', async () => {
    const bench = await openNodeBench()
    const app = { config: { settings, isApp: true }, workflow_id: '', param_bundle: [[]] }
    await bench.run(nodeOf('RH_BatchExecute'), app)
    expect(bench.jobs).toMatchObject([{ kind: 'app', settings: { targetId: settings.targetId } }])
  })
})

test('RH_TaskManager asks and cancels', async () => {
  const bench = await openNodeBench()
  const node = nodeOf('RH_TaskManager')
  expect(await bench.run(node, { config, task_id: '7', action: 'Get Status' })).toMatchObject({
    result: 'Task 7: RUNNING.',
  })
  expect(await bench.run(node, { config, task_id: '7', action: 'Cancel Task' })).toMatchObject({
    result: 'Task 7 was cancelled.',
  })
})

test('RH_ImageSelector and RH_TextDisplay', async () => {
  const { run, images } = await openWithPictures(2)
  const batch = images.flat()
  const selector = nodeOf('RH_ImageSelector')
  expect(await run(selector, { images: batch, index: 1 })).toEqual({ image: [batch[1]] })
  await expect(run(selector, { images: batch, index: 2 })).rejects.toMatchObject({
    code: 'index-out-of-range',
  })
  expect(await run(nodeOf('RH_TextDisplay'), { text: 'a' })).toEqual({ text: 'a', ui: { text: ['a'] } })
})

test('a file of the pack whose values slipped by a widget that became a socket opens as it was meant', () => {
  const input = (name: string, type: string, link: number | null, isWidget = false) => ({
    ...{ name, type, link },
    ...(isWidget && { widget: { name } }),
  })
  const file = {
    version: 0.4,
    nodes: [
      {
        id: 1,
        type: 'RH_Config',
        outputs: [{ type: 'RH_CONFIG' }],
        widgets_values: ['', '', 'https://www.runninghub.cn', false],
      },
      {
        id: 17,
        type: 'RH_ParamBundle',
        inputs: [],
        outputs: [{ type: 'RH_PARAM_BUNDLE' }],
        widgets_values: [],
      },
      {
        id: 5,
        type: 'RH_BatchExecute',
        inputs: [
          input('config', 'RH_CONFIG', 1),
          input('param_bundle', 'RH_PARAM_BUNDLE', null),
          input('workflow_id', 'STRING', null, true),
          input('bundle', 'RH_PARAM_BUNDLE', 12),
        ],
        outputs: [{ type: 'STRING' }],
        widgets_values: [600],
      },
      {
        id: 6,
        type: 'RH_Download',
        inputs: [input('config', 'RH_CONFIG', 6), input('task_id', 'STRING', 5, true)],
        widgets_values: [600, true, 'BatchDL', 'RH_DL'],
      },
    ],
    links: [
      [1, 1, 0, 5, 0, 'RH_CONFIG'],
      [5, 5, 0, 6, 1, 'STRING'],
      [6, 1, 0, 6, 0, 'RH_CONFIG'],
      [12, 17, 0, 5, 3, 'RH_PARAM_BUNDLE'],
    ],
  }
  const { prompt } = readWorkflow(JSON.stringify(file), { catalogue: createCatalogue(allNodes) })
  expect(prompt['5']?.inputs).toEqual({ workflow_id: '', config: ['1', 0], param_bundle: ['17', 0] })
  expect(prompt['6']?.inputs).toEqual({
    task_id: ['5', 0],
    timeout: 600,
    save_to_local: true,
    output_prefix: 'BatchDL',
    config: ['1', 0],
  })
})

/** The context a bench gives its nodes. */
async function contextOf(bench: { run: Awaited<ReturnType<typeof openNodeBench>>['run'] }) {
  let found: Parameters<ReturnType<typeof nodeOf>['execute']>[0] | undefined
  const spy = {
    ...nodeOf('RH_TextDisplay'),
    async execute(call: NonNullable<typeof found>) {
      found = call
      return {}
    },
  }
  await bench.run(spy, {})
  if (!found) throw new Error('the node was not called')
  return found
}
