import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { SavedFile } from '../../nodes/context.ts'
import { kindOf } from '../../server/assets/index.ts'
import type { RunResult } from '../../server/executor/index.ts'
import { createRunningHubClient, createTransport } from '../../server/runninghub/index.ts'
import { type Sandbox, specialWorkflows } from '../../server/sandbox/index.ts'
import { systemClock } from '../../server/shared/clock.ts'
import { sandboxKey } from '../../server/shared/secrets.ts'
import { openHouse, settings } from './open-house.ts'

const app = '1877265245566922753'
const { mixed, text, slow, fails } = specialWorkflows

const filesOf = (result: RunResult, nodeId: string) =>
  ((result.outputs.get(nodeId)?.files ?? []) as readonly SavedFile[]).map(
    ({ subfolder, filename }) => `${subfolder}/${filename}`,
  )
const textOf = (result: RunResult, nodeId: string) => (result.outputs.get(nodeId)?.text ?? []).join('\n')
const preview = (nodeId: string, slot: number) => ({
  class_type: 'PreviewAny',
  inputs: { source: [nodeId, slot] },
})

/** A task that somebody else started with the same key. */
async function createElsewhere(sandbox: Sandbox, targetId: string): Promise<string> {
  const transport = createTransport({ clock: systemClock, environment: {}, secrets: () => [] })
  const client = createRunningHubClient({
    transport,
    clock: systemClock,
    baseUrl: sandbox.url,
    apiKey: sandboxKey,
  })
  const { taskId } = await client.create({ kind: 'workflow', targetId, nodeInfoList: [] })
  await transport.close()
  return taskId
}

describe('a task with six videos, a text, a sound, two pictures, a latent, a model and an unknown file', () => {
  const order = ['png', 'png', 'txt', 'wav', ...Array(6).fill('mp4'), 'latent', 'glb', 'abc']
  const execute = { class_type: 'RH_ExecuteNode', inputs: { apiConfig: ['2', 0] } }

  test('leaves every file in the output folder, in the order of the cloud', async () => {
    const { runPrompt, sandbox } = await openHouse()
    const { result } = await runPrompt({ 2: settings(mixed.id), 4: execute })
    const taskId = sandbox.tasks()[0]?.taskId
    const kinds = ((result.outputs.get('4')?.files ?? []) as readonly SavedFile[]).map(({ asset }) =>
      kindOf(asset),
    )
    expect(kinds).toEqual([
      ...['image', 'image', 'text', 'audio', 'video', 'video', 'video', 'video', 'video', 'video'],
      ...['latent', 'model3d', 'file'],
    ])
    expect(filesOf(result, '4')).toEqual(
      order.map((type, at) => `RunningHub/task_${taskId}_${String(at + 1).padStart(5, '0')}.${type}`),
    )
  })

  test('gives all of them to a node that saves them, and keeps what only that node takes', async () => {
    const { runPrompt, sandbox } = await openHouse()
    const { result } = await runPrompt({
      2: settings(mixed.id),
      4: execute,
      5: { class_type: 'RHB_SaveFiles', inputs: { files: ['4', 10], filename_prefix: 'all/%task%/file' } },
      6: preview('4', 12),
      7: preview('4', 13),
    })
    const task = sandbox.tasks()[0]
    expect(filesOf(result, '5')).toEqual(
      order.map((type, at) => `all/${task?.taskId}/file_${String(at + 1).padStart(5, '0')}.${type}`),
    )
    expect(filesOf(result, '4')).toEqual([])
    expect(textOf(result, '6')).toContain(`${task?.coins} coins`)
    expect(textOf(result, '7')).toBe(task?.taskId)
  })
})

