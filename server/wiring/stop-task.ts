import { CloudError, type CreateRequest, lookAt, type RunningHubClient } from '../runninghub/index.ts'
import { type Clock, withDeadline } from '../shared/clock.ts'
import type { CloudOptions } from './cloud.ts'
import { downloadAll } from './downloads.ts'
import type { Site } from './site.ts'
import type { Teller } from './teller.ts'

type Stopped = {
  readonly client: RunningHubClient
  readonly request: Pick<CreateRequest, 'kind'>
  readonly tell: Teller
  readonly site: Site
  readonly options: CloudOptions
}

const askDeadlineMs = 10_000
const fetchDeadlineMs = 10 * 60_000

/**
 * After the local wait has ended: tells the cloud to stop a task, with a deadline of its own, and reports honestly what came of it. A task that
 * had finished is fetched and kept; one the cloud will not stop stays in the journal for the next run of the same work.
 */
export async function afterStop(it: Stopped, seq: number, taskId: string): Promise<void> {
  const { client, tell, options } = it
  const { journal, clock } = options
  // Whoever finds it after a crash in the middle of this knows why it ended.
  journal.set(seq, 'stopping', clock.now())
  let isRefused = false
  try {
    await client.cancel(taskId)
    journal.set(seq, 'cancelled', clock.now(), { why: 'stopped' })
    tell.task(taskId, 'cancelled')
    return
  } catch (error) {
    isRefused = error instanceof CloudError && error.cloudCode !== undefined
    const why = isRefused ? `code ${(error as CloudError).cloudCode}` : 'no answer'
    journal.note(seq, { at: clock.now(), what: 'cancel refused', why })
  }
  try {
    if (await keepIfDone(it, seq, taskId, clock)) return
  } catch {
    // Not to be asked either: it stays as it is.
  }
  // An answer that was lost may have been a yes: then it stays in doubt for whoever takes it up.
  if (isRefused) journal.set(seq, 'running', clock.now(), { why: 'not stopped' })
  journal.letGo(seq)
  tell.task(taskId, 'unknown', { note: 'the cloud did not stop it: still running, its result will be kept' })
}

async function keepIfDone(
  { client, request, tell, site, options }: Stopped,
  seq: number,
  taskId: string,
  clock: Clock,
): Promise<boolean> {
  const { journal } = options
  const state = await withDeadline(clock, askDeadlineMs, undefined, signal =>
    lookAt(client, request.kind)(taskId, signal),
  )
  if (state.state === 'failed') {
    journal.set(seq, 'cancelled', clock.now(), { why: 'stopped' })
    tell.task(taskId, 'cancelled')
    return true
  }
  if (state.state !== 'done') return false
  const { state: _, ...outputs } = state
  const { files, cost, ...more } = outputs
  journal.set(seq, 'done', clock.now(), { outputs })
  const fetched = await withDeadline(clock, fetchDeadlineMs, undefined, signal =>
    downloadAll(taskId, files, {
      ...options,
      baseUrl: site.baseUrl,
      isForeign: site.isForeign,
      signal,
      report: () => {},
    }),
  )
  journal.set(seq, 'fetched', clock.now(), { result: { taskId, files: fetched, cost, ...more } })
  tell.task(taskId, 'success', { cost, note: 'already finished when it was stopped: the result is kept' })
  return true
}
