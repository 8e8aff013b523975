import { isLoopback, noCost, recordPage } from '../runninghub/index.ts'
import type { Journal, TaskNote, TaskRecord } from './journal.ts'
import { askedForWebhook } from './webhooks.ts'

/** Everything that can be told of one task of a run. Times in milliseconds, amounts as the cloud gave them. */
export type TaskReport = {
  readonly nodeId: string
  /** Null: nothing came of the create, or nobody knows. */
  readonly taskId: string | null
  readonly state: string
  readonly site: string
  readonly keyName: string
  /** Where it can be seen on the site; null in the sandbox. */
  readonly recordPage: string | null
  /** The run that created it; another than this one, if this one took it up. */
  readonly createdBy: string
  readonly createdAt: number
  readonly endedAt: number | null
  /** Whether RunningHub was asked to call at its end. */
  readonly webhook: boolean
  /** Every state and wait with its time. */
  readonly events: readonly TaskNote[]
  /** For a free slot, in all. */
  readonly waitedMs: number
  /** Creates that were sent again after a refusal, and downloads that were begun again. */
  readonly retries: number
  readonly files: number
  readonly bytes: number
  readonly coins: string | null
  readonly money: string | null
  readonly seconds: string | null
}

/** The journal's tasks of a run: those it created, and those of earlier runs it took up (`taskIds`). */
export function reportTasks(
  journal: Pick<Journal, 'ofRun' | 'byTaskIds'>,
  runId: string,
  taskIds: readonly string[],
): readonly TaskReport[] {
  const own = journal.ofRun(runId)
  const known = new Set(own.map(({ taskId }) => taskId))
  const others = journal.byTaskIds(taskIds.filter(taskId => !known.has(taskId)))
  return [...own, ...others].map(reportTask)
}

function reportTask(task: TaskRecord): TaskReport {
  const { nodeId, taskId = null, state, site, keyName, createdAt, endedAt = null, events } = task
  const files = task.result?.files ?? []
  const { coins, money, seconds } = task.outputs?.cost ?? noCost
  return {
    ...{ nodeId, taskId, state, site, keyName },
    recordPage: taskId === null || isLoopback(site) ? null : recordPage(site, taskId),
    createdBy: task.runId,
    ...{ createdAt, endedAt, events },
    webhook: events.some(({ why }) => why === askedForWebhook),
    waitedMs: waitedMs(events),
    retries: retriesIn(events),
    files: files.length,
    bytes: files.reduce((sum, { asset }) => sum + asset.sizeBytes, 0),
    ...{ coins, money, seconds },
  }
}

const waits = 'waiting for a slot'

/** From each wait to what came next. */
function waitedMs(events: readonly TaskNote[]): number {
  let sum = 0
  for (const [index, event] of events.entries()) {
    const next = events[index + 1]
    if (event.what === waits && next) sum += Math.max(0, next.at - event.at)
  }
  return sum
}

function retriesIn(events: readonly TaskNote[]): number {
  const count = (what: string) => events.filter(event => event.what === what).length
  return Math.max(0, count('submitting') - 1) + count('downloading again')
}
