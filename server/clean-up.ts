import { trimFolder } from './assets/index.ts'
import type { Clock } from './shared/clock.ts'

const day = 24 * 3600_000
const trimEveryMs = 6 * 3600_000
const resultLifeMs = 14 * day
const tempLimits = { maxAgeMs: day, maxBytes: 5 * 1024 ** 3, isByFile: true }
/** What was made or fetched within this time a run may be at. */
const keepMs = 3600_000

/**
 * Keeps what grows within its limits: at the first run of a process, and every few hours of a long one. Beside the runs, not before
 * them. Never touches output files, nor what is frozen: that has files of its own.
 */
export function createCleanUp(options: {
  folders: { results: string; temp: string }
  clock: Clock
  resultBytes(): number
  /** Folders of pins nobody has. */
  sweepPins(): Promise<void>
}) {
  const { folders, clock } = options
  let nextAt = Number.NEGATIVE_INFINITY
  return {
    async ifDue(): Promise<void> {
      if (clock.ticks() < nextAt) return
      nextAt = clock.ticks() + trimEveryMs
      await trimFolder(
        folders.results,
        { maxAgeMs: resultLifeMs, maxBytes: options.resultBytes(), keepMs },
        clock.now(),
      )
      await trimFolder(folders.temp, { ...tempLimits, keepMs }, clock.now())
      await options.sweepPins()
    },
    /** The limits have changed: the next run cleans up. */
    soon(): void {
      nextAt = Number.NEGATIVE_INFINITY
    },
  }
}
