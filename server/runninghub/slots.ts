/**
 * The line in front of a key: never more tasks at once than its limit, first come first served, and an interrupt frees its place
 * at once. One for the whole process, keyed by site and key.
 */
export type Slots = {
  /** Resolves when a slot of `lane` is free to whoever waits first. The function it gives frees the slot; call it once. */
  acquire(
    lane: string,
    limit: number,
    signal: AbortSignal,
    onWait: (busy: number, limit: number) => void,
  ): Promise<() => void>
}

type Waiter = { limit: number; start: () => void }
type Lane = { active: number; waiting: Waiter[] }

export function createSlots(): Slots {
  const lanes = new Map<string, Lane>()

  function next(name: string, lane: Lane): void {
    const head = lane.waiting[0]
    if (head && lane.active < head.limit) {
      lane.waiting.shift()
      head.start()
      next(name, lane)
    } else if (!head && lane.active === 0) lanes.delete(name)
  }

  return {
    acquire(name, limit, signal, onWait) {
      const lane = lanes.get(name) ?? { active: 0, waiting: [] }
      lanes.set(name, lane)
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          lane.waiting = lane.waiting.filter(other => other !== waiter)
          reject(signal.reason)
          next(name, lane)
        }
        const waiter: Waiter = {
          limit,
          start() {
            signal.removeEventListener('abort', onAbort)
            lane.active++
            let held = true
            resolve(() => {
              if (!held) return
              held = false
              lane.active--
              next(name, lane)
            })
          },
        }
        if (signal.aborted) {
          onAbort()
          return
        }
        signal.addEventListener('abort', onAbort, { once: true })
        lane.waiting.push(waiter)
        next(name, lane)
        if (lane.waiting.includes(waiter)) onWait(lane.active, limit)
      })
    },
  }
}
