import type { RunControl, RunEvent, RunResult } from '../executor/index.ts'
import { HandOverError, InterruptedError } from '../shared/abort.ts'
import type { Clock } from '../shared/clock.ts'
import { createRecorder } from './recorder.ts'
import type { NewRun, RunEnd, RunsStore, StoredRun } from './types.ts'

/** What the line tells: its length changed, something happened in a run, a run's history can be read. */
export type QueueNews =
  | { readonly type: 'queue-changed'; readonly remaining: number }
  | { readonly type: 'run-event'; readonly run: StoredRun; readonly event: RunEvent }
  /** The history entry is there; the run is still listed as running. */
  | { readonly type: 'run-ended'; readonly run: StoredRun }
  /** The last word about a run, after the queue's. */
  | { readonly type: 'run-left'; readonly run: StoredRun }

export type RunQueueOptions = {
  readonly store: RunsStore
  readonly clock: Clock
  /** Runs side by side; the work is in the cloud. */
  parallel(): number
  execute(
    run: StoredRun,
    how: {
      signal: AbortSignal
      onEvent: (event: RunEvent) => void
      onStart: (control: RunControl) => void
      /** Waits for a person; meanwhile the run takes no place among those side by side. */
      aside: (wait: () => Promise<void>) => Promise<void>
    },
  ): Promise<RunResult>
  onNews(news: QueueNews): void
  /** The line could not be written: a full disk. It goes on, and is written when that can be done again. */
  onTrouble(error: unknown): void
  history(): { readonly maxEntries: number; readonly maxAgeMs: number }
}

type Active = {
  readonly run: StoredRun
  readonly controller: AbortController
  readonly recorder: ReturnType<typeof createRecorder>
  done: Promise<void>
  control?: RunControl
}

export type RunQueue = ReturnType<typeof createRunQueue>

/**
 * A run that is over at once has its end and its history at once, but stays listed as running, its last word unsaid, until this long after
 * it was queued: clients that look for it before their listeners are up would report it missing (@saintno/comfyui-sdk).
 */
const listedAtLeastMs = 150
const trimEvery = 100
/** How long until an end that could not be written down is tried again. */
const writeAgainMs = 2_000

