import type { Ui } from '../../nodes/define-node.ts'
import type { ErrorReport, RunEvent, RunResult } from '../executor/index.ts'
import { BridgeError, diskError, messageOf } from '../shared/errors.ts'
import type { RunEnd, RunTask, StoredRun } from './types.ts'

/** Collects of a run's events what its history entry keeps. */
export function createRecorder(run: StoredRun) {
  const tasks = new Map<string, RunTask>((run.tasks ?? []).map(task => [task.taskId, task]))
  const executed: string[] = []
  let cached: readonly string[] = []
  const outputs: Record<string, Ui> = Object.create(null)
  const results: Record<string, string> = Object.create(null)
  return {
    /** Takes an event in. Answers whether it told of a task, which is written down at once. */
    record(event: RunEvent): boolean {
      if (event.type === 'node-task-changed') {
        tasks.set(event.task.taskId, { ...event.task, nodeId: event.nodeId })
        return true
      }
      if (event.type === 'nodes-cached') {
        cached = event.nodeIds
        for (const [nodeId, id] of event.resultIds) results[nodeId] = id
      }
      if (event.type === 'node-finished') {
        if (event.resultId !== undefined) results[event.nodeId] = event.resultId
        if (!event.cached) executed.push(event.nodeId)
        if (event.ui) outputs[event.nodeId] = event.ui
      }
      return false
    },
    tasks: (): readonly RunTask[] => [...tasks.values()],
    /** What the nodes gave so far, by the names of the results. */
    results,
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
