import { randomUUID } from 'node:crypto'
import type { Clock } from '../shared/clock.ts'
import { messageOf } from '../shared/errors.ts'
import { post } from './post.ts'
import { signatureHeaders } from './sign.ts'
import type { Delivery, DeliveryStore } from './types.ts'

export type Notifier = ReturnType<typeof createNotifier>

/** Pauses between tries; after the last one it is given up. Some nine hours in all. */
const pausesMs = [5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 21_600_000]
/** One try; a receiver answers first and works later. */
const answerMs = 15_000
const lookMs = 60_000
const keptMs = 7 * 24 * 3600_000
const mostKept = 1000

/**
 * Calls out when something ends: signed, tried again with growing pauses, and on disk until they have arrived, so that the end of the program
 * loses none. Several programs on one data folder share the line.
 */
export function createNotifier(options: {
  readonly store: () => DeliveryStore
  readonly clock: Clock
  readonly secret: () => string
  /** Whether addresses of this machine and its networks may be called. */
  readonly allowsPrivate: boolean
  /** Takes out what must not be written down: keys that this process has used. */
  readonly clean: (text: string) => string
  /** Takes out what must not leave: every kept key, too. */
  readonly cleanOfAll: (text: string) => Promise<string>
  readonly onTrouble: (error: unknown) => void
}) {
  const { clock } = options
  const stop = new AbortController()
  let cancelTimer = () => {}
  let working: Promise<void> | undefined
  let isMore = false
  const ended = new Map<string, () => void>()

  async function work(): Promise<void> {
    for (;;) {
      const now = clock.now()
      const one = stop.signal.aborted ? undefined : options.store().take(now, now + 2 * answerMs)
      if (!one) return
      await attempt(one)
    }
  }

  async function attempt(stored: Delivery): Promise<void> {
    const one = { ...stored, body: await options.cleanOfAll(stored.body) }
    const tries = one.tries + 1
    const headers = signatureHeaders(one, clock.now(), options.secret())
    let last: string
    let isDone = false
    try {
      const status = await post(one, headers, { ...options, signal: stop.signal, timeoutMs: answerMs })
      isDone = status >= 200 && status < 300
      last = `HTTP ${status}`
    } catch (error) {
      last = messageOf(error)
      if (stop.signal.aborted) {
        // Cut off by the program's end: the next start tries again at once.
        options.store().end(one.id, { ...stored, nextAt: clock.now() })
        return
      }
    }
    const pause = pausesMs[tries - 1]
    const state = isDone ? 'done' : pause === undefined ? 'failed' : 'waiting'
    options.store().end(one.id, { state, tries, nextAt: clock.now() + (pause ?? 0), last })
    ended.get(one.id)?.()
  }

  function run(): void {
    cancelTimer()
    if (stop.signal.aborted) return
    isMore = working !== undefined
    working ??= work()
      .catch(options.onTrouble)
      .finally(() => {
        working = undefined
        // One was put in while the last look found none.
        if (isMore) {
          run()
          return
        }
        if (stop.signal.aborted) return
        const waitMs = (tried(() => options.store().nextAt()) ?? Number.POSITIVE_INFINITY) - clock.now()
        cancelTimer()
        // Another program on this data folder may have put one in and ended.
        cancelTimer = clock.schedule(Math.min(lookMs, Math.max(100, waitMs)), run)
      })
  }

  function tried<T>(look: () => T): T | undefined {
    try {
      return look()
    } catch (error) {
      options.onTrouble(error)
      return undefined
    }
  }

  return {
    /** Takes up what an earlier process left. */
    start(): void {
      tried(() => options.store().trim(clock.now() - keptMs, mostKept))
      run()
    },

    /** Puts a call into the line. Answers its id; never throws: what ended has ended. */
    tell(url: string, event: string, facts: object): string {
      const id = `msg_${randomUUID()}`
      const now = clock.now()
      const whole = { event, timestamp: new Date(now).toISOString(), ...facts }
      const body = options.clean(JSON.stringify(whole))
      tried(() =>
        options
          .store()
          .add({ id, url, event, body, state: 'waiting', tries: 0, nextAt: now, createdAt: now, last: null }),
      )
      run()
      return id
    },

    /** Resolves when it has arrived or failed, or after that many tries. Answers how it stands. */
    async settled(id: string, mostTries: number): Promise<Delivery | undefined> {
      for (;;) {
        const one = tried(() => options.store().find(id))
        if (one?.state !== 'waiting' || one.tries >= mostTries || stop.signal.aborted) return one
        await new Promise<void>(resolve => {
          ended.set(id, resolve)
          stop.signal.addEventListener('abort', () => resolve(), { once: true })
        })
        ended.delete(id)
      }
    },

    list: (limit: number) => options.store().list(limit),

    async close(): Promise<void> {
      stop.abort()
      cancelTimer()
      await working
    },
  }
}
