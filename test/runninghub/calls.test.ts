import { describe, expect, test } from 'vitest'
import {
  CloudError,
  type CreateRequest,
  createRunningHubClient,
  readInlineGraph,
} from '../../server/runninghub/index.ts'
import { keyWords, specialWorkflows } from '../../server/sandbox/index.ts'
import { systemClock } from '../../server/shared/clock.ts'
import { writeJson } from '../../server/shared/lossless-json.ts'
import {
  clientFor,
  createHastyClock,
  failureOf,
  key,
  never,
  openCloud,
  openServer,
  says,
  sdxl,
  zImage,
} from './support.ts'

const app = '1877265245566922753'
const seed = 18446744073709551615n

type GraphRequest = Extract<CreateRequest, { kind: 'workflow' | 'app' }>

const create = (more: Partial<GraphRequest> = {}): GraphRequest => ({
  kind: 'workflow',
  targetId: sdxl,
  nodeInfoList: [],
  ...more,
})

const open = () => openCloud({ clock: createHastyClock(), sandboxClock: systemClock, speed: 1000 })

describe('creating', () => {
  test('a workflow goes out with its key in body and header and the node infos as they are', async () => {
    const { client, requests } = await open()
    const infos = [{ nodeId: '3', fieldName: 'seed', fieldValue: seed }]
    const created = await client.create(create({ nodeInfoList: infos, instanceType: 'plus' }))
    expect(created.taskId).toMatch(/^\d{19}$/)
    expect(created.promptTips).toContain('outputs_to_execute')
    const [request] = requests('/task/openapi/create')
    expect(request?.headers.authorization).toBe(`Bearer ${key}`)
    expect(request?.rawBody).toBe(
      `{"workflowId":"${sdxl}","apiKey":"${key}","nodeInfoList":[{"nodeId":"3","fieldName":"seed","fieldValue":18446744073709551615}],"instanceType":"plus"}`,
    )
  })

  test('an AI app is named by a bare integer, digit for digit', async () => {
    const { client, requests } = await open()
    await client.create(create({ kind: 'app', targetId: app }))
    expect(requests('/ai-app/run')[0]?.rawBody).toContain(`{"webappId":${app},`)
  })

  test('quick create names its app by text, with its code and the words of each field', async () => {
    const { client, requests, sandbox } = await open()
    const field = { nodeName: 'RH_Translator', fieldType: 'STRING', description: 'Prompt' }
    await client.create({
      kind: 'quick',
      targetId: app,
      quickCreateCode: '006',
      nodeInfoList: [{ nodeId: '52', fieldName: 'prompt', fieldValue: 'a fox', ...field }],
    })
    expect(requests('/quick-ai-app/run')[0]?.rawBody).toContain(`{"webappId":"${app}",`)
    expect(sandbox.tasks()).toMatchObject([{ kind: 'quick-app', targetId: app }])
  })

  test('a whole graph goes along as text, with the values set in it and no node infos', async () => {
    const { client, requests, sandbox } = await open()
    const text = '{"prompt":{"6":{"class_type":"CLIPTextEncode","inputs":{"text":"old","seed":1}}}}'
    const graph = readInlineGraph(text, [
      { nodeId: '6', fieldName: 'text', fieldValue: 'new' },
      { nodeId: '6', fieldName: 'seed', fieldValue: seed },
    ])
    await client.create(create({ kind: 'workflow', graph, accessPassword: 'open', usePersonalQueue: true }))
    const body = JSON.parse(requests('/task/openapi/create')[0]?.rawBody ?? '')
    expect(body).toMatchObject({ workflowId: sdxl, nodeInfoList: [], accessPassword: 'open' })
    expect(body.workflow).toContain('"text":"new","seed":18446744073709551615')
    expect(sandbox.tasks()).toHaveLength(1)
  })

  test.each([
    ['no JSON', '{', [], 'bad-inline-workflow'],
    ['the editor’s own format', '{"nodes":[],"links":[]}', [], 'bad-inline-workflow'],
    ['no nodes', '{}', [], 'bad-inline-workflow'],
    ['a node that is not there', '{"1":{"class_type":"A"}}', ['2'], 'bad-node-info'],
    ['a field fed by a link', '{"1":{"class_type":"A","inputs":{"x":["2",0]}}}', ['1'], 'bad-node-info'],
  ])('a graph with %s is refused before anything is sent', (_what, text, nodes, code) => {
    const infos = nodes.map(nodeId => ({ nodeId, fieldName: 'x', fieldValue: 1 }))
    expect(() => readInlineGraph(text, infos)).toThrow(expect.objectContaining({ code }))
  })

  test('by v2 the id stands in the path and the key in the header only', async () => {
    const { client, sandbox } = await open()
    const workflow = await client.createV2(create())
    const started = await client.createV2(create({ kind: 'app', targetId: app }))
    expect(sandbox.tasks().map(({ taskId, kind, targetId }) => [taskId, kind, targetId])).toEqual([
      [workflow.taskId, 'workflow', sdxl],
      [started.taskId, 'app', app],
    ])
    for (const { rawBody } of sandbox.requests()) expect(rawBody).not.toContain(key)
  })

  test('every create but quick create takes an address to call at the end', async () => {
    const { client, sandbox } = await open()
    const webhookUrl = 'http://127.0.0.1:1/hook'
    await client.create(create(), { webhookUrl })
    await client.create(create({ kind: 'app', targetId: app }), { webhookUrl })
    await client.createV2(create(), { webhookUrl })
    await client.create(create())
    const sent = sandbox.requests().map(({ rawBody }) => JSON.parse(rawBody).webhookUrl)
    expect(sent).toEqual([webhookUrl, webhookUrl, webhookUrl, undefined])
    const silent = sandbox.tasks().at(-1)?.taskId ?? ''
    expect(await failureOf(client.webhook(silent, never))).toMatchObject({ code: 'cloud-807' })
  })

  test("a v2 refusal is understood in v2's form and in v1's envelope", async () => {
    const { client } = await open()
    const wrongNode = create({
      targetId: zImage,
      nodeInfoList: [{ nodeId: '9999', fieldName: 'x', fieldValue: '1' }],
    })
    expect(await failureOf(client.createV2(wrongNode))).toMatchObject({ code: 'cloud-1101', created: 'no' })
    const busy = create({ targetId: specialWorkflows.exclusiveBusy.id })
    expect(await failureOf(client.createV2(busy))).toMatchObject({ code: 'cloud-415', created: 'wait' })
  })

  test.each([
    [{ targetId: specialWorkflows.neverRun.id }, 810],
    [{ targetId: specialWorkflows.workflowGone.id }, 380],
    [{ targetId: specialWorkflows.promptRefused.id }, 433],
    [{ targetId: specialWorkflows.appGone.id, kind: 'app' as const }, 901],
    [{ targetId: zImage, nodeInfoList: [{ nodeId: '9999', fieldName: 'x', fieldValue: '1' }] }, 803],
  ])('%j is refused with its code and a hint', async (request, code) => {
    const { client, sandbox } = await open()
    const error = await failureOf(client.create(create(request)))
    expect(error).toMatchObject({ cloudCode: code, created: 'no', hint: expect.stringMatching(/\w.*[.?]$/) })
    expect(sandbox.tasks()).toEqual([])
  })

  test.each([
    ['invalid-key-of-thirty-two-chars00', 802],
    [`${Object.keys(keyWords)[3]}-account-of-32-characters-0`, 801],
    [`${Object.keys(keyWords)[4]}-account-of-32-characters-`, 416],
  ])('the key %s is refused with %i', async (apiKey, code) => {
    const { transport, baseUrl } = await open()
    const client = createRunningHubClient({ transport, clock: createHastyClock(), baseUrl, apiKey })
    const error = await failureOf(client.create(create()))
    expect(error).toMatchObject({ cloudCode: code, created: 'no' })
    expect(writeJson({ ...error, message: error.message })).not.toContain(apiKey)
  })
})

