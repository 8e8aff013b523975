import type { Progress } from '../../nodes/context.ts'
import type { Ui } from '../../nodes/define-node.ts'
import type { ErrorReport, RunEvent, RunResult } from '../executor/index.ts'
import { BridgeError, diskError, messageOf } from '../shared/errors.ts'
import type { RunEnd, RunSoFar, RunTask, StoredRun } from './types.ts'

/** Collects of a run's events what its history entry keeps. */
export function createRecorder(run: StoredRun) {
  const tasks = new Map<string, RunTask>((run.tasks ?? []).map(task => [task.taskId, task]))
  const executed: string[] = []
  const skipped: string[] = []
  const failures: ErrorReport[] = []
  const atWork = new Map<string, { since: number; progress?: Progress }>()
  let cached: readonly string[] = []
  const outputs: Record<string, Ui> = Object.create(null)
  const results: Record<string, string> = Object.create(null)
  return {
    /** Takes an event in. Answers whether it told of a task, which is written down at once. */
    record(event: RunEvent): boolean {
      switch (event.type) {
        case 'node-task-changed':
          tasks.set(
            event.task.taskId,
            told(tasks.get(event.task.taskId), { ...event.task, nodeId: event.nodeId }),
          )
          return true
        case 'nodes-cached':
          cached = event.nodeIds
          for (const [nodeId, id] of event.resultIds) results[nodeId] = id
          break
        case 'node-started':
          atWork.set(event.nodeId, { since: event.at })
          break
        case 'node-progressed': {
          const { since = event.at } = atWork.get(event.nodeId) ?? {}
          atWork.set(event.nodeId, { since, progress: event.progress })
          break
        }
        case 'node-finished':
          atWork.delete(event.nodeId)
          if (event.resultId !== undefined) results[event.nodeId] = event.resultId
          if (!event.cached) executed.push(event.nodeId)
          if (event.ui) outputs[event.nodeId] = event.ui
          break
        case 'node-failed':
          atWork.delete(event.nodeId)
          failures.push(event.error)
          break
        case 'node-skipped':
          skipped.push(event.nodeId)
      }
      return false
    },
    tasks: (): readonly RunTask[] => [...tasks.values()],
    /** What the nodes gave and said so far; the results by their names. */
    soFar: (): RunSoFar => ({
      outputs: { ...outputs },
      cachedNodes: cached,
      executedNodes: [...executed],
      errors: [...failures],
      results: { ...results },
      atWork: new Map(atWork),
      skippedNodes: [...skipped],
    }),
    end(finishedAt: number, result: RunResult | undefined, failure: unknown): RunEnd {
      const errors: readonly ErrorReport[] = result ? result.errors : [internal(failure)]
      const interrupted = result?.status === 'interrupted'
      return {
        finishedAt,
        status: interrupted ? 'interrupted' : errors.length > 0 ? 'error' : 'success',
        outputs,
        cachedNodes: cached,
        executedNodes: executed,
        errors,
        tasks: [...tasks.values()],
        results,
      }
    },
  }
}

/** A node that asks after another node's task knows how it stands, and not what it cost: the task stays the other's. */
function told(known: RunTask | undefined, news: RunTask): RunTask {
  if (known === undefined || known.nodeId === news.nodeId) return news
  return {
    ...known,
    status: news.status,
    coins: known.coins ?? news.coins,
    money: known.money ?? news.money,
    seconds: known.seconds ?? news.seconds,
  }
}

/** A run that could not even begin: its folders cannot be written, its prompt no longer passes. */
function internal(failure: unknown): ErrorReport {
  const facts = failure instanceof BridgeError ? failure : diskError(failure)
  return {
    nodeId: facts?.nodeId ?? '',
    nodeType: '',
    code: facts?.code ?? 'run-failed',
    message: messageOf(facts ?? failure),
    ...(facts?.hint !== undefined && { hint: facts.hint }),
  }
}
