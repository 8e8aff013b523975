import { Router } from 'express'
import { historyEntry, type JobStatus, jobDetails, jobStatus, jobSummary, workflowId } from '../comfy/jobs.ts'
import type { StoredRun } from '../queue/index.ts'
import { HttpError, query, queryInteger, readObject, sendJson, textsIn } from './answer.ts'
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
    sendJson(response, Object.fromEntries(runs.map(run => [run.id, historyEntry(run)])))
  })

  router.get('/history/:id', (request, response) => {
    const run = queue.store.find(request.params.id)
    sendJson(response, run?.state === 'done' ? { [run.id]: historyEntry(run) } : {})
  })

  router.post('/history', async (request, response) => {
    const body = await readObject(request)
    if (body.clear === true) queue.store.clearHistory()
    for (const id of textsIn(body.delete)) queue.store.deleteHistory(id)
    sendJson(response, {})
  })
  return router
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
    const ofWorkflow = query(request, 'workflow_id')
    const runs = listRuns(queue.store, wanted as JobStatus[]).filter(
      run => ofWorkflow === undefined || workflowId(run) === ofWorkflow,
    )
    sortRuns(runs, query(request, 'sort_by') ?? 'created_at', query(request, 'sort_order') ?? 'desc')
    const page = runs.slice(offset, limit === undefined ? undefined : offset + Math.max(0, limit))
    const pagination = {
      offset,
      limit: limit ?? null,
      total: runs.length,
      has_more: offset + page.length < runs.length,
    }
    sendJson(response, { jobs: page.map(jobSummary), pagination })
  })

  router.get('/jobs/:id', (request, response) => {
    const run = queue.store.find(request.params.id)
    if (run) sendJson(response, jobDetails(run))
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

/** Newest finished ones that a panel can show; the whole history is /history's. */
const maxJobs = 10_000

function listRuns(store: Services['queue']['store'], wanted: readonly JobStatus[]): StoredRun[] {
  const done = wanted.some(status => ['completed', 'failed', 'cancelled'].includes(status))
  return [
    ...(wanted.includes('in_progress') ? store.running() : []),
    ...(wanted.includes('pending') ? store.waiting() : []),
    ...(done ? store.history({ maxItems: maxJobs }).filter(run => wanted.includes(jobStatus(run))) : []),
  ]
}

function sortRuns(runs: StoredRun[], by: string, order: string): void {
  if (order !== 'asc' && order !== 'desc') throw new HttpError(400, 'bad-query', 'sort_order is asc or desc.')
  const value =
    by === 'created_at'
      ? (run: StoredRun) => run.createdAt
      : by === 'execution_duration'
        ? (run: StoredRun) => (run.finishedAt ?? 0) - (run.startedAt ?? 0)
        : undefined
  if (!value) throw new HttpError(400, 'bad-query', 'sort_by is created_at or execution_duration.')
  const sign = order === 'asc' ? 1 : -1
  runs.sort((a, b) => sign * (value(a) - value(b) || a.seq - b.seq))
}
