import { describe, expect, test } from 'vitest'
import { sandboxKey, specialWorkflows } from '../../server/sandbox/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { kontext, openBench, sdxl, zImage } from './support.ts'

describe('create', () => {
  test('answers QUEUED with a 19-digit id no double can hold', async () => {
    const { post } = await openBench()
    const { json } = await post('/task/openapi/create', { workflowId: zImage })
    expect(json).toMatchObject({ code: 0, msg: 'success', data: { netWssUrl: null, taskStatus: 'QUEUED' } })
    const { taskId, promptTips } = json.data as { taskId: string; promptTips: string }
    expect(taskId).toMatch(/^[0-9]{19}$/)
    expect(String(BigInt(Number(taskId)))).not.toBe(taskId)
    expect(JSON.parse(promptTips)).toMatchObject({ result: true, outputs_to_execute: ['9'] })
  })

  test('ids grow from task to task', async () => {
    const { create } = await openBench()
    const ids = [await create(zImage), await create(zImage), await create(zImage)].map(BigInt)
    expect([...ids].sort((a, b) => (a < b ? -1 : 1))).toEqual(ids)
  })

  test('a seed makes ids and file names reproducible', async () => {
    const names = await Promise.all(
      [1, 2].map(async () => {
        const { create, sandbox } = await openBench({ seed: 42 })
        return [await create(sdxl), sandbox.tasks()[0]?.taskId]
      }),
    )
    expect(names[0]).toEqual(names[1])
  })

  test.each([
    ['no workflowId', {}, 301],
    ['a number for workflowId', { workflowId: 12 }, 301],
    ['a text for addMetadata', { workflowId: sdxl, addMetadata: 'true' }, 301],
    ['a nodeInfoList that is no list', { workflowId: sdxl, nodeInfoList: {} }, 301],
    [
      'an unknown node',
      { workflowId: sdxl, nodeInfoList: [{ nodeId: '99', fieldName: 'text', fieldValue: '' }] },
      803,
    ],
    [
      'an unknown field',
      { workflowId: sdxl, nodeInfoList: [{ nodeId: '6', fieldName: 'prompt', fieldValue: '' }] },
      803,
    ],
    [
      'a field that is a link',
      { workflowId: sdxl, nodeInfoList: [{ nodeId: '6', fieldName: 'clip', fieldValue: '' }] },
      803,
    ],
    [
      'a value outside its list',
      { workflowId: sdxl, nodeInfoList: [{ nodeId: '3', fieldName: 'sampler_name', fieldValue: 'eule' }] },
      433,
    ],
    ['an id rounded by a double', { workflowId: '1867632304280715300' }, 380],
    ['an id with a space', { workflowId: ` ${sdxl}` }, 380],
    ['a placeholder for an id', { workflowId: 'your_workflow_id_here' }, 380],
    ["an AI app's id", { workflowId: kontext }, 380],
    ['a workflow that never ran', { workflowId: specialWorkflows.neverRun.id }, 810],
    ['a graph that is no JSON', { workflowId: sdxl, workflow: '{' }, 433],
    ['no key', { apiKey: '', workflowId: sdxl }, 802],
    ['a placeholder key', { apiKey: 'YOUR_API_KEY', workflowId: sdxl }, 802],
    ['an invalid key', { apiKey: 'invalid-1', workflowId: sdxl }, 802],
    ["a free user's key", { apiKey: 'a-free-key', workflowId: sdxl }, 801],
    ['a key without money', { apiKey: 'a-broke-key', workflowId: sdxl }, 416],
  ])('refuses %s', async (_what, body, code) => {
    const { post, sandbox } = await openBench()
    const answer = await post('/task/openapi/create', body)
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ code, data: null })
    expect(sandbox.tasks()).toEqual([])
  })

  test('takes the key from the header alone', async () => {
    const { post } = await openBench()
    const body = JSON.stringify({ workflowId: sdxl })
    const { json } = await post('/task/openapi/create', body, { authorization: `Bearer ${sandboxKey}` })
    expect(json.code).toBe(0)
  })

  test('an unknown workflow runs, and in strict mode is refused', async () => {
    const body = {
      workflowId: '1999999999999999991',
      nodeInfoList: [{ nodeId: 5, fieldName: 'anything', fieldValue: 1 }],
    }
    const loose = await openBench()
    expect((await loose.post('/task/openapi/create', body)).json.code).toBe(0)
    const strict = await openBench({ strict: true })
    expect((await strict.post('/task/openapi/create', body)).json.code).toBe(380)
    expect((await strict.post('/task/openapi/create', { apiKey: 'short', workflowId: sdxl })).json.code).toBe(
      802,
    )
    const app = { webappId: '1999999999999999991', nodeInfoList: [] }
    expect((await strict.post('/task/openapi/ai-app/run', app)).json.code).toBe(901)
  })

  test('long seeds and ids stand in the log digit for digit', async () => {
    const { post, sandbox } = await openBench()
    const body = `{"apiKey":"${sandboxKey}","webappId":${kontext},"nodeInfoList":[{"nodeId":"37","fieldName":"seed","fieldValue":18446744073709551615}]}`
    expect((await post('/task/openapi/ai-app/run', body)).json.code).toBe(0)
    expect(sandbox.requests()[0]?.rawBody).toBe(body)
    expect(sandbox.tasks()[0]).toMatchObject({
      targetId: kontext,
      kind: 'app',
      nodeInfoList: [{ nodeId: '37', fieldName: 'seed', fieldValue: 18446744073709551615n }],
    })
    expect(sandbox.violations()).toEqual([])
  })
})

