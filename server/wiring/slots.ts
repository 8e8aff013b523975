import type { Slots } from '../runninghub/index.ts'
import { rejectOnAbort } from '../shared/abort.ts'
import type { Clock } from '../shared/clock.ts'
import type { LaneStore } from './journal.ts'

type Waiter = {
  readonly group: string
  limit: number
  toldBusy?: number
  readonly take: (place: number) => void
  readonly fail: (error: unknown) => void
  readonly onWait: (busy: number, limit: number) => void
}
type Lane = {
  readonly waiting: Waiter[]
  readonly held: Map<string, number>
  /** When each run last got a place, counted in places. */
  readonly served: Map<string, number>
  turn: number
  cancelLook: (() => void) | undefined
}

/** How often a place that another process holds is looked at. Places freed here are noticed at once. */
const lookMs = 400
/** Of so many runs it is remembered when each last got a place. */
const maxServed = 500

/**
 * The line in front of a key, for every process on the data folder: places lie in the database. Within this process the next
 * place goes to the run that holds the fewest, then to the one that got its last the longest ago, then to who came first; an interrupt frees its place in line at once.
 */
export function createSharedSlots(
  lanes: LaneStore,
  clock: Clock,
): (group: string, askLimit?: () => Promise<number>) => Slots {
  const known = new Map<string, Lane>()

  function laneOf(name: string): Lane {
    const lane = known.get(name) ?? newLane()
    known.set(name, lane)
    return lane
  }

  function next(name: string): void {
    const lane = laneOf(name)
    lane.cancelLook?.()
    lane.cancelLook = undefined
    while (lane.waiting.length > 0) {
      const waiter = fairest(lane)
      if (!waiter) return
      let answer: ReturnType<LaneStore['take']>
      try {
        answer = lanes.take(name, waiter.limit)
      } catch (error) {
        // A full disk: nothing of theirs was sent, and they say so.
        leave(lane, waiter)
        waiter.fail(error)
        continue
      }
      if ('busy' in answer) {
        for (const other of lane.waiting) tell(other, answer.busy)
        lane.cancelLook = clock.schedule(lookMs, () => next(name))
        return
      }
      leave(lane, waiter)
      lane.held.set(waiter.group, (lane.held.get(waiter.group) ?? 0) + 1)
      noteServed(lane, waiter.group)
      waiter.take(answer.place)
    }
    if (lane.held.size === 0) known.delete(name)
  }

  function release(name: string, group: string, place: number): void {
    const lane = laneOf(name)
    const held = (lane.held.get(group) ?? 1) - 1
    if (held > 0) lane.held.set(group, held)
    else lane.held.delete(group)
    lanes.free(place)
    next(name)
  }

  return (group, askLimit) => ({
    async acquire(name, limit, signal, onWait) {
      signal.throwIfAborted()
      const lane = laneOf(name)
      const abort = rejectOnAbort(signal)
      let place: number | undefined
      const given = Promise.withResolvers<void>()
      // It may be refused while nobody listens yet.
      given.promise.catch(() => {})
      // One place every key has; how many more is asked only when that one is taken.
      const waiter: Waiter = {
        group,
        limit: askLimit ? 1 : limit,
        onWait,
        take(taken) {
          place = taken
          given.resolve()
        },
        fail: given.reject,
      }
      lane.waiting.push(waiter)
      try {
        next(name)
        if (askLimit && place === undefined) {
          waiter.limit = await Promise.race([askLimit(), given.promise.then(() => limit), abort.promise])
          next(name)
        }
        await Promise.race([given.promise, abort.promise])
        const held = place ?? 0
        let isHeld = true
        return () => {
          if (isHeld) release(name, group, held)
          isHeld = false
        }
      } catch (error) {
        // A place may have come in the very moment of the stop.
        if (place !== undefined) release(name, group, place)
        else leave(lane, waiter)
        next(name)
        throw error
      } finally {
        abort.release()
      }
    },
  })
}

function leave(lane: Lane, waiter: Waiter): void {
  const at = lane.waiting.indexOf(waiter)
  if (at >= 0) lane.waiting.splice(at, 1)
}

/** Only what has changed: a line that is looked at often is not told of as often. */
function tell(waiter: Waiter, busy: number): void {
  if (waiter.toldBusy === busy) return
  waiter.toldBusy = busy
  waiter.onWait(busy, waiter.limit)
}

function newLane(): Lane {
  return { waiting: [], held: new Map(), served: new Map(), turn: 0, cancelLook: undefined }
}

function noteServed(lane: Lane, group: string): void {
  lane.served.delete(group)
  lane.served.set(group, ++lane.turn)
  const [longestAgo] = lane.served.keys()
  if (lane.served.size > maxServed && longestAgo !== undefined) lane.served.delete(longestAgo)
}

function fairest(lane: Lane): Waiter | undefined {
  let best: Waiter | undefined
  let [fewest, earliest] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (const waiter of lane.waiting) {
    const held = lane.held.get(waiter.group) ?? 0
    const served = lane.served.get(waiter.group) ?? 0
    if (held < fewest || (held === fewest && served < earliest)) {
      best = waiter
      fewest = held
      earliest = served
    }
  }
  return best
}
