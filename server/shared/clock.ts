/** Time as an argument, so that a test can play six hours in a millisecond. */
export type Clock = {
  /** Milliseconds since 1970, by a clock that people and time servers set: for what is written down. */
  now(): number
  /** Milliseconds of a clock that nobody sets and that stands still with a sleeping machine: for waits and durations. */
  ticks(): number
  /** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** Calls `fn` once after `ms`. Returns the function that takes it back. */
  schedule(ms: number, fn: () => void): () => void
}

// setTimeout turns anything longer into 1 ms (Node, timers): a run_timeout of 9999999 s would end at once.
const longestTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  sleep: (ms, signal) => sleepWith(systemClock, ms, signal),
  schedule(ms, fn) {
    let timer: NodeJS.Timeout
    const arm = (left: number) => {
      const step = Math.min(left, longestTimerMs)
      timer = setTimeout(() => (left > step ? arm(left - step) : fn()), step)
    }
    arm(Math.max(0, ms))
    return () => clearTimeout(timer)
  },
}

/** The sleep every clock can be given, built on its `schedule`. */
export function sleepWith(clock: Pick<Clock, 'schedule'>, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    const onAbort = () => {
      cancel()
      reject(signal.reason)
    }
    const cancel = clock.schedule(ms, () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** The reason a deadline gives; told apart from a person's stop by its class. */
export class DeadlineError extends Error {
  readonly afterMs: number
  constructor(afterMs: number) {
    super(`no answer within ${afterMs >= 1000 ? `${afterMs / 1000} s` : `${afterMs} ms`}`)
    this.name = 'DeadlineError'
    this.afterMs = afterMs
  }
}

/**
 * Runs `work` with a signal that also ends after `ms` with a {@link DeadlineError}. `parent` undefined: only the deadline
 * ends it, for work that must not be cut off by a stop (creating a task, cancelling one).
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent?.throwIfAborted()
  const controller = new AbortController()
  const onParent = () => controller.abort(parent?.reason)
  parent?.addEventListener('abort', onParent, { once: true })
  const cancel = clock.schedule(ms, () => controller.abort(new DeadlineError(ms)))
  try {
    return await work(controller.signal)
  } catch (error) {
    // Libraries wrap or replace the reason; whoever catches decides by the reason itself.
    if (controller.signal.aborted) throw controller.signal.reason
    throw error
  } finally {
    cancel()
    parent?.removeEventListener('abort', onParent)
  }
}
