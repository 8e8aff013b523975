import type { Progress } from '../../nodes/context.ts'
import type { Clock } from '../shared/clock.ts'

/** At most this often per node, unless the phase or what is worked on changes. */
const minIntervalMs = 100

/**
 * Between a node's report() and the event: never over `of`, never backwards within a phase and label, not more often than people
 * can see.
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
    if (!isNews && clock.now() - lastAt < minIntervalMs) return
    last = progress
    lastAt = clock.now()
    emit(progress)
  }
}

function clamp(given: Progress, last: Progress | undefined): Progress {
  let progress = given
  const { done, of } = given
  if (done !== undefined && of !== undefined && done > of) progress = { ...progress, done: of }
  if (!last || last.phase !== given.phase) return progress
  if (last.nodesDone !== undefined && (progress.nodesDone ?? 0) < last.nodesDone) {
    progress = { ...progress, nodesDone: last.nodesDone }
  }
  if (last.label === given.label && last.done !== undefined && (progress.done ?? 0) < last.done) {
    progress = { ...progress, done: last.done }
  }
  return progress
}
