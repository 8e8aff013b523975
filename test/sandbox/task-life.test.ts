import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { createSandbox, sandboxKey, specialWorkflows } from '../../server/sandbox/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { filesOf, kontext, openBench, sdxl, zImage } from './support.ts'

test('outputs goes from 813 over 804 with a socket to the list of files', async () => {
  const clock = createFakeClock()
  const { post, create, sandbox } = await openBench({ clock, speed: 1 })
  const taskId = await create(zImage)
  const outputs = async () => (await post('/task/openapi/outputs', { taskId })).json
  expect(await outputs()).toEqual({ code: 813, msg: 'APIKEY_TASK_IS_QUEUED', data: null })
  await clock.advance(400)
  expect(await outputs()).toMatchObject({ code: 804, msg: 'APIKEY_TASK_IS_RUNNING' })
  const { netWssUrl } = (await outputs()).data as { netWssUrl: string }
  expect(netWssUrl).toMatch(
    /^ws:\/\/127\.0\.0\.1:\d+\/ws\/c_instance\?c_host=.*&c_port=80&clientId=.*&workflowId=.*&Rh-Comfy-Auth=/,
  )
  let last = await outputs()
  await clock.run(
    (async () => {
      while (last.code === 804) last = await outputs()
    })(),
  )
  expect(last.code).toBe(0)
  const [task] = sandbox.tasks()
  expect(task?.state).toBe('SUCCESS')
  expect((task?.endedAt ?? 0) - (task?.startedAt ?? 0)).toBeGreaterThanOrEqual(2400)
})

test('every file carries the bill of the whole task, ceil(0.2 × seconds)', async () => {
  const { create, finished } = await openBench()
  const files = filesOf(await finished(await create(zImage)))
  expect(files).toHaveLength(4)
  for (const file of files) {
    expect(file).toMatchObject({
      fileType: 'png',
      nodeId: '9',
      consumeMoney: null,
      thirdPartyConsumeMoney: null,
    })
    expect(file.consumeCoins).toBe(String(Math.ceil(Number(file.taskCostTime) / 5)))
    expect(file.fileUrl).toMatch(/\/output\/[0-9a-f]{32}\/output\/ComfyUI_0000[1-4]_[a-z]{5}_\d{10}\.png$/)
  }
  expect(new Set(files.map(file => file.consumeCoins)).size).toBe(1)
})

test('a shared key pays money', async () => {
  const { post, finished } = await openBench()
  const apiKey = 'a-SHARED-key'
  const { json } = await post('/task/openapi/create', { apiKey, workflowId: sdxl })
  const [file] = filesOf(await finished((json.data as { taskId: string }).taskId, apiKey))
  expect(file?.consumeCoins).toBeNull()
  expect(Number(file?.consumeMoney)).toBeGreaterThan(0)
})

test('status names the state, and refuses 0 and unknown ids', async () => {
  const clock = createFakeClock()
  const { post, create, finished } = await openBench({ clock })
  const taskId = await create(sdxl)
  expect((await post('/task/openapi/status', { taskId })).json).toEqual({ code: 0, msg: '', data: 'QUEUED' })
  await clock.run(finished(taskId))
  expect((await post('/task/openapi/status', { taskId })).json.data).toBe('SUCCESS')
  expect((await post('/task/openapi/status', { taskId: 0 })).json).toEqual({
    code: 301,
    msg: 'taskId must be positive',
    data: null,
  })
  expect((await post('/task/openapi/status', { taskId: '1904737800233889800' })).json.code).toBe(807)
  expect((await post('/task/openapi/status', { apiKey: 'someone-else', taskId })).json.code).toBe(807)
  expect((await post('/task/openapi/status', {})).json.code).toBe(301)
})

test('a cancelled task reads as 805 and FAILED and frees its slot; a second cancel finds nothing', async () => {
  const { post, create } = await openBench({ concurrency: 1 })
  const taskId = await create(specialWorkflows.slow.id)
  expect((await post('/task/openapi/cancel', { taskId })).json).toEqual({
    code: 0,
    msg: 'success',
    data: null,
  })
  expect((await post('/task/openapi/outputs', { taskId })).json.code).toBe(805)
  expect((await post('/task/openapi/status', { taskId })).json.data).toBe('FAILED')
  expect((await post('/task/openapi/cancel', { taskId })).json.code).toBe(807)
  expect((await post('/task/openapi/create', { workflowId: sdxl })).json.code).toBe(0)
})

test('v2 query reads tasks of both families', async () => {
  const { create, finished, postV2 } = await openBench()
  const taskId = await create(kontext.replace('3', '1'))
  await finished(taskId)
  const { json } = await postV2('/openapi/v2/query', { taskId })
  expect(json).toMatchObject({ taskId, status: 'SUCCESS', errorCode: '', failedReason: {} })
  expect(json.results).toMatchObject([{ outputType: 'png', nodeId: '9', text: null }])
  const failed = await create(specialWorkflows.fails.id)
  await finished(failed)
  expect((await postV2('/openapi/v2/query', { taskId: failed })).json).toMatchObject({
    status: 'FAILED',
    errorCode: '1000',
    results: null,
    failedReason: { node_id: '3', node_name: 'KSampler' },
  })
  expect((await postV2('/openapi/v2/query', { taskId: '1904737800233889793' })).json.errorCode).toBe('1004')
})