describe('a task by its id', () => {
  const fetch = (task_id: string) => ({
    2: settings(''),
    4: { class_type: 'RH_TaskResult', inputs: { apiConfig: ['2', 0], task_id } },
    5: preview('4', 3),
  })

  test('is fetched though it was started elsewhere, and none is created', async () => {
    const { runPrompt, sandbox } = await openHouse()
    const taskId = await createElsewhere(sandbox, text.id)
    const { result, statuses } = await runPrompt(fetch(taskId))
    expect(textOf(result, '5')).toContain('The sandbox wrote this line.')
    expect(sandbox.tasks()).toHaveLength(1)
    expect(statuses.at(-1)).toBe('success')
    // Whoever created it has paid.
    expect(result.tasks).toMatchObject([{ taskId, status: 'success', coins: null }])
  })

  test('that nobody knows is told at once', async () => {
    const { runPrompt } = await openHouse()
    const { result } = await runPrompt(fetch('1910246754753896451'))
    expect(result.errors).toMatchObject([{ code: 'cloud-807', taskId: '1910246754753896451' }])
  })

  test.each([
    ['', 'No task is named.'],
    ['page/42', '"page/42" is no task id: ids are digits only.'],
  ])('%j is no id', async (id, message) => {
    const { runPrompt } = await openHouse()
    expect((await runPrompt(fetch(id))).result.errors).toMatchObject([{ code: 'bad-task-id', message }])
  })

  test('that failed says why', async () => {
    const { runPrompt, sandbox } = await openHouse()
    const { result } = await runPrompt(fetch(await createElsewhere(sandbox, fails.id)))
    expect(result.errors).toMatchObject([{ code: 'cloud-805', message: expect.stringContaining('node 3') }])
  })

  test('goes on when the run that waits for it is stopped', async () => {
    const { runPrompt, sandbox, stop } = await openHouse({ speed: 1 })
    const { result } = await runPrompt(fetch(await createElsewhere(sandbox, slow.id)), {
      onEvent(event) {
        if (event.type === 'node-task-changed') setImmediate(() => stop.abort(new Error('stopped')))
      },
    })
    expect(result.status).toBe('interrupted')
    expect(sandbox.tasks().map(({ state }) => state)).not.toContain('CANCEL')
  })

  test('is asked after and cancelled', async () => {
    const { runPrompt, sandbox } = await openHouse({ speed: 1 })
    const task_id = await createElsewhere(sandbox, slow.id)
    const control = (action: string) => ({
      2: settings(''),
      4: { class_type: 'RH_TaskControl', inputs: { apiConfig: ['2', 0], task_id, action } },
      5: { class_type: 'RH_AccountStatus', inputs: { apiConfig: ['2', 0] } },
    })
    const asked = (await runPrompt(control('status'))).result
    expect(textOf(asked, '4')).toMatch(/: (QUEUED|RUNNING)\./)
    expect(textOf(asked, '5')).toBe('NORMAL: 99999 coins; 1 running of 3 at a time')
    expect(textOf((await runPrompt(control('cancel'))).result, '4')).toBe(`Task ${task_id} was cancelled.`)
    expect(sandbox.tasks().map(({ state }) => state)).toEqual(['CANCEL'])
    expect(textOf((await runPrompt(control('cancel'))).result, '4')).toContain('FAILED')
  })
})

describe('a batch', () => {
  const param = (value: string) => ({
    class_type: 'RH_Param',
    inputs: { node_id: '6', field_name: 'text', field_value: value },
  })
  const batch = {
    1: {
      class_type: 'RH_Config',
      inputs: { api_key: '', workflow_or_app_id: text.id, base_url: 'https://www.runninghub.cn' },
    },
    2: param('a fox'),
    3: param('a hare'),
    4: { class_type: 'RH_ParamBundle', inputs: { params_1: ['2', 0], params_2: ['3', 0] } },
    5: {
      class_type: 'RH_BatchExecute',
      inputs: { config: ['1', 0], workflow_id: '', param_bundle: ['4', 0] },
    },
    6: { class_type: 'RH_Download', inputs: { config: ['1', 0], task_id: ['5', 0], timeout: 600 } },
    7: preview('6', 2),
  }

  test('is started, left to run and fetched in its order; run again it is not paid again', async () => {
    const { runPrompt, sandbox, forgetResults } = await openHouse()
    const { result } = await runPrompt(batch, { force: [] })
    expect(result.errors).toEqual([])
    const tasks = sandbox.tasks()
    expect(tasks.map(({ nodeInfoList }) => nodeInfoList[0]?.fieldValue)).toEqual(['a fox', 'a hare'])
    expect(filesOf(result, '6')).toEqual(['/RH_DL_00001.txt', '/RH_DL_00002.txt'])
    await forgetResults()
    const again = await runPrompt(batch, { force: [] })
    expect(again.result.errors).toEqual([])
    expect(sandbox.tasks()).toHaveLength(2)
    expect((await runPrompt(batch)).result.errors).toEqual([])
    expect(sandbox.tasks()).toHaveLength(4)
  })
})