describe('AI apps', () => {
  test.each([
    ['an integer', kontext, 0, []],
    ['a string', `"${kontext}"`, 0, []],
    ['a rounded integer', '1877265245566922800', 901, ['rounded-id']],
    ['a double', '1.8772652455669228e18', 901, ['webapp-id-not-integer']],
    ["a workflow's id", zImage, 901, []],
    ['null', 'null', 301, ['webapp-id-not-integer']],
  ])('webappId as %s', async (_what, literal, code, rules) => {
    const { post, sandbox } = await openBench()
    const { json } = await post(
      '/task/openapi/ai-app/run',
      `{"apiKey":"${sandboxKey}","webappId":${literal},"nodeInfoList":[]}`,
    )
    expect(json.code).toBe(code)
    expect(sandbox.violations().map(violation => violation.rule)).toEqual(rules)
  })

  test('quick create notes items without the words of the form', async () => {
    const { post, sandbox } = await openBench()
    const item = { nodeId: '52', fieldName: 'prompt', fieldValue: 'x' }
    const words = { nodeName: 'RH_Translator', fieldType: 'STRING', description: '' }
    const body = { webappId: '1877265245566922753', quickCreateCode: '006' }
    await post('/task/openapi/quick-ai-app/run', { ...body, nodeInfoList: [{ ...item, ...words }] })
    expect(sandbox.violations()).toEqual([])
    await post('/task/openapi/quick-ai-app/run', { ...body, nodeInfoList: [item] })
    expect(sandbox.violations().map(({ rule }) => rule)).toEqual(['quick-create-item'])
  })

  test('quick create needs its code', async () => {
    const { post } = await openBench()
    const body = { webappId: kontext, nodeInfoList: [] }
    expect((await post('/task/openapi/quick-ai-app/run', body)).json.code).toBe(301)
    expect(
      (await post('/task/openapi/quick-ai-app/run', { ...body, quickCreateCode: '002' })).json.code,
    ).toBe(0)
  })
})

