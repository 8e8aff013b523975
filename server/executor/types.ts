import type { AssetAccess, CloudAccess, Preview, Progress, RemoteTask } from '../../nodes/context.ts'
import type { NodeDefinition, Ui } from '../../nodes/define-node.ts'
import type { Clock } from '../shared/clock.ts'

/** What the executor needs from outside. It declares; the wiring and main.ts hand in. */
export type ExecutorServices = {
  readonly catalogue: Catalogue
  readonly clock: Clock
  readonly cache: ResultCache
  readonly assets: AssetAccess
  readonly cloud: CloudAccess
}

export type Catalogue = {
  find(type: string): { readonly definition: NodeDefinition } | undefined
}

/** What one node gave: per output the list of its values (one, unless the output is a list or the node was mapped), and its UI. */
export type NodeResult = {
  readonly outputs: readonly (readonly unknown[])[]
  readonly ui?: Ui
  /** False: of this run alone, never to be used again. */
  readonly isKept?: boolean
  /** The node itself said so: items that failed are not meant, which leave the others in their places. */
  readonly isForOnce?: boolean
}

/** Results by signature. `get` answers only with results whose files are all still there. */
export type ResultCache = {
  get(signature: string): NodeResult | undefined
  /** `keepMs`: how long it may be used again. */
  set(signature: string, result: NodeResult, keepMs: number): void
  /** Names the very result kept under a signature now, for whoever wants just that one later; undefined when none is. */
  idOf?(signature: string): string | undefined
}

/** Results people froze, by the name of the pin. Found only while every file of theirs is there. */
export type Pins = { find(pin: string): Pinned | undefined }

export type Pinned = {
  readonly pin: string
  readonly nodeType: string
  readonly result: NodeResult
  /** See {@link ResultCache.idOf}. */
  readonly resultId: string
  /** Stands for the node in its followers' signatures: the one it had, so that what was made of this result is not made again. */
  readonly signature: string
}

/** A failure as people and programs read it. */
export type ErrorReport = {
  readonly nodeId: string
  readonly nodeType: string
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly taskId?: string
}

export type RunStatus = 'success' | 'error' | 'interrupted'

/** Everything that happens in a run, in order. Noun first, past tense. */
export type RunEvent = { readonly runId: string; readonly at: number } & (
  | { readonly type: 'run-started'; readonly nodeIds: readonly string[] }
  | {
      readonly type: 'nodes-cached'
      readonly nodeIds: readonly string[]
      /** See {@link ResultCache.idOf}; by node. */
      readonly resultIds: ReadonlyMap<string, string>
    }
  | { readonly type: 'node-started'; readonly nodeId: string }
  | { readonly type: 'node-progressed'; readonly nodeId: string; readonly progress: Progress }
  | { readonly type: 'node-previewed'; readonly nodeId: string; readonly picture: Preview }
  | { readonly type: 'node-task-changed'; readonly nodeId: string; readonly task: RemoteTask }
  | {
      readonly type: 'node-finished'
      readonly nodeId: string
      readonly ui?: Ui
      readonly cached: boolean
      /** It gave a pinned result. */
      readonly frozen: boolean
      readonly durationMs: number
      readonly resultId?: string
    }
  | { readonly type: 'node-failed'; readonly nodeId: string; readonly error: ErrorReport }
  | { readonly type: 'node-skipped'; readonly nodeId: string; readonly failedNodeId: string }
  | { readonly type: 'run-finished'; readonly status: RunStatus; readonly durationMs: number }
)

/** A {@link RunEvent} before the run has put its id and the time on it. */
export type RunNews = RunEvent extends infer E
  ? E extends RunEvent
    ? Omit<E, 'runId' | 'at'>
    : never
  : never

/** What can be done to a run while it goes on. */
export type RunControl = {
  /** Ends one node; what depends on it is skipped, the rest goes on. Answers whether there was anything to end. */
  stopNode(nodeId: string): boolean
}

export type RunResult = {
  readonly runId: string
  readonly status: RunStatus
  readonly durationMs: number
  /** UI outputs of the nodes that succeeded, by node id. */
  readonly outputs: ReadonlyMap<string, Ui>
  readonly errors: readonly ErrorReport[]
  readonly tasks: readonly (RemoteTask & { readonly nodeId: string })[]
}
