import type { Progress } from '../../nodes/context.ts'
import type { Clock } from '../shared/clock.ts'

/** At most this often per node, unless the phase or what is worked on changes. */
const minIntervalMs = 100

/**
 * Between a node's report() and the event: never over `of`, never backwards within a phase, label and count, not more often than
 * people can see.
 */
export function createProgressGate(
  clock: Clock,
  emit: (progress: Progress) => void,
): (progress: Progress) => void {
  let last: Progress | undefined
  let lastAt = Number.NEGATIVE_INFINITY
  return given => {
    const progress = clamp(given, last)
    const isNews =
      !last ||
      progress.phase !== last.phase ||
      progress.label !== last.label ||
      progress.nodesDone !== last.nodesDone ||
      (progress.done !== undefined && progress.done === progress.of && last.done !== progress.done)
    if (!isNews && clock.ticks() - lastAt < minIntervalMs) return
    last = progress
    lastAt = clock.ticks()
    emit(progress)
  }
}

function clamp(given: Progress, last: Progress | undefined): Progress {
  const isSamePhase = last?.phase === given.phase
  const isSameWork = isSamePhase && last.label === given.label && last.of === given.of
  const done = between(isSameWork ? last.done : undefined, given.done, given.of)
  const nodesDone = between(isSamePhase ? last.nodesDone : undefined, given.nodesDone, given.nodesTotal)
  return { ...given, ...(done !== undefined && { done }), ...(nodesDone !== undefined && { nodesDone }) }
}

/** Not less than before, not more than all there is; undefined while nothing was ever said. */
function between(before: number | undefined, now: number | undefined, all = Number.POSITIVE_INFINITY) {
  if (before === undefined && now === undefined) return undefined
  return Math.min(all, Math.max(before ?? 0, now ?? 0))
}
