import { expect, test } from 'vitest'
import type { FaultAction } from '../../server/sandbox/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { bytesOf, filesOf, openBench, sdxl, zImage } from './support.ts'

const create = '/task/openapi/create'

test.each<[FaultAction]>([[{ kind: 'commit-then-reset' }], [{ kind: 'commit-then-http', status: 502 }]])(
  '%j on create leaves exactly one task that nobody was told of',
  async action => {
    const { post, sandbox } = await openBench({ faults: [{ on: 'create', do: action }] })
    const answer = await post(create, { workflowId: sdxl }).catch(() => null)
    if (action.kind === 'commit-then-reset') expect(answer).toBeNull()
    else expect(answer).toMatchObject({ status: 502, text: expect.stringContaining('<h1>502</h1>') })
    expect(sandbox.tasks()).toHaveLength(1)
  },
)

test.each<[FaultAction]>([
  [{ kind: 'reset' }],
  [{ kind: 'http', status: 503, body: '{"code":1011,"msg":"System busy"}' }],
  [{ kind: 'code', code: 1003, msg: 'Rate limit exceeded' }],
])('%j on create leaves no task', async action => {
  const { post, sandbox } = await openBench({ faults: [{ on: 'create', do: action }] })
  const answer = await post(create, { workflowId: sdxl }).catch(() => null)
  if (action.kind === 'code')
    expect(answer?.json).toEqual({ code: 1003, msg: 'Rate limit exceeded', data: null })
  if (action.kind === 'http') expect(answer).toMatchObject({ status: 503, json: { code: 1011 } })
  expect(sandbox.tasks()).toEqual([])
})

test.each<[FaultAction, number]>([
  [{ kind: 'hang' }, 0],
  [{ kind: 'commit-then-hang' }, 1],
])('%j never answers', async (action, tasks) => {
  const { sandbox } = await openBench({ faults: [{ on: 'create', do: action }] })
  const body = JSON.stringify({ apiKey: 'a-key', workflowId: sdxl })
  const gaveUp = AbortSignal.timeout(60)
  await expect(fetch(sandbox.url + create, { method: 'POST', body, signal: gaveUp })).rejects.toThrow()
  expect(sandbox.tasks()).toHaveLength(tasks)
  expect(sandbox.requests()[0]?.status).toBeNull()
})

test('a rule counts skip and times down, and knows its target', async () => {
  const { post, sandbox } = await openBench({ concurrency: 50 })
  sandbox.addFaults([
    {
      on: 'create',
      targetId: zImage,
      skip: 1,
      times: 2,
      do: { kind: 'code', code: 421, msg: 'TASK_QUEUE_MAXED' },
    },
  ])
  const codes = []
  for (const workflowId of [sdxl, zImage, zImage, sdxl, zImage, zImage]) {
    codes.push((await post(create, { workflowId })).json.code)
  }
  expect(codes).toEqual([0, 0, 421, 0, 421, 0])
})

test('a header plays a fault once', async () => {
  const { post } = await openBench()
  const headers = { 'x-sandbox-fault': '{"kind":"garbage"}' }
  const garbage = await post(create, { workflowId: sdxl }, headers)
  expect(garbage.json).toEqual({})
  expect((await post(create, { workflowId: sdxl }, { 'x-sandbox-fault': '{"kind":"empty"}' })).text).toBe('')
  expect((await post(create, { workflowId: sdxl }, { 'x-sandbox-fault': 'nonsense' })).json.code).toBe(0)
})

test('a download is cut in the middle and can be continued', async () => {
  const { create: start, finished, sandbox } = await openBench()
  const [file] = filesOf(await finished(await start(sdxl)))
  const url = file?.fileUrl ?? ''
  sandbox.addFaults([{ on: 'file', targetId: sdxl, do: { kind: 'truncate', afterBytes: 1000 } }])
  await expect(bytesOf(url)).rejects.toThrow()
  const rest = await bytesOf(url, { range: 'bytes=1000-' })
  expect(rest.status).toBe(206)
})

test('a delay runs on the clock', async () => {
  const clock = createFakeClock()
  const { post, sandbox } = await openBench({ clock })
  sandbox.addFaults([{ on: 'account', do: { kind: 'delay', ms: 6 * 3600_000 } }])
  const before = clock.now()
  await clock.run(post('/uc/openapi/accountStatus', { apikey: 'a-key' }))
  expect(clock.now() - before).toBe(6 * 3600_000)
})

test('an upload can be refused with a gateway answer once', async () => {
  const { sandbox } = await openBench()
  const body = '{"code":-1,"msg":"ApiKey verification failed"}'
  sandbox.addFaults([{ on: 'upload', do: { kind: 'http', status: 401, body } }])
  const form = () => {
    const parts = new FormData()
    parts.set('apiKey', 'a-key')
    parts.set('file', new Blob(['abc']), 'a.png')
    return parts
  }
  const send = () => fetch(`${sandbox.url}/task/openapi/upload`, { method: 'POST', body: form() })
  expect((await send()).status).toBe(401)
  expect((await send()).status).toBe(200)
})

test('faults can be set, read and cleared over HTTP', async () => {
  const { post, get, sandbox } = await openBench()
  const rule = { on: 'create', do: { kind: 'code', code: 415, msg: 'TASK_INSTANCE_MAXED' }, times: 5 }
  expect((await post('/__sandbox/faults', JSON.stringify([rule]))).status).toBe(200)
  expect(
    (await post('/__sandbox/faults', JSON.stringify({ on: 'nowhere', do: { kind: 'hang' } }))).status,
  ).toBe(400)
  expect((await post(create, { workflowId: sdxl })).json.code).toBe(415)
  expect((await get('/__sandbox/faults')).json.faults).toMatchObject([{ on: 'create', times: 4 }])
  await fetch(`${sandbox.url}/__sandbox/faults`, { method: 'DELETE' })
  expect((await post(create, { workflowId: sdxl })).json.code).toBe(0)
})
