import { type Request, Router } from 'express'
import { historyEntryText, type JobStatus, jobDetailsText, jobSummary } from '../comfy/jobs.ts'
import type { RunList, StoredRun } from '../queue/index.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { HttpError, query, queryInteger, readObject, sendJson, sendJsonText, textsIn } from './answer.ts'
import type { Services } from './services.ts'

/** /history (ComfyUI: its reference, 5.2). */
export function historyRoutes({ queue }: Services): Router {
  const router = Router()
  router.get('/history', (request, response) => {
    const maxItems = queryInteger(request, 'max_items')
    const offset = queryInteger(request, 'offset')
    const runs = queue.store.history({
      ...(maxItems !== undefined && maxItems >= 0 && { maxItems }),
      ...(offset !== undefined && offset >= 0 && { offset }),
    })
    sendJsonText(response, historyText(runs))
  })

  router.get('/history/:id', (request, response) => {
    const run = queue.store.find(request.params.id)
    sendJsonText(response, historyText(run?.state === 'done' ? [run] : []))
  })

  router.post('/history', async (request, response) => {
    const body = await readObject(request)
    if (body.clear === true) queue.store.clearHistory()
    for (const id of textsIn(body.delete)) queue.store.deleteHistory(id)
    sendJson(response, {})
  })
  return router
}

/** By id, oldest first. */
function historyText(runs: readonly StoredRun[]): string {
  return `{${runs.map(run => `${writeJson(run.id)}:${historyEntryText(run)}`).join(',')}}`
}

const statuses: readonly JobStatus[] = ['pending', 'in_progress', 'completed', 'failed', 'cancelled']

/** /jobs, which ComfyUI's own frontend fills its queue and history panels from (ComfyUI: jobs). */
export function jobRoutes({ queue }: Services): Router {
  const router = Router()

  router.get('/jobs', (request, response) => {
    const wanted = (query(request, 'status') ?? statuses.join(',')).split(',').map(status => status.trim())
    const unknown = wanted.find(status => !(statuses as readonly string[]).includes(status))
    if (unknown !== undefined) return sendJson(response, { error: `Invalid status value: ${unknown}` }, 400)
    const offset = Math.max(0, queryInteger(request, 'offset') ?? 0)
    const limit = queryInteger(request, 'limit')
    const workflowId = query(request, 'workflow_id')
    const { runs, total } = queue.store.list({
      states: wanted.map(status => stateOf[status as JobStatus]),
      ...(workflowId !== undefined && { workflowId }),
      sortBy: oneOf(request, 'sort_by', { created_at: 'created', execution_duration: 'duration' }),
      order: oneOf(request, 'sort_order', { desc: 'desc', asc: 'asc' }),
      offset,
      ...(limit !== undefined && { limit: Math.max(0, limit) }),
    })
    const pagination = { offset, limit: limit ?? null, total, has_more: offset + runs.length < total }
    sendJson(response, { jobs: runs.map(jobSummary), pagination })
  })

  router.get('/jobs/:id', (request, response) => {
    const run = queue.store.find(request.params.id)
    if (run) sendJsonText(response, jobDetailsText(run))
    else sendJson(response, { error: 'Job not found' }, 404)
  })

  router.post('/jobs/cancel', async (request, response) => {
    const ids = textsIn((await readObject(request)).job_ids)
    sendJson(response, { cancelled: ids.map(id => cancel(queue, id)).includes(true) })
  })

  router.post('/jobs/:id/cancel', (request, response) => {
    sendJson(response, { cancelled: cancel(queue, request.params.id) })
  })
  return router
}

function cancel(queue: Services['queue'], id: string): boolean {
  return queue.deleteWaiting([id]) > 0 || queue.interrupt(id) > 0
}

const stateOf: Readonly<Record<JobStatus, RunList['states'][number]>> = {
  pending: 'waiting',
  in_progress: 'running',
  completed: 'success',
  failed: 'error',
  cancelled: 'interrupted',
}

/** One of the words a query value may be, the first when it is absent. */
function oneOf<T>(request: Request, name: string, words: { readonly [word: string]: T }): T {
  const [first] = Object.keys(words)
  const word = query(request, name) ?? first ?? ''
  if (Object.hasOwn(words, word)) return words[word] as T
  throw new HttpError(400, 'bad-query', `${name} is ${Object.keys(words).join(' or ')}.`)
}
