import type { CloudResult } from '../../nodes/context.ts'
import { CloudError, withTask } from '../runninghub/index.ts'
import { BridgeError } from '../shared/errors.ts'
import { downloadAll } from './downloads.ts'
import type { Job } from './job.ts'
import type { TaskOutputs } from './journal.ts'

/** How long RunningHub keeps result files after the end of a task (RunningHub: result files). */
const keptMs = 24 * 3600_000

/**
 * Brings a finished task's files here. If that fails they stay fetchable until RunningHub throws them away, and the error says until when;
 * after that the task counts as failed, so that the next run makes the work anew.
 */
export async function fetchResult(
  it: Job,
  seq: number,
  taskId: string,
  outputs: TaskOutputs,
): Promise<CloudResult> {
  const { options, context, site, tell } = it
  const { journal, clock } = options
  try {
    const files = await downloadAll(taskId, outputs.files, {
      ...options,
      baseUrl: site.baseUrl,
      isForeign: site.isForeign,
      signal: context.signal,
      report: context.report,
      onRetry: why => journal.note(seq, { at: clock.now(), what: 'downloading again', why }),
    })
    const result: CloudResult = { ...outputs, taskId, files }
    journal.set(seq, 'fetched', clock.now(), { result })
    tell.task(taskId, 'success', { cost: outputs.cost })
    return result
  } catch (error) {
    if (context.signal.aborted) {
      journal.letGo(seq)
      tell.task(taskId, 'success', {
        cost: outputs.cost,
        note: 'its files are not all here yet: run again to fetch them',
      })
      throw withTask(error, taskId)
    }
    const { cost } = outputs
    const until = untilOf(it, seq)
    if (until <= clock.now() && error instanceof CloudError && error.code === 'result-expired') {
      const gone = lost(taskId, error)
      const { message, code, hint } = gone
      journal.set(seq, 'failed', clock.now(), { error: { message, code, ...(hint && { hint }) } })
      tell.task(taskId, 'success', { cost, note: 'its files are gone' })
      throw gone
    }
    journal.letGo(seq)
    const time = until > clock.now() ? `run again before ${when(until)}` : 'run again soon'
    tell.task(taskId, 'success', { cost, note: `its files are not all here yet: ${time} to fetch them` })
    throw fetchable(taskId, time, error)
  }
}

/** When RunningHub throws the files away: counted from when the task was first seen done, which may be a little after its end. */
function untilOf({ options }: Job, seq: number): number {
  const done = options.journal.get(seq)?.events.find(event => event.what === 'done')
  return (done?.at ?? options.clock.now()) + keptMs
}

function fetchable(taskId: string, time: string, error: unknown): unknown {
  if (!(error instanceof BridgeError)) return withTask(error, taskId)
  const advice = `Its task is done and paid for: ${time} to fetch the files. Nothing is created anew.`
  return new BridgeError(error.message, {
    code: error.code,
    taskId,
    hint: error.hint === undefined ? advice : `${error.hint} ${advice}`,
    cause: error,
  })
}

function lost(taskId: string, cause: unknown): BridgeError {
  return new BridgeError('The result files are gone from RunningHub, which keeps them for 24 hours.', {
    code: 'result-expired',
    taskId,
    hint: 'Perhaps its record page still shows them. Run again to make them anew, which is paid again.',
    cause,
  })
}

/** `2026-01-31 18:05`, on this machine's clock. */
function when(at: number): string {
  return new Date(at).toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' })
}
