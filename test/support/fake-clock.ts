import { type Clock, sleepWith } from '../../server/shared/clock.ts'

type Timer = { at: number; fn: () => void }

/**
 * A clock that only moves when told. `run()` jumps from timer to timer until `done` settles; while `isBusy` says that real I/O is
 * on its way, it stands still.
 */
export type FakeClock = Clock & {
  advance(ms: number): Promise<void>
  run<T>(done: Promise<T>, limitMs?: number): Promise<T>
  readonly sleeps: number[]
}

/** Lets every promise that is ready go on; real I/O gets a turn of the event loop too. */
const settle = () => new Promise<void>(resolve => setImmediate(resolve))

export function createFakeClock(start = 1_700_000_000_000, isBusy: () => boolean = () => false): FakeClock {
  let now = start
  const timers = new Set<Timer>()
  const sleeps: number[] = []
  const next = () => [...timers].sort((a, b) => a.at - b.at)[0]
  const fire = (timer: Timer) => {
    timers.delete(timer)
    now = Math.max(now, timer.at)
    timer.fn()
  }
  const rest = async () => {
    do await settle()
    while (isBusy())
  }
  const clock: FakeClock = {
    sleeps,
    now: () => now,
    ticks: () => now,
    sleep(ms, signal) {
      sleeps.push(ms)
      return sleepWith(clock, ms, signal)
    },
    schedule(ms, fn) {
      const timer = { at: now + Math.max(0, ms), fn }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const until = now + ms
      for (;;) {
        await rest()
        const timer = next()
        if (!timer || timer.at > until) break
        fire(timer)
      }
      now = until
      await rest()
    },
    async run(done, limitMs = 7 * 24 * 3600_000) {
      const state: { settled: boolean } = { settled: false }
      const finished = done.finally(() => {
        state.settled = true
      })
      finished.catch(() => {})
      const end = now + limitMs
      while (!state.settled) {
        await settle()
        if (state.settled) break
        if (isBusy()) continue
        const timer = next()
        if (!timer) {
          await new Promise(resolve => setTimeout(resolve, 1))
          continue
        }
        if (timer.at > end) throw new Error(`fake clock: still not done after ${limitMs} ms`)
        fire(timer)
      }
      return finished
    },
  }
  return clock
}
