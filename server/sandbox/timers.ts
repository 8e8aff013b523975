import type { Clock } from '../shared/clock.ts'

/** The sandbox's timers: every one is known, so that closing takes all back. */
export type Timers = {
  now(): number
  /** After `ms` of the clock. */
  after(ms: number, fn: () => void): () => void
  /** After `ms` at speed 1: the time of tasks. */
  afterTaskTime(ms: number, fn: () => void): () => void
  sleep(ms: number): Promise<void>
  /** Every sleeper of the past and the future stays asleep; nothing scheduled is called any more. */
  close(): void
}

export function createTimers(clock: Clock, speed: number): Timers {
  const cancels = new Set<() => void>()
  let closed = false
  const after = (ms: number, fn: () => void) => {
    if (closed) return () => {}
    const cancel = clock.schedule(ms, () => {
      cancels.delete(cancel)
      fn()
    })
    cancels.add(cancel)
    return () => {
      cancels.delete(cancel)
      cancel()
    }
  }
  return {
    now: () => clock.now(),
    after,
    afterTaskTime: (ms, fn) => after(ms / speed, fn),
    sleep: ms => new Promise(resolve => after(ms, resolve)),
    close() {
      closed = true
      for (const cancel of cancels) cancel()
      cancels.clear()
    },
  }
}
