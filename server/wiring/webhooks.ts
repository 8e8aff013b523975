import type { WebhookEar } from '../runninghub/index.ts'
import type { Clock } from '../shared/clock.ts'
import type { Journal } from './journal.ts'
import type { Site } from './site.ts'

/** Stands in the journal behind `created`. */
export const askedForWebhook = 'asked for a webhook'
const cameNote = 'webhook came'

export type Webhooks = WebhookEar & {
  /** Where the calls go from now on: from the internet, and from a sandbox on this machine. */
  serveAt(addresses: { outside: string; local: string }): void
  /** Where a site is asked to call; undefined where nobody listens. */
  urlFor(site: Pick<Site, 'isSandbox'>): string | undefined
  /**
   * Somebody says that a task has ended. Only tasks of the journal count, and all it does is to have them asked for now: a forged call
   * or the same one again changes nothing.
   */
  arrived(taskId: string): void
  close(): void
}

/** A follower is woken no more often than this, however often it is called for. */
const leastGapMs = 2_000
/** A call may come before the answer to the create is written down; so many are remembered for so long. */
const earlyMs = 30_000
const mostEarly = 200
/** How late a call may come after the end was seen. */
const lateMs = 60_000
/** So many in a row that did not come, or none for so long: asking goes back to its own pace. */
const mostMissed = 2
const trustMs = 6 * 3600_000
const mostNotes = 5

/** The cloud's calls at the end of tasks (RunningHub: webhook): hints to ask now, believed in only as long as they come. */
export function createWebhooks(options: {
  readonly clock: Clock
  readonly journal: () => Pick<Journal, 'byTaskIds' | 'note'>
}): Webhooks {
  const { clock } = options
  const listeners = new Map<string, Set<() => void>>()
  const early = new Map<string, number>()
  /** When each task was last called for, by the clock's ticks. */
  const calledAt = new Map<string, number>()
  const awaited = new Set<() => void>()
  let addresses: { outside: string; local: string } | undefined
  let lastHitAt: number | undefined
  let missed = 0

  function remember(map: Map<string, number>, taskId: string): void {
    map.delete(taskId)
    map.set(taskId, clock.ticks())
    for (const oldest of map.keys()) {
      if (map.size <= mostEarly) break
      map.delete(oldest)
    }
  }

  function score(came: boolean): void {
    missed = came ? 0 : missed + 1
    if (came) lastHitAt = clock.ticks()
  }

  return {
    serveAt(where) {
      addresses = where
    },
    urlFor: site => (site.isSandbox ? addresses?.local : addresses?.outside),

    isTrusted: () =>
      addresses !== undefined &&
      lastHitAt !== undefined &&
      missed < mostMissed &&
      clock.ticks() - lastHitAt < trustMs,

    listen(taskId, wake) {
      const all = listeners.get(taskId) ?? new Set()
      listeners.set(taskId, all.add(wake))
      const at = early.get(taskId)
      early.delete(taskId)
      if (at !== undefined && clock.ticks() - at < earlyMs) this.arrived(taskId)
      return () => {
        all.delete(wake)
        if (all.size === 0) listeners.delete(taskId)
      }
    },

    arrived(taskId) {
      const records = options.journal().byTaskIds([taskId])
      if (records.length === 0) {
        remember(early, taskId)
        return
      }
      const before = calledAt.get(taskId)
      if (before !== undefined && clock.ticks() - before < leastGapMs) return
      remember(calledAt, taskId)
      for (const { seq, events } of records) {
        const noted = events.filter(({ what }) => what === cameNote).length
        if (noted < mostNotes) options.journal().note(seq, { at: clock.now(), what: cameNote })
      }
      for (const wake of listeners.get(taskId) ?? []) wake()
    },

    ended(taskId) {
      const records = addresses === undefined ? [] : options.journal().byTaskIds([taskId])
      if (!records.some(({ events }) => events.some(({ why }) => why === askedForWebhook))) return
      const came = () => clock.ticks() - (calledAt.get(taskId) ?? Number.NEGATIVE_INFINITY) < 2 * lateMs
      if (came()) score(true)
      else {
        // It may be on its way.
        const cancel = clock.schedule(lateMs, () => {
          awaited.delete(cancel)
          score(came())
        })
        awaited.add(cancel)
      }
    },

    close() {
      for (const cancel of awaited) cancel()
      awaited.clear()
    },
  }
}
