import type { Duplex } from 'node:stream'
import type { Clock } from '../shared/clock.ts'
import type { JsonValue } from '../shared/lossless-json.ts'
import type { Render } from './results/render.ts'

export type SandboxOptions = {
  /** 0, the default, takes a free port. */
  port?: number
  /** Default 127.0.0.1. */
  host?: string
  /** 10 makes every task ten times faster. */
  speed?: number
  /** Unknown workflow ids answer 380, unknown apps 901, and a key must have 32 characters. */
  strict?: boolean
  /** Drives the life of tasks; the system's clock by default. */
  clock?: Clock
  faults?: FaultRule[]
  /** Tasks a key may have queued and running at once; default 3. */
  concurrency?: number
  /** Makes ids, costs and file names reproducible. */
  seed?: number
  /** Listens nowhere: connections of this very process come by `accept`, and addresses in answers begin with this origin. */
  origin?: string
  /** Makes the bytes of a result file; they are drawn by default. */
  render?: Render
  /** Standard models it knows the parameters of, asked for at each call; any other path is answered by its name. */
  models?: () => readonly SandboxModel[]
  /** What the built-in key is. Unsaid, it pays coins and may call standard models all the same, so that newcomers can try. */
  keyKind?: 'normal' | 'shared' | 'exclusive'
}

/** A standard model as far as the sandbox checks and prices it. */
export type SandboxModel = {
  readonly endpoint: string
  readonly output: 'image' | 'video' | 'audio' | '3d' | 'string'
  readonly params: readonly SandboxParam[]
}
export type SandboxParam = {
  readonly key: string
  readonly kind: string
  readonly required: boolean
  readonly options?: readonly { readonly value: string }[]
  readonly min?: number | bigint
  readonly max?: number | bigint
  readonly multiple?: boolean
  /** Not sent itself. */
  readonly suffix?: unknown
}

export type Sandbox = {
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  url: string
  /** The last requests, oldest first. Bodies and headers are as they came, API keys included. */
  requests(): LoggedRequest[]
  tasks(): SandboxTask[]
  /** What a careless client got wrong, oldest first. */
  violations(): Violation[]
  addFaults(rules: FaultRule[]): void
  clearFaults(): void
  /** Serves one connection that comes from no network. */
  accept(connection: Duplex): void
  /** Ends timers, sockets and streams at once and removes the spooled files. */
  close(): Promise<void>
}

export type LoggedRequest = {
  /** Milliseconds since 1970, by the sandbox's clock. */
  at: number
  method: string
  path: string
  /** Without `?`; values of keys and signatures are masked. */
  query: string
  headers: Record<string, string>
  /** JSON bodies only, at most 256 KB; multipart and binary bodies are not kept. */
  rawBody: string
  /** null until an answer went out; stays null when the connection was destroyed. */
  status: number | null
  /** The answer's `code` (or numeric `errorCode`), null when it has none. */
  code: number | null
  connectionId: number
  /** Until the answer's last byte; null while open. */
  durationMs: number | null
}

export type TaskState = 'QUEUED' | 'RUNNING' | 'SUCCESS' | 'FAILED' | 'CANCEL'

export type TaskKind = 'workflow' | 'app' | 'quick-app' | 'model'

export type SandboxTask = {
  taskId: string
  kind: TaskKind
  targetId: string
  keyLastFour: string
  state: TaskState
  createdAt: number
  startedAt: number | null
  endedAt: number | null
  /** null until it succeeded, and for keys that pay money. */
  coins: string | null
  nodeInfoList: NodeInfo[]
}

export type NodeInfo = { nodeId: string; fieldName: string; fieldValue: JsonValue }

export type Violation = { at: number; rule: ViolationRule; method: string; path: string; detail: string }

export type ViolationRule =
  | 'key-on-file-host'
  | 'api-key-in-v2-body'
  | 'apikey-spelling'
  | 'webapp-id-not-integer'
  | 'rounded-id'
  | 'malformed-multipart'
  | 'quick-create-item'

export type FaultPlace =
  | 'create'
  | 'outputs'
  | 'status'
  | 'upload'
  | 'file'
  | 'socket'
  | 'cancel'
  | 'json'
  | 'account'
  | '*'

export type FaultRule = {
  on: FaultPlace
  /** Workflow, app or model of the task; for anything about a task its taskId too. */
  targetId?: string
  /** How often it plays; default 1. */
  times?: number
  /** How many matching requests pass before the first. */
  skip?: number
  /** 0 to 1; drawn from the sandbox's seed. */
  probability?: number
  do: FaultAction
}

export type FaultAction =
  /** Refused in RunningHub's envelope; nothing is carried out. */
  | { kind: 'code'; code: number; msg: string }
  /** A gateway's answer; nothing is carried out. */
  | { kind: 'http'; status: number; body?: string; contentType?: string }
  /** Never answers. */
  | { kind: 'hang' }
  /** Destroys the connection before doing anything. */
  | { kind: 'reset' }
  /** Carries the call out (a task exists and will be paid), then loses the answer. */
  | { kind: 'commit-then-reset' }
  | { kind: 'commit-then-hang' }
  /** Cuts the connection at once and carries the call out so much later, as a gateway with a line of its own does. */
  | { kind: 'commit-late'; ms: number }
  | { kind: 'commit-then-http'; status: number; body?: string; contentType?: string }
  /** Promises the whole answer and cuts the connection after so many bytes of it. */
  | { kind: 'truncate'; afterBytes: number }
  /** Carried out at once; the answer comes late, by the clock and unscaled by the speed. */
  | { kind: 'delay'; ms: number }
  | { kind: 'slow'; bytesPerSecond: number }
  /** Carried out; the answer is not JSON. */
  | { kind: 'garbage' }
  /** Carried out; the answer has no body. */
  | { kind: 'empty' }
