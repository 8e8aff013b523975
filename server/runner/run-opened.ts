import type { RemoteTask } from '../../nodes/context.ts'
import type { CheckedPrompt, ErrorReport, RunEvent } from '../executor/index.ts'
import type { Bridge, RunRequest } from '../main.ts'
import type { OpenedFile } from './open-file.ts'
import { buildRunReport, type RunReport } from './run-result.ts'

/**
 * Runs what was opened and checked to its end, with what RunningHub still has to be told after a stop. Everything that is not a
 * server runs graphs this way: the command line, the library, assistants.
 */
export async function runOpened(
  bridge: Bridge,
  { opened, checked }: { opened: Pick<OpenedFile, 'workflow' | 'liftedKeys'>; checked: CheckedPrompt },
  how: {
    readonly signal: AbortSignal
    readonly onEvent?: (event: RunEvent) => void
    readonly runId?: string
    readonly spending?: RunRequest['spending']
    /** What else went wrong, asked when the run is over. */
    readonly extraErrors?: () => readonly ErrorReport[]
  },
): Promise<RunReport> {
  const tasks = new Map<string, RemoteTask & { nodeId: string }>()
  let cached: readonly string[] = []
  const result = await bridge.run({
    checked,
    workflow: opened.workflow,
    keys: opened.liftedKeys,
    signal: how.signal,
    onEvent(event) {
      if (event.type === 'node-task-changed')
        tasks.set(event.task.taskId, { ...event.task, nodeId: event.nodeId })
      if (event.type === 'nodes-cached') cached = event.nodeIds
      how.onEvent?.(event)
    },
    ...(how.runId !== undefined && { runId: how.runId }),
    ...(how.spending && { spending: how.spending }),
  })
  await bridge.idle()
  const nothingToRun = checked.outputs.length === 0 && checked.failedOutputs.length === 0
  const extra: readonly ErrorReport[] = [...(nothingToRun ? [noOutputs] : []), ...(how.extraErrors?.() ?? [])]
  const reports = bridge.reportTasks(result.runId, [...tasks.keys()])
  const report = buildRunReport(result, checked, {
    ...{ tasks: tasks.values(), reports, cached, extraErrors: extra },
  })
  return extra.length > 0 ? { ...report, status: 'error' } : report
}

const noOutputs: ErrorReport = {
  nodeId: '',
  nodeType: '',
  code: 'prompt_no_outputs',
  message: 'Nothing to run: the workflow has no output node.',
  hint: 'Add a Save or Preview node.',
}