test('quick create sends every field with the words of the app’s form', async () => {
  const { runPrompt, sandbox } = await openHouse()
  const { result } = await runPrompt({
    2: settings(app),
    3: {
      class_type: 'RH_NodeInfoListNode',
      inputs: { nodeId: 52, fieldName: 'prompt', fieldValue: 'a fox' },
    },
    4: {
      class_type: 'RH_QuickCreate',
      inputs: { apiConfig: ['2', 0], nodeInfoList: ['3', 0], quick_create_code: '006' },
    },
    5: { class_type: 'RH_QuickStyle', inputs: { apiConfig: ['2', 0], style: '水彩' } },
    6: preview('5', 4),
  })
  expect(result.errors).toEqual([])
  const sent = sandbox.requests().find(({ path }) => path === '/task/openapi/quick-ai-app/run')
  expect(JSON.parse(sent?.rawBody ?? '')).toMatchObject({
    webappId: app,
    quickCreateCode: '006',
    nodeInfoList: [
      {
        nodeId: '52',
        fieldName: 'prompt',
        fieldValue: 'a fox',
        nodeName: 'RH_Translator',
        fieldType: 'STRING',
        description: '图像编辑文本输入框',
      },
    ],
  })
  expect(textOf(result, '6')).toBe('style_2.safetensors')
  const asked = sandbox.requests().find(({ path }) => path === '/api/fast/creation/model/params')
  expect(asked?.headers.authorization).toBeUndefined()
})

test('a graph of one’s own runs in place of the saved one, with the values set in it', async () => {
  const { runPrompt, sandbox } = await openHouse()
  const graph = {
    6: { class_type: 'CLIPTextEncode', inputs: { text: 'old' } },
    9: { class_type: 'SaveImage', inputs: { images: ['6', 0] } },
  }
  const run = (workflow: string) => ({
    2: settings(text.id),
    3: { class_type: 'RH_NodeInfoListNode', inputs: { nodeId: 6, fieldName: 'text', fieldValue: 'new' } },
    4: {
      class_type: 'RH_WorkflowRun',
      inputs: { apiConfig: ['2', 0], nodeInfoList: ['3', 0], workflow, instance_type: 'plus' },
    },
  })
  expect((await runPrompt(run(JSON.stringify(graph)))).result.errors).toEqual([])
  const sent = sandbox.requests().find(({ path }) => path === '/task/openapi/create')
  const body = JSON.parse(sent?.rawBody ?? '') as { workflow: string }
  expect(body).toMatchObject({ workflowId: text.id, nodeInfoList: [], instanceType: 'plus' })
  expect(JSON.parse(body.workflow)).toMatchObject({ 6: { inputs: { text: 'new' } } })
  const refused = await runPrompt(run('{"nodes":[]}'))
  expect(refused.result.errors).toMatchObject([{ nodeId: '4', code: 'bad-inline-workflow' }])
  expect(sandbox.tasks()).toHaveLength(1)
})

test('a LoRA goes up once, without a key to the storage; a ZIP by the call that gives the bare hash', async () => {
  const { runPrompt, sandbox, bridge } = await openHouse()
  await mkdir(bridge.config.inputDir)
  await writeFile(join(bridge.config.inputDir, 'style.safetensors'), Buffer.alloc(3_000_000, 7))
  await writeFile(join(bridge.config.inputDir, 'a.zip'), Buffer.from('504b0304140000000000', 'hex'))
  const prompt = {
    2: settings(''),
    // The name of a file may come along a link.
    1: { class_type: 'PrimitiveString', inputs: { value: 'style.safetensors' } },
    3: { class_type: 'RH_LoraUploader', inputs: { apiConfig: ['2', 0], lora: ['1', 0] } },
    4: { class_type: 'RHB_FileUploader', inputs: { apiConfig: ['2', 0], file: 'a.zip' } },
    5: preview('3', 0),
    6: preview('4', 0),
  }
  const { result } = await runPrompt(prompt)
  expect(result.errors).toEqual([])
  expect(textOf(result, '5')).toMatch(/^api-lora-cn\/[0-9a-f]{32}\.safetensors$/)
  expect(textOf(result, '6')).toMatch(/^[0-9a-f]{64}$/)
  const puts = () => sandbox.requests().filter(({ method }) => method === 'PUT')
  expect(puts()).toMatchObject([{ status: 200 }])
  expect(puts()[0]?.headers.authorization).toBeUndefined()
  await runPrompt(prompt)
  expect(puts()).toHaveLength(1)
})
