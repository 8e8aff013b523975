import { expect, test } from 'vitest'
import { openServer, type TestServer } from '../support/open-server.ts'
import { cloudPrompt, failingPrompt, node, slowPrompt, textPrompt, zImage } from '../support/prompts.ts'

const idsOf = (json: unknown) => Object.keys(json as object)

async function withHistory(count: number): Promise<TestServer> {
  const server = await openServer({ parallel: 1 })
  for (let index = 0; index < count; index++) await server.runToEnd(textPrompt(), { prompt_id: `r${index}` })
  return server
}

test('the history comes oldest first, its last max_items without an offset', async () => {
  const server = await withHistory(4)
  for (const prefix of ['', '/api']) {
    const get = async (query: string) => idsOf((await server.get(`${prefix}/history${query}`)).json)
    expect(await get('')).toEqual(['r0', 'r1', 'r2', 'r3'])
    expect(await get('?max_items=2')).toEqual(['r2', 'r3'])
    expect(await get('?max_items=2&offset=1')).toEqual(['r1', 'r2'])
    expect(await get('?offset=3')).toEqual(['r3'])
    expect(await get('?max_items=0')).toEqual([])
    expect(await get('?max_items=-1')).toHaveLength(4)
    expect(await get('?offset=99')).toEqual([])
  }
  const wrong = await server.get('/history?max_items=many')
  expect([wrong.status, wrong.json]).toMatchObject([400, { error: { code: 'bad-query' } }])
})

test('an entry has the prompt, the outputs, the status and meta; an unknown id is an empty object with 200', async () => {
  const server = await openServer()
  const { id, entry } = await server.runToEnd(textPrompt('here'))
  expect(entry).toEqual({
    prompt: [0, id, expect.any(Object), expect.any(Object), ['2']],
    outputs: { '2': { text: ['here'] } },
    status: {
      status_str: 'success',
      completed: true,
      messages: [
        ['execution_start', { prompt_id: id, timestamp: expect.any(Number) }],
        ['execution_cached', { nodes: [], prompt_id: id, timestamp: expect.any(Number) }],
        ['execution_success', { prompt_id: id, timestamp: expect.any(Number) }],
      ],
    },
    meta: { '2': { node_id: '2', display_node: '2', parent_node: null, real_node_id: '2' } },
  })
  for (const path of ['/history/nobody', '/api/history/nobody', '/history/__proto__']) {
    const unknown = await server.get(path)
    expect([unknown.status, unknown.json]).toEqual([200, {}])
  }
})

test('entries are deleted one by one or all at once', async () => {
  const server = await withHistory(3)
  await server.post('/history', { delete: ['r1', 'nobody'] })
  expect(idsOf((await server.get('/history')).json)).toEqual(['r0', 'r2'])
  await server.post('/api/history', { clear: true })
  expect((await server.get('/history')).json).toEqual({})
})

test('a prompt that runs is not deleted by deleting the history', async () => {
  const server = await openServer({ sandboxSpeed: 1 })
  await server.submit(slowPrompt(), { prompt_id: 'slow' })
  await server.post('/history', { clear: true, delete: ['slow'] })
  const { json } = await server.get('/queue')
  const { queue_running, queue_pending } = json as { queue_running: unknown[][]; queue_pending: unknown[][] }
  expect([...queue_running, ...queue_pending].map(item => item[1])).toEqual(['slow'])
})

type Job = Record<string, unknown> & { id: string }
const jobsOf = async (server: TestServer, query = '') =>
  (await server.get(`/api/jobs${query}`)).json as { jobs: Job[]; pagination: Record<string, unknown> }

test('/api/jobs lists runs newest first, with times, outputs and a preview, and no null fields', async () => {
  const server = await openServer()
  const workflow = { id: 'flow-1', nodes: [], links: [], version: 0.4 }
  await server.runToEnd(textPrompt('shown'), { prompt_id: 'ok', extra_data: { extra_pnginfo: { workflow } } })
  await server.runToEnd(failingPrompt(), { prompt_id: 'bad' })
  const { jobs, pagination } = await jobsOf(server)
  expect(pagination).toMatchObject({ offset: 0, total: 2, has_more: false })
  expect(jobs).toEqual([
    {
      id: 'bad',
      status: 'failed',
      priority: 1,
      create_time: expect.any(Number),
      execution_start_time: expect.any(Number),
      execution_end_time: expect.any(Number),
      execution_error: expect.objectContaining({ node_id: '3', node_type: 'RH_ExecuteNode' }),
      outputs_count: 0,
    },
    {
      id: 'ok',
      status: 'completed',
      priority: 0,
      create_time: expect.any(Number),
      execution_start_time: expect.any(Number),
      execution_end_time: expect.any(Number),
      outputs_count: 1,
      preview_output: { content: 'shown', nodeId: '2', mediaType: 'text', type: 'text' },
      workflow_id: 'flow-1',
    },
  ])
  expect((await jobsOf(server, '?workflow_id=flow-1')).jobs.map(({ id }) => id)).toEqual(['ok'])
  expect((await jobsOf(server, '?workflow_id=other')).jobs).toEqual([])
})