describe('slots', () => {
  test('the fourth task of a key is refused with 421 until one has ended', async () => {
    const clock = createFakeClock()
    const { post, create, finished } = await openBench({ clock })
    const first = await create(sdxl)
    await create(specialWorkflows.slow.id)
    await create(specialWorkflows.slow.id)
    expect((await post('/task/openapi/create', { workflowId: sdxl })).json).toEqual({
      code: 421,
      msg: 'TASK_QUEUE_MAXED',
      data: null,
    })
    expect((await post('/task/openapi/create', { apiKey: 'another-key', workflowId: sdxl })).json.code).toBe(
      0,
    )
    await clock.run(finished(first))
    expect((await post('/task/openapi/create', { workflowId: sdxl })).json.code).toBe(0)
  })

  test('an exclusive key is refused with 415, or waits in its personal queue', async () => {
    const clock = createFakeClock()
    const { post, finished } = await openBench({ clock, concurrency: 1 })
    const apiKey = 'an-exclusive-key'
    const body = { apiKey, workflowId: sdxl }
    await post('/task/openapi/create', body)
    expect((await post('/task/openapi/create', body)).json.code).toBe(415)
    const waiting = await post('/task/openapi/create', { ...body, usePersonalQueue: 'true' })
    const { taskId } = waiting.json.data as { taskId: string }
    expect((await clock.run(finished(taskId, apiKey))).json.code).toBe(0)
  })
})

describe('v2', () => {
  test('run answers flat and without socket, and reads the key from the header only', async () => {
    const { postV2, sandbox } = await openBench()
    const nodeInfoList = [{ nodeId: '52', fieldName: 'prompt', fieldValue: 'short hair' }]
    const app = await postV2(`/openapi/v2/run/ai-app/${kontext}`, { nodeInfoList, usePersonalQueue: 'false' })
    expect(app.json).toMatchObject({ status: 'QUEUED', errorCode: '', errorMessage: '', results: null })
    expect(app.json).not.toHaveProperty('netWssUrl')
    expect(app.json).not.toHaveProperty('code')
    const workflow = await postV2(`/openapi/v2/run/workflow/${sdxl}`, { nodeInfoList: [], apiKey: 'x' })
    expect(workflow.json.taskId).toMatch(/^\d{19}$/)
    expect(sandbox.violations().map(violation => violation.rule)).toEqual(['api-key-in-v2-body'])
  })

  test.each([
    [
      'a wrong field',
      kontext,
      { nodeInfoList: [{ nodeId: '52', fieldName: 'text', fieldValue: '' }] },
      { errorCode: '1101' },
    ],
    ['no nodeInfoList', kontext, {}, { errorCode: '1007' }],
    ['an unknown app', zImage, { nodeInfoList: [] }, { code: 901 }],
  ])('refuses %s', async (_what, id, body, expected) => {
    const { postV2 } = await openBench()
    expect((await postV2(`/openapi/v2/run/ai-app/${id}`, body)).json).toMatchObject(expected)
  })

  test('refuses an unknown key with 401 in the body', async () => {
    const { postV2 } = await openBench()
    const answer = await postV2(`/openapi/v2/run/ai-app/${kontext}`, { nodeInfoList: [] }, 'invalid')
    expect(answer.status).toBe(200)
    expect(answer.json.code).toBe(401)
  })
})

test('a wrong path answers 412 on v1 and 1001 on v2, a wrong method 1009', async () => {
  const { post, get } = await openBench()
  expect((await post('/api/openapi/upload', {})).json).toEqual({
    code: 412,
    msg: 'TOKEN_INVALID',
    data: null,
  })
  expect((await post('/openapi/v2/nothing', {})).json.code).toBe(1001)
  expect((await get('/openapi/v2/query')).json.code).toBe(1009)
})

test('a body of more than 8 MB answers 413', async () => {
  const { post } = await openBench()
  const answer = await post('/task/openapi/create', {
    workflowId: sdxl,
    workflow: 'x'.repeat(9 * 1024 * 1024),
  })
  expect(answer.status).toBe(413)
})
