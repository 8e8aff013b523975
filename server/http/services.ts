import type { Batches } from '../batch/index.ts'
import type { Bridge } from '../main.ts'
import type { Notifications } from '../notifications.ts'
import type { RunQueue } from '../queue/index.ts'

/** What the routes are handed. */
export type Services = {
  readonly bridge: Bridge
  readonly queue: RunQueue
  readonly batches: Batches
  readonly notifications: Notifications
  readonly facts: {
    readonly version: string
    readonly startedAt: number
    readonly argv: readonly string[]
    /** Whether only this machine is served. */
    readonly isLocal: boolean
    /** Whether every client is asked for a token. */
    readonly needsToken: boolean
  }
}