test('/api/jobs filters by status, sorts, and pages', async () => {
  const server = await openServer({ parallel: 1, sandboxSpeed: 1 })
  for (const id of ['a', 'b', 'c']) await server.runToEnd(textPrompt(), { prompt_id: id })
  const socket = await server.socket('me')
  await server.submit(slowPrompt(), { prompt_id: 'running', client_id: 'me' })
  await socket.until(({ type }) => type === 'executing')
  await server.submit(textPrompt(), { prompt_id: 'waiting' })
  const ids = async (query: string) => (await jobsOf(server, query)).jobs.map(({ id }) => id)
  expect(await ids('')).toEqual(['waiting', 'running', 'c', 'b', 'a'])
  expect(await ids('?sort_order=asc')).toEqual(['a', 'b', 'c', 'running', 'waiting'])
  expect(await ids('?status=pending')).toEqual(['waiting'])
  expect(await ids('?status=in_progress,pending&limit=200&offset=0')).toEqual(['waiting', 'running'])
  expect(await ids('?status=completed,failed,cancelled&limit=2&offset=0')).toEqual(['c', 'b'])
  expect(await ids('?status=completed,failed,cancelled&limit=2&offset=2')).toEqual(['a'])
  expect(await ids('?limit=2&offset=1')).toEqual(['running', 'c'])
  expect(await ids('?sort_by=execution_duration')).toHaveLength(5)
  expect((await jobsOf(server, '?limit=2&offset=1')).pagination).toEqual({
    offset: 1,
    limit: 2,
    total: 5,
    has_more: true,
  })
  for (const query of ['status=nope', 'sort_by=nope', 'sort_order=nope', 'limit=x']) {
    expect((await server.get(`/api/jobs?${query}`)).status, query).toBe(400)
  }
  await server.post('/interrupt')
  await socket.until(({ type }) => type === 'execution_interrupted')
  expect(await ids('?status=cancelled')).toEqual(['running'])
})

test('one job has its outputs, its status and its workflow; it lives under /api only', async () => {
  const server = await openServer()
  const { id } = await server.runToEnd(textPrompt('whole'))
  const { json } = await server.get(`/api/jobs/${id}`)
  expect(json).toMatchObject({
    id,
    status: 'completed',
    outputs: { '2': { text: ['whole'] } },
    execution_status: { status_str: 'success', completed: true },
    workflow: { prompt: { '2': node('PreviewAny', { source: ['1', 0] }) }, extra_data: {} },
  })
  const unknown = await server.get('/api/jobs/nobody')
  expect([unknown.status, unknown.json]).toEqual([404, { error: 'Job not found' }])
  expect((await server.get('/jobs')).status).toBe(404)
})

test('the preview of a job prefers saved pictures to temporary ones', async () => {
  const server = await openServer()
  const prompt = { ...cloudPrompt(zImage), '0': node('PreviewImage', { images: ['3', 0] }) }
  const { id } = await server.runToEnd(prompt)
  const { jobs } = await jobsOf(server)
  expect(jobs[0]).toMatchObject({
    id,
    outputs_count: 8,
    preview_output: {
      type: 'output',
      nodeId: '4',
      mediaType: 'images',
      filename: expect.stringMatching(/^cloud_/),
    },
  })
})

test('jobs are cancelled while they wait and while they run, and not afterwards', async () => {
  const server = await openServer({ parallel: 1, sandboxSpeed: 1 })
  const socket = await server.socket('me')
  await server.submit(slowPrompt(), { prompt_id: 'running', client_id: 'me' })
  await socket.until(({ type }) => type === 'executing')
  await server.submit(textPrompt(), { prompt_id: 'w1' })
  await server.submit(textPrompt(), { prompt_id: 'w2' })
  const cancel = async (path: string, body: object = {}) => (await server.post(path, body)).json
  expect(await cancel('/api/jobs/w1/cancel')).toEqual({ cancelled: true })
  expect(await cancel('/api/jobs/w1/cancel')).toEqual({ cancelled: false })
  expect(await cancel('/api/jobs/cancel', { job_ids: ['nobody'] })).toEqual({ cancelled: false })
  expect(await cancel('/api/jobs/cancel', { job_ids: ['w2', 'running'] })).toEqual({ cancelled: true })
  await socket.until(({ type }) => type === 'execution_interrupted')
  expect(await cancel('/api/jobs/running/cancel')).toEqual({ cancelled: false })
})
