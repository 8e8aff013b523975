import type { RemoteTask, SavedFile } from '../../nodes/context.ts'
import type { Ui } from '../../nodes/define-node.ts'
import { kindOf } from '../assets/index.ts'
import { type CheckedPrompt, type ErrorReport, problemError, type RunResult } from '../executor/index.ts'
import type { TaskReport } from '../main.ts'

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
    /** States with times, waits and why, retries, bytes, the record page; `note`: what a stop came to, until when files can be fetched. */
    report: (TaskReport & { note: string | null }) | null
  }[]
  /** Nodes that were answered from the cache or are frozen: nothing was paid for them. */
  cached: string[]
}

export function buildRunReport(
  result: RunResult,
  checked: CheckedPrompt,
  facts: {
    /** The newest word of each task, which may come after the run's own end. */
    readonly tasks: Iterable<RemoteTask & { nodeId: string }>
    readonly reports: readonly TaskReport[]
    readonly cached: readonly string[]
    readonly extraErrors: readonly ErrorReport[]
  },
): RunReport {
  const typeOf = (nodeId: string) => checked.prompt[nodeId]?.class_type ?? ''
  const problems = checked.problems.map(problemError)
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
    errors: [...problems, ...result.errors, ...facts.extraErrors].map(error => ({
      nodeId: error.nodeId,
      nodeType: error.nodeType,
      code: error.code,
      message: error.message,
      hint: error.hint ?? null,
      taskId: error.taskId ?? null,
    })),
    tasks: [...facts.tasks].map(({ note = null, ...task }) => {
      const { nodeId, taskId, status, coins, money, seconds } = task
      const report = facts.reports.find(each => each.taskId === taskId)
      return { nodeId, taskId, status, coins, money, seconds, report: report ? { ...report, note } : null }
    }),
    cached: [...facts.cached],
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