/** The line of prompts: on disk, in order, several side by side; everything that happens is told once. */
export function createRunQueue(options: RunQueueOptions) {
  const { store, clock } = options
  const active = new Map<number, Active>()
  /** Over, and still listed as running. */
  const lingering = new Map<number, StoredRun>()
  let busy = 0
  let ended = 0
  let closing = false
  let cancelPump: (() => void) | undefined
  const stopped = new AbortController()

  const tellLength = () => options.onNews({ type: 'queue-changed', remaining: store.countOpen() })

  function tried<T>(write: () => T): T | undefined {
    try {
      return write()
    } catch (error) {
      options.onTrouble(error)
      return undefined
    }
  }

  /** Answers whether it could be done before the process ends; if not, the run is taken up at the next start. */
  async function writeEnd(seq: number, end: RunEnd): Promise<boolean> {
    for (;;) {
      try {
        store.end(seq, end)
        return true
      } catch (error) {
        options.onTrouble(error)
      }
      await clock.sleep(writeAgainMs, stopped.signal).catch(() => {})
      if (stopped.signal.aborted) return false
    }
  }

  function pump(): void {
    while (!closing && busy < options.parallel()) {
      let run: StoredRun | undefined
      try {
        run = store.takeNext(clock.now())
      } catch (error) {
        options.onTrouble(error)
        // Nobody else may come by to look again.
        cancelPump?.()
        cancelPump = clock.schedule(writeAgainMs, pump)
      }
      if (!run) return
      busy++
      const entry: Active = {
        run,
        controller: new AbortController(),
        recorder: createRecorder(run),
        done: Promise.resolve(),
      }
      active.set(run.seq, entry)
      entry.done = work(entry).catch(options.onTrouble)
      void entry.done.finally(() => active.delete(run.seq))
    }
  }

  async function work(entry: Active): Promise<void> {
    const { run, recorder } = entry
    const { signal } = entry.controller
    tellLength()
    let isOver = false
    const onEvent = (event: RunEvent) => {
      if (recorder.record(event)) tried(() => store.saveTasks(run.seq, recorder.tasks()))
      // What became of a stopped run's tasks may come after its end: it is written down, the run itself is told of no more.
      if (!isOver) options.onNews({ type: 'run-event', run, event })
    }
    let result: RunResult | undefined
    let failure: unknown
    let waits = 0
    const aside = async (wait: () => Promise<void>) => {
      if (waits++ === 0) {
        busy--
        pump()
      }
      try {
        await wait()
      } finally {
        if (--waits === 0) busy++
      }
    }
    try {
      result = await options.execute(run, {
        ...{ signal, onEvent, aside },
        onStart(control) {
          entry.control = control
        },
      })
    } catch (error) {
      failure = error
    }
    busy--
    // Handed over: the run stays marked as running and goes on after the next start.
    if (signal.reason instanceof HandOverError) return
    pump()
    const end = recorder.end(clock.now(), result, failure)
    if (!(await writeEnd(run.seq, end))) return
    isOver = true
    const finished: StoredRun = { ...run, ...end, state: 'done' }
    options.onNews({ type: 'run-ended', run: finished })
    active.delete(run.seq)
    await linger(finished)
    tellLength()
    options.onNews({ type: 'run-left', run: finished })
    if (++ended % trimEvery === 0) trim()
  }

  async function linger(run: StoredRun): Promise<void> {
    // The clock may have been set back since.
    const waitMs = Math.min(listedAtLeastMs, run.createdAt + listedAtLeastMs - clock.now())
    if (waitMs <= 0) return
    lingering.set(run.seq, run)
    await clock.sleep(waitMs, stopped.signal).catch(() => {})
    lingering.delete(run.seq)
  }

  function trim(): void {
    const { maxEntries, maxAgeMs } = options.history()
    store.trimHistory({ maxEntries, olderThan: clock.now() - maxAgeMs })
  }

  return {
    store,
    /** Takes up what an earlier process left: its running prompts wait again, at the place they had. */
    start(): number {
      const left = store.requeueRunning()
      trim()
      pump()
      return left
    },
    /** Puts a prompt into the line; it starts on a later turn, so that the answer to its sender goes out first. */
    add(run: NewRun): StoredRun {
      const stored = store.add(run, clock.now())
      tellLength()
      setImmediate(pump)
      return stored
    },
    /** What is listed as running. */
    running: (): readonly StoredRun[] => [...store.running(), ...lingering.values()],
    /** A run in the line, under way or over; how far it is when it is under way. */
    find(id: string): StoredRun | undefined {
      const run = store.find(id)
      const soFar = run?.state === 'running' ? active.get(run.seq)?.recorder.soFar() : undefined
      return run && soFar ? Object.assign(run, soFar) : run
    },
    /** Stops one running prompt, or all of them. Answers how many. */
    interrupt(id?: string): number {
      const hit = [...active.values()].filter(({ run }) => id === undefined || run.id === id)
      for (const { controller } of hit) controller.abort(new InterruptedError())
      return hit.length
    },
    /** Stops one node of a running prompt. Answers whether there was anything to stop. */
    stopNode(id: string, nodeId: string): boolean {
      const hit = [...active.values()].find(({ run }) => run.id === id)
      return hit?.control?.stopNode(nodeId) ?? false
    },
    /** Makes a waiting prompt the next. Answers whether it waits. */
    toFront(id: string): boolean {
      const moved = store.toFront(id)
      if (moved) tellLength()
      return moved
    },
    /** The limits have changed: more may run, less may be kept. */
    limitsChanged(): void {
      tried(trim)
      pump()
    },
    deleteWaiting(ids: readonly string[]): number {
      const deleted = ids.filter(id => store.deleteWaiting(id)).length
      tellLength()
      return deleted
    },
    clearWaiting(): void {
      store.clearWaiting()
      tellLength()
    },
    /** Ends this process's part: what runs gets `graceMs` to finish, the rest is handed over to the next start. */
    async close(graceMs: number): Promise<void> {
      closing = true
      cancelPump?.()
      const all = [...active.values()]
      let cancel = () => {}
      const grace = new Promise<void>(resolve => {
        cancel = clock.schedule(graceMs, resolve)
      })
      await Promise.race([Promise.allSettled(all.map(({ done }) => done)), grace])
      cancel()
      for (const { controller } of active.values()) controller.abort(new HandOverError())
      stopped.abort()
      await Promise.allSettled(all.map(({ done }) => done))
    },
  }
}
