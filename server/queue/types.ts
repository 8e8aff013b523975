import type { Progress, RemoteTask } from '../../nodes/context.ts'
import type { Ui } from '../../nodes/define-node.ts'
import type { ErrorReport, RunStatus } from '../executor/index.ts'
import type { JsonValue } from '../shared/lossless-json.ts'
import type { Prompt } from '../shared/prompt.ts'

/** A prompt on its way into the line. No key is in any of it. */
export type NewRun = {
  /** ComfyUI: prompt_id, the client's or made by us. */
  readonly id: string
  /** Lower first (ComfyUI: number). */
  readonly number: number
  readonly clientId: string | undefined
  readonly prompt: Prompt
  /** ComfyUI: extra_data, with extra_pnginfo.workflow. */
  readonly extra: { readonly [key: string]: JsonValue }
  /** Only these output nodes (ComfyUI: partial_execution_targets). */
  readonly targets: readonly string[] | undefined
  readonly outputsToRun: readonly string[]
}

export type RunTask = RemoteTask & { readonly nodeId: string }

export type RunEnd = {
  readonly finishedAt: number
  readonly status: RunStatus
  readonly outputs: { readonly [nodeId: string]: Ui }
  /** Nodes answered from the cache, and nodes that ran, in the order they ended. */
  readonly cachedNodes: readonly string[]
  readonly executedNodes: readonly string[]
  readonly errors: readonly ErrorReport[]
  readonly tasks: readonly RunTask[]
  /** What each node gave, as the cache names it. */
  readonly results: { readonly [nodeId: string]: string }
}

/** How far a run is that is under way. */
export type RunSoFar = Pick<RunEnd, 'outputs' | 'cachedNodes' | 'executedNodes' | 'errors' | 'results'> & {
  /** Nodes at work, since when (milliseconds since 1970), and what each said last. */
  readonly atWork: ReadonlyMap<string, { readonly since: number; readonly progress?: Progress }>
  /** Nodes that do not run because one before them failed. */
  readonly skippedNodes: readonly string[]
}

export type StoredRun = NewRun &
  Partial<RunEnd> &
  Partial<RunSoFar> & {
    readonly seq: number
    readonly state: 'waiting' | 'running' | 'done'
    readonly createdAt: number
    readonly startedAt?: number
    /** The id of extra_pnginfo.workflow. */
    readonly workflowId?: string
    /** Prompt and extra as they are kept, for answers that pass them on; the values are parsed when somebody looks. */
    readonly texts?: { readonly prompt: string; readonly extra: string }
  }

/** Which runs a list shows (ComfyUI: GET /api/jobs). */
export type RunList = {
  readonly states: readonly ('waiting' | 'running' | RunStatus)[]
  readonly workflowId?: string
  readonly sortBy: 'created' | 'duration'
  readonly order: 'asc' | 'desc'
  readonly offset: number
  readonly limit?: number
}

/** What the line keeps on disk. */
export type RunsStore = {
  /** The next of ComfyUI's numbers; grows with every request, rejected ones too. */
  nextNumber(): number
  add(run: NewRun, createdAt: number): StoredRun
  takeNext(startedAt: number): StoredRun | undefined
  end(seq: number, result: RunEnd): void
  saveTasks(seq: number, tasks: readonly RunTask[]): void
  /** After a crash: what was running waits again. Answers how many. */
  requeueRunning(): number
  waiting(): readonly StoredRun[]
  running(): readonly StoredRun[]
  countOpen(): number
  find(id: string): StoredRun | undefined
  /** One page of a list, and how long the whole list is. */
  list(wanted: RunList): { readonly runs: readonly StoredRun[]; readonly total: number }
  history(page: { maxItems?: number; offset?: number }): readonly StoredRun[]
  /** Puts a waiting prompt before all others. Answers whether it waits. */
  toFront(id: string): boolean
  deleteWaiting(id: string): boolean
  clearWaiting(): void
  deleteHistory(id: string): void
  clearHistory(): void
  trimHistory(limits: { maxEntries: number; olderThan: number }): void
}