describe('asking', () => {
  test('status and outputs follow a task to its files', async () => {
    const { client } = await open()
    const { taskId } = await client.create(create())
    expect(['QUEUED', 'RUNNING', 'SUCCESS']).toContain(await client.status(taskId, never))
    let state = await client.outputs(taskId, never)
    while (state.state === 'queued' || state.state === 'running') state = await client.outputs(taskId, never)
    expect(state).toMatchObject({
      state: 'done',
      files: [{ type: 'png', nodeId: '9', url: expect.stringContaining('/output/') }],
      cost: { coins: expect.stringMatching(/^\d+$/), money: null, seconds: expect.stringMatching(/^\d+$/) },
    })
    expect(await client.status(taskId, never)).toBe('SUCCESS')
    expect(await client.queryV2(taskId, never)).toEqual({
      ...state,
      files: state.state === 'done' ? state.files : [],
      response: expect.stringContaining('"status":"SUCCESS"'),
    })
  })

  test('v2 gives a text as text, a failure with its reason, and an unknown task as 1004', async () => {
    const { client } = await open()
    const ended = async (targetId: string) => {
      const { taskId } = await client.createV2(create({ targetId }))
      let state = await client.queryV2(taskId, never)
      while (state.state === 'queued' || state.state === 'running')
        state = await client.queryV2(taskId, never)
      return state
    }
    expect(await ended(specialWorkflows.inlineText.id)).toMatchObject({
      state: 'done',
      files: [],
      texts: [expect.stringContaining('沙箱')],
      cost: { coins: expect.stringMatching(/^\d+$/) },
    })
    expect(await ended(specialWorkflows.fails.id)).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('node 3 (KSampler): TypeError') },
    })
    expect(await ended(specialWorkflows.failsWithoutReason.id)).toMatchObject({
      state: 'failed',
      error: { message: 'The cloud task failed: unknown error' },
    })
    expect(await failureOf(client.queryV2('1904737800233889793', never))).toMatchObject({
      code: 'cloud-1004',
    })
  })

  test('cancelling ends a task; what has ended is told as unknown', async () => {
    const { client, sandbox } = await openCloud({ clock: createHastyClock() })
    const { taskId } = await client.create(create())
    await client.cancel(taskId)
    expect(sandbox.tasks()[0]?.state).toBe('CANCEL')
    expect(await failureOf(client.cancel(taskId))).toMatchObject({ code: 'cloud-807', taskId })
    expect(await client.outputs(taskId, never)).toMatchObject({ state: 'failed' })
  })

  test("a workflow's graph is given with its node titles", async () => {
    const { client } = await open()
    const { graph } = await client.workflowJson(sdxl, never)
    expect(graph).toMatchObject({ 3: { class_type: 'KSampler' } })
    expect(await failureOf(client.workflowJson(specialWorkflows.neverRun.id, never))).toMatchObject({
      cloudCode: 810,
    })
  })

  test('the fields of an AI app are given without the curl text and its key', async () => {
    const { client } = await open()
    const demo = await client.appDemo(app, never)
    expect(demo.nodeInfoList.length).toBeGreaterThan(0)
    expect(writeJson(demo)).not.toContain(key.slice(-4))
    expect(Object.keys(demo)).toEqual(['name', 'cover', 'isProtected', 'isOpen', 'nodeInfoList'])
    expect(await failureOf(client.appDemo(specialWorkflows.appGone.id, never))).toMatchObject({
      cloudCode: 901,
    })
  })

  test('the account is asked for with apikey in lower case', async () => {
    const { client, requests } = await open()
    expect(await client.accountStatus(never)).toEqual({
      coins: '99999',
      money: null,
      currency: '',
      running: '0',
      kind: 'NORMAL',
    })
    expect(requests('/accountStatus')[0]?.rawBody).toBe(`{"apikey":"${key}"}`)
  })

  test('the slots of the key are asked for by v2', async () => {
    const { client } = await open()
    expect(await client.queueStatus(never)).toEqual({ limit: 50, running: 0, kind: 'NORMAL' })
  })

  test.each([
    ['status', { code: 0, msg: '', data: null }],
    ['json', { code: 0, msg: '', data: { prompt: 7 } }],
    ['account', { code: 0, msg: '', data: [] }],
  ] as const)('data of another form on %s is unreadable, and may be asked for again', async (on, body) => {
    const { client, sandbox } = await open()
    sandbox.addFaults([{ on, do: says(body) }])
    const calls = {
      status: () => client.status('1', never),
      json: () => client.workflowJson(sdxl, never),
      account: () => client.accountStatus(never),
    }
    expect(await failureOf(calls[on]())).toMatchObject({ code: 'cloud-unreadable', askAgain: true })
  })

  test.each([
    ['<html><body>502</body></html>', 'a web page'],
    ['', 'nothing'],
    ['{"code":0,', 'no readable JSON'],
    ['[]', 'no readable JSON'],
  ])('the body %j is told as %s', async (body, what) => {
    const { client, sandbox } = await open()
    sandbox.addFaults([{ on: 'outputs', do: { kind: 'http', status: 200, body } }])
    const error = await failureOf(client.outputs('1', never))
    expect(error.message).toBe(`RunningHub answered with ${what} (HTTP 200).`)
  })

  test("the cloud's own words are shown, without the key if they quote it", async () => {
    const { client, sandbox } = await open()
    sandbox.addFaults([
      { on: 'outputs', do: { kind: 'code', code: 1007, msg: `field apiKey=${key} is odd` } },
      { on: 'status', do: { kind: 'code', code: 4711, msg: 'something new' } },
    ])
    expect((await failureOf(client.outputs('1', never))).message).toContain('field apiKey=…6789 is odd')
    const unknown = await failureOf(client.status('1', never))
    expect(unknown).toMatchObject({ cloudCode: 4711, created: 'no', askAgain: true })
    expect(unknown.message).toContain('something new')
  })

  test('a question is stopped with the reason of its signal', async () => {
    const { client, sandbox } = await open()
    sandbox.addFaults([{ on: 'outputs', do: { kind: 'hang' } }])
    const stop = new AbortController()
    const asked = client.outputs('1', stop.signal)
    stop.abort('stopped')
    await expect(asked).rejects.toBe('stopped')
  })
})

test('an answer of more than 64 MB is not read to its end', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 0x20)
  const baseUrl = await openServer((_request, response) => {
    const pour = () => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', pour)
    pour()
  })
  const { client } = clientFor(baseUrl, createHastyClock())
  const error = await failureOf(client.status('1', never))
  expect(error.code).toBe('cloud-answer-too-big')
  expect(error).toBeInstanceOf(CloudError)
})