test('accountStatus counts what is queued and running, and wants the lower-case spelling', async () => {
  const { post, create, sandbox } = await openBench()
  await create(specialWorkflows.slow.id)
  const good = await post('/uc/openapi/accountStatus', JSON.stringify({ apikey: sandboxKey }))
  expect(good.json.data).toEqual({
    remainCoins: '99999',
    currentTaskCounts: '1',
    remainMoney: null,
    currency: null,
    apiType: 'NORMAL',
  })
  const wrong = await post('/uc/openapi/accountStatus', {})
  expect(wrong.json).toEqual({ code: 1601, msg: 'param apiKey is required', data: null })
  expect(sandbox.violations().map(violation => violation.rule)).toEqual(['apikey-spelling'])
})

test('the account calls of v2 answer with the limit of the key', async () => {
  const { get } = await openBench()
  const headers = { authorization: `Bearer ${sandboxKey}` }
  expect((await get('/openapi/v2/queue/status', headers)).json.data).toEqual({
    apiKeyType: 'NORMAL',
    concurrentLimit: 3,
    runningCount: '0',
    queuedCount: '0',
    totalCurrentTasks: '0',
  })
  expect((await get('/openapi/v2/api-key/list', headers)).text).not.toContain(sandboxKey)
})

test('getJsonApiFormat gives the graph as a string, apiCallDemo the fields of an app', async () => {
  const { post, get } = await openBench()
  const { json } = await post('/api/openapi/getJsonApiFormat', { workflowId: zImage })
  const graph = JSON.parse((json.data as { prompt: string }).prompt)
  expect(graph['5']).toMatchObject({ inputs: { batch_size: 4 }, _meta: { title: 'Size' } })
  const neverRun = { workflowId: specialWorkflows.neverRun.id }
  expect((await post('/api/openapi/getJsonApiFormat', neverRun)).json.code).toBe(810)
  const demo = await get(`/api/webapp/apiCallDemo?apiKey=${sandboxKey}&webappId=${kontext}`)
  const { curl, nodeInfoList } = demo.json.data as { curl: string; nodeInfoList: { nodeId: string }[] }
  expect(curl).toContain('"webappId": "null"')
  expect(nodeInfoList.map(field => field.nodeId)).toEqual(['39', '37', '52'])
  expect((await get(`/api/webapp/apiCallDemo?apiKey=${sandboxKey}&webappId=${zImage}`)).json.code).toBe(901)
  expect((await post('/api/fast/creation/model/params', { type: 2, webappId: '1' })).json.data).toMatchObject(
    [{ modelLoar2FileName: null }, {}, {}],
  )
})

test('requests() keeps what the HTTP log masks', async () => {
  const { create, get, sandbox } = await openBench()
  await create(sdxl)
  await get(`/api/webapp/apiCallDemo?apiKey=${sandboxKey}&webappId=${kontext}`)
  expect(sandbox.requests()[0]?.rawBody).toContain(sandboxKey)
  expect(sandbox.requests()[0]).toMatchObject({
    method: 'POST',
    path: '/task/openapi/create',
    status: 200,
    code: 0,
  })
  const log = await get('/__sandbox/log')
  expect(log.text).not.toContain(sandboxKey)
  expect(log.json).toMatchObject({ createsPerKey: { nly0: 1 }, tasks: [{ targetId: sdxl }] })
  expect((await get('/__sandbox/health')).json.sandbox).toBe(true)
})

test('one connection serves many requests', async () => {
  const { sandbox } = await openBench()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let count = 0; count < 5; count++) {
    const request = get(`${sandbox.url}/__sandbox/health`, { agent })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    await response.resume().toArray()
  }
  agent.destroy()
  expect(sandbox.requests().map(request => request.connectionId)).toEqual([1, 1, 1, 1, 1])
})

test('close ends running tasks, open answers and the port', async () => {
  const sandbox = await createSandbox({ faults: [{ on: 'outputs', do: { kind: 'hang' } }] })
  const headers = { authorization: `Bearer ${sandboxKey}` }
  const post = (path: string, body: object) =>
    fetch(sandbox.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  const created = (await (await post('/task/openapi/create', { workflowId: zImage })).json()) as {
    data: { taskId: string }
  }
  const hanging = post('/task/openapi/outputs', { taskId: created.data.taskId })
  hanging.catch(() => {})
  while (sandbox.requests().length < 2) await new Promise(resolve => setImmediate(resolve))
  await sandbox.close()
  await expect(hanging).rejects.toThrow()
  await expect(fetch(`${sandbox.url}/__sandbox/health`)).rejects.toThrow()
})
