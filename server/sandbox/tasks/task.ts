import type { ApiGraph } from '../catalogue/graph.ts'
import type { Target } from '../catalogue/index.ts'
import type { FileSpec } from '../catalogue/special.ts'
import type { Account } from '../keys.ts'
import type { RenderWish } from '../results/render.ts'
import type { NodeInfo, SandboxTask, TaskKind, TaskState } from '../types.ts'

export type Task = {
  id: string
  kind: TaskKind
  target: Target
  account: Account
  clientId: string
  /** The credential in the socket's URL. */
  socketAuth: string
  promptTips: string
  state: TaskState
  createdAt: number
  startedAt: number | null
  endedAt: number | null
  infos: NodeInfo[]
  graph: ApiGraph
  files: TaskFile[]
  wish: RenderWish
  runMs: number
  cached: string[]
  cost: Cost
  failedReason: Record<string, unknown> | null
  webhookUrl: string | null
  /** Waits for a slot of an exclusive key. */
  waiting: boolean
  /** Takes the next step of its life back. */
  stop: () => void
}

export type TaskFile = { spec: FileSpec; nodeId: string; name: string; urlPath: string; fileType: string }

/** A simulated but realistic bill; per task, repeated on every file (RunningHub: cost). */
export type Cost = {
  seconds: number
  coins: string | null
  money: string | null
  thirdPartyMoney: string | null
}

export const isActive = (task: Task) => task.state === 'QUEUED' || task.state === 'RUNNING'

/** 32 s were 7 coins, 83 s 17, 253 s 51: ceil(0.2 × seconds). Shared keys pay money instead. */
export function costOf(seconds: number, account: Account, price: string | undefined): Cost {
  // A standard model is paid to whoever made it, by a price that knows no seconds.
  if (price !== undefined) return { seconds: 0, coins: null, money: null, thirdPartyMoney: price }
  return account.apiType === 'SHARED'
    ? { seconds, coins: null, money: (seconds * 0.0021).toFixed(3), thirdPartyMoney: null }
    : { seconds, coins: String(Math.ceil(seconds / 5)), money: null, thirdPartyMoney: null }
}

export function publicTask(task: Task): SandboxTask {
  return {
    taskId: task.id,
    kind: task.kind,
    targetId: task.target.id,
    keyLastFour: task.account.key.slice(-4),
    state: task.state,
    createdAt: task.createdAt,
    startedAt: task.startedAt,
    endedAt: task.endedAt,
    coins: task.state === 'SUCCESS' ? task.cost.coins : null,
    nodeInfoList: task.infos,
  }
}
