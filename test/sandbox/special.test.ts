import { expect, test } from 'vitest'
import { type SpecialWorkflow, specialWorkflows } from '../../server/sandbox/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { bytesOf, filesOf, openBench } from './support.ts'

const table: [string, SpecialWorkflow][] = Object.entries(specialWorkflows)

test('every special id is a distinct 19-digit id that rounding changes', () => {
  const ids = table.map(([, { id }]) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(BigInt(Number(id)).toString()).not.toBe(id)
})

test.each(table.filter(([, { behaviour }]) => behaviour.refusal))(
  '%s is refused at create',
  async (_name, entry) => {
    const { post, sandbox } = await openBench()
    const { json } = await post('/task/openapi/create', { workflowId: entry.id })
    expect(json.code).toBe(entry.behaviour.refusal?.code)
    expect(sandbox.tasks()).toEqual([])
  },
)

test.each(table.filter(([, { behaviour }]) => !behaviour.refusal))(
  '%s comes to its end',
  async (_name, entry) => {
    const { create, finished } = await openBench({ speed: 5000 })
    const { json } = await finished(await create(entry.id))
    const { ending } = entry.behaviour
    const code = ending === undefined ? 0 : ending === 'code-500' ? 500 : 805
    expect(json.code).toBe(code)
    if (code === 0) expect(json.data).toHaveLength(entry.behaviour.files?.length ?? 1)
  },
)

test('a failure tells its node, exception and traceback, as JSON inside strings', async () => {
  const { create, finished, post } = await openBench()
  const taskId = await create(specialWorkflows.fails.id)
  const { json } = await finished(taskId)
  const { failedReason } = json.data as { failedReason: Record<string, string> }
  expect(failedReason).toMatchObject({ node_id: '3', node_name: 'KSampler', exception_type: 'TypeError' })
  expect(JSON.parse(failedReason.traceback ?? '')).toBeInstanceOf(Array)
  expect((await post('/task/openapi/status', { taskId })).json).toMatchObject({ code: 0, data: 'FAILED' })
  const bare = await finished(await create(specialWorkflows.failsWithoutReason.id))
  expect(bare.json).toEqual({ code: 805, msg: 'APIKEY_TASK_STATUS_ERROR', data: null })
})

test('mixed gives thirteen files of eight types', async () => {
  const { create, finished } = await openBench({ speed: 5000 })
  const types = filesOf(await finished(await create(specialWorkflows.mixed.id))).map(file => file.fileType)
  expect(types.filter(type => type === 'mp4')).toHaveLength(6)
  expect(new Set(types)).toEqual(new Set(['png', 'txt', 'wav', 'mp4', 'latent', 'glb', 'abc']))
})

test('running can read as code 0 with null, or as 804 without a socket', async () => {
  const clock = createFakeClock()
  const { create, post } = await openBench({ clock, speed: 1 })
  const asNull = await create(specialWorkflows.runsAsNull.id)
  const noUrl = await create(specialWorkflows.runsWithoutUrl.id)
  await clock.advance(400)
  expect((await post('/task/openapi/outputs', { taskId: asNull })).json).toMatchObject({
    code: 0,
    data: null,
  })
  expect((await post('/task/openapi/outputs', { taskId: noUrl })).json).toMatchObject({ code: 804, data: {} })
})

test('create can lack netWssUrl, and a task can end while queued', async () => {
  const { post, create, finished, sandbox } = await openBench()
  const { json } = await post('/task/openapi/create', { workflowId: specialWorkflows.createWithoutUrl.id })
  expect(json.data).not.toHaveProperty('netWssUrl')
  await finished(await create(specialWorkflows.finishesQueued.id))
  expect(sandbox.tasks().at(-1)).toMatchObject({ state: 'SUCCESS', startedAt: null })
})

test('v2 gives a text result as text where the workflow says so', async () => {
  const { create, finished, postV2 } = await openBench()
  const inline = await create(specialWorkflows.inlineText.id)
  await finished(inline)
  expect((await postV2('/openapi/v2/query', { taskId: inline })).json.results).toMatchObject([
    { url: null, outputType: 'txt', text: expect.stringContaining('sandbox') },
  ])
  const byUrl = await finished(await create(specialWorkflows.text.id))
  expect((await bytesOf(filesOf(byUrl)[0]?.fileUrl ?? '')).bytes.toString()).toContain('沙箱')
})

test.each([
  ['expired', specialWorkflows.expiredFile, 404, null],
  ['forbidden', specialWorkflows.forbiddenFile, 403, null],
  ['empty', specialWorkflows.emptyFile, 200, 0],
])('a result can be %s', async (_what, entry, status, length) => {
  const { create, finished } = await openBench()
  const [file] = filesOf(await finished(await create(entry.id)))
  const answer = await bytesOf(file?.fileUrl ?? '')
  expect(answer.status).toBe(status)
  if (length !== null) expect(answer.bytes.length).toBe(length)
})
