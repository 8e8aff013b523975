import type { RemoteTask, SavedFile } from '../../nodes/context.ts'
import type { Ui } from '../../nodes/define-node.ts'
import { kindOf } from '../assets/index.ts'
import { type CheckedPrompt, type ErrorReport, type RunResult, sayProblem } from '../executor/index.ts'

/** What `run --json` prints (DESIGN: interfaces that must stay stable). Paths are absolute. */
export type RunReport = {
  status: 'success' | 'error' | 'interrupted'
  runId: string
  durationMs: number
  outputs: {
    nodeId: string
    type: string
    files: { path: string; kind: string; bytes: number; sha256: string }[]
    text: string | null
  }[]
  errors: {
    nodeId: string
    nodeType: string
    code: string
    message: string
    hint: string | null
    taskId: string | null
  }[]
  tasks: {
    nodeId: string
    taskId: string
    status: string
    coins: string | null
    money: string | null
    seconds: string | null
  }[]
}

/** `tasks` are the newest reports of each task, which may come after the run's own end. */
export function buildRunReport(
  result: RunResult,
  checked: CheckedPrompt,
  tasks: Iterable<RemoteTask & { nodeId: string }>,
  extraErrors: readonly ErrorReport[] = [],
): RunReport {
  const typeOf = (nodeId: string) => checked.prompt[nodeId]?.class_type ?? ''
  const problems = checked.problems.map((problem): ErrorReport => {
    const { nodeId, nodeType, code } = problem
    return { nodeId, nodeType, code, ...sayProblem(problem) }
  })
  return {
    status: result.status,
    runId: result.runId,
    durationMs: result.durationMs,
    outputs: [...result.outputs].map(([nodeId, ui]) => ({
      nodeId,
      type: typeOf(nodeId),
      files: filesOf(ui).map(({ asset }) => ({
        path: asset.path,
        kind: kindOf(asset),
        bytes: asset.sizeBytes,
        sha256: asset.sha256,
      })),
      text: textOf(ui),
    })),
    errors: [...problems, ...result.errors, ...extraErrors].map(error => ({
      nodeId: error.nodeId,
      nodeType: error.nodeType,
      code: error.code,
      message: error.message,
      hint: error.hint ?? null,
      taskId: error.taskId ?? null,
    })),
    tasks: [...tasks].map(({ nodeId, taskId, status, coins, money, seconds }) => ({
      nodeId,
      taskId,
      status,
      coins,
      money,
      seconds,
    })),
  }
}

export function filesOf(ui: Ui): SavedFile[] {
  return Object.values(ui).flatMap(items =>
    items.flatMap(item => (typeof item === 'object' && 'asset' in item ? [item] : [])),
  )
}

function textOf(ui: Ui): string | null {
  const texts = Object.values(ui).flatMap(items => items.filter(item => typeof item === 'string'))
  return texts.length > 0 ? texts.join('\n') : null
}
