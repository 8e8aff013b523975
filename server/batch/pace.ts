import type { Clock } from '../shared/clock.ts'
import type { BatchSummary } from './types.ts'

const paceMs = 250

/** Passes on the newest news of each batch, a few times a second at most; the last one always arrives. */
export function createPace(clock: Clock, tell: (summary: BatchSummary) => void) {
  const newest = new Map<string, BatchSummary>()
  const due = new Map<string, () => void>()
  return {
    tell(summary: BatchSummary): void {
      newest.set(summary.id, summary)
      if (due.has(summary.id)) return
      const cancel = clock.schedule(paceMs, () => {
        due.delete(summary.id)
        const last = newest.get(summary.id)
        newest.delete(summary.id)
        if (last) tell(last)
      })
      due.set(summary.id, cancel)
    },
    close(): void {
      for (const cancel of due.values()) cancel()
      due.clear()
    },
  }
}
