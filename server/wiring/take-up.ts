import type { CloudResult } from '../../nodes/context.ts'
import { noCost } from '../runninghub/index.ts'
import { BridgeError } from '../shared/errors.ts'
import { fetchResult } from './fetch-result.ts'
import type { Job } from './job.ts'
import type { TaskRecord } from './journal.ts'
import { hasFailed, leaveIt, live } from './live.ts'
import { settleUnknown } from './settle-unknown.ts'
import { afterStop } from './stop-task.ts'

/** A resumed task gets at least this long, however long ago it was created. */
const leastPatienceMs = 60_000

/** Goes on with a task that exists. Undefined when there is nothing to go on with and the work is to be created. */
export async function takeUp(it: Job, record: TaskRecord): Promise<CloudResult | undefined> {
  const { context, options } = it
  const { taskId, seq } = record
  const isAlive = !['submitting', 'unknown', 'failed', 'cancelled'].includes(record.state)
  if (it.leave && taskId !== undefined && isAlive) return leaveIt(it, seq, taskId)
  const why = record.runId === context.work.runId ? 'after a restart' : `by run ${context.work.runId}`
  options.journal.note(seq, { at: options.clock.now(), what: 'taken up', why })
  if (taskId !== undefined) it.tell.task(taskId, record.state === 'failed' ? 'failed' : 'created')
  switch (record.state) {
    case 'fetched':
      if (record.result?.files.every(file => options.assets.isThere(file.asset))) {
        return { ...record.result, cost: record.outputs?.cost ?? noCost }
      }
      // Its files were cleaned up here; perhaps RunningHub still has them.
      return record.outputs && taskId !== undefined
        ? fetchResult(it, seq, taskId, record.outputs).catch(error => orNothing(it, seq, error))
        : undefined
    case 'failed':
      throw new BridgeError(record.error?.message ?? 'The cloud task failed.', {
        code: record.error?.code ?? 'cloud-805',
        ...(record.error?.hint !== undefined && { hint: record.error.hint }),
        ...(taskId !== undefined && { taskId }),
      })
    case 'cancelled':
      throw stopped(taskId)
    case 'stopping':
      return goOnStopped(it, record)
    case 'submitting':
    case 'unknown':
      return goOnAfter(
        it,
        record,
        await settleUnknown(it, record, 'The program ended before RunningHub had answered.'),
      )
    case 'done':
      if (record.outputs && taskId !== undefined) {
        try {
          return await fetchResult(it, record.seq, taskId, record.outputs)
        } catch (error) {
          // The addresses may have changed; the task is asked once more for where its files are.
          if (context.signal.aborted || !(error instanceof BridgeError && goneCodes.has(error.code)))
            throw error
        }
      }
      return follow(it, record.seq, taskId, record.createdAt)
    default:
      return follow(it, record.seq, taskId, record.createdAt)
  }
}

/** Its process ended before the cloud had said what became of a stop. */
async function goOnStopped(it: Job, record: TaskRecord): Promise<CloudResult | undefined> {
  const { seq, taskId } = record
  if (taskId === undefined) return undefined
  if (record.runId === it.context.work.runId) {
    it.options.background(it.claim.keepDuring(afterStop(it, seq, taskId)))
    throw stopped(taskId)
  }
  try {
    return await follow(it, seq, taskId, record.createdAt)
  } catch (error) {
    if (!hasFailed(error)) throw error
    it.options.journal.set(seq, 'cancelled', it.options.clock.now(), { why: 'stopped' })
    it.tell.task(taskId, 'cancelled')
    return undefined
  }
}

function stopped(taskId: string | undefined): BridgeError {
  return new BridgeError('Its task was stopped.', {
    code: 'stopped',
    hint: 'Run again to go on.',
    ...(taskId !== undefined && { taskId }),
  })
}

/** What RunningHub can no longer give is made anew. */
function orNothing({ options }: Job, seq: number, error: unknown): undefined {
  if (options.journal.get(seq)?.state !== 'failed') throw error
}

const goneCodes: ReadonlySet<string> = new Set(['result-expired', 'download-failed'])

async function follow(
  it: Job,
  seq: number,
  taskId: string | undefined,
  createdAt: number,
): Promise<CloudResult | undefined> {
  if (taskId === undefined) return undefined
  const { clock } = it.options
  // Its clock may have been set since: no more than the whole time either.
  const ageMs = Math.max(0, clock.now() - createdAt)
  const patienceMs = Math.max(it.job.timeoutMs - ageMs, leastPatienceMs)
  return live(it, it.request, { seq }, { taskId, patienceMs, ageMs })
}

/** Follows the task a lost create came to, or nothing when it came to none. */
export async function goOnAfter(
  it: Job,
  record: TaskRecord,
  taskId: string | undefined,
): Promise<CloudResult | undefined> {
  if (taskId === undefined) return undefined
  it.tell.task(taskId, 'created')
  return follow(it, record.seq, taskId, it.options.clock.now())
}
