import type { Clock } from '../shared/clock.ts'
import { diskError } from '../shared/errors.ts'
import type { ClaimStore, Journal, LaneStore, UploadStore } from '../wiring/index.ts'

/**
 * Writes that must not be lost and must not fail whoever makes them: what cannot be written now, because the disk is full, is kept in memory and
 * written in its order as soon as that can be done. `onTrouble` hears of each time it begins.
 */
export type Patience = {
  write(work: () => void): void
  /** Writes what is owed. Answers whether nothing is any more. */
  settle(): boolean
  /** The last attempt: what then is not written is lost with the process. */
  close(): void
}

const againMs = 2_000
/** Of a disk that stays full for days the latest is kept. */
const mostOwed = 10_000

export function createPatience(clock: Clock, onTrouble: (error: unknown) => void): Patience {
  let owed: (() => void)[] = []
  let cancel: (() => void) | undefined
  function settle(): boolean {
    cancel?.()
    cancel = undefined
    for (let next = owed[0]; next; next = owed[0]) {
      try {
        next()
      } catch (error) {
        if (isPassing(error)) {
          if (owed.length === 1) onTrouble(error)
          cancel = clock.schedule(againMs, settle)
          return false
        }
        onTrouble(error)
      }
      owed.shift()
    }
    return true
  }
  return {
    settle,
    close() {
      settle()
      cancel?.()
    },
    write(work) {
      owed.push(work)
      owed = owed.slice(-mostOwed)
      settle()
    },
  }
}

/** Full disks are emptied, and who locks a database (SQLITE_BUSY, SQLITE_LOCKED) lets go of it. */
function isPassing(error: unknown): boolean {
  const { errcode } = error as { errcode?: unknown }
  return diskError(error) !== undefined || errcode === 5 || errcode === 6
}

/**
 * The journal of a disk that may be full: that a task is about to be created is written or nothing is sent; whatever becomes of it after
 * that is written in the end.
 */
export function patientJournal(journal: Journal, { write, settle }: Patience): Journal {
  return {
    ...journal,
    set(...change) {
      if (change[1] !== 'submitting') return write(() => journal.set(...change))
      settle()
      journal.set(...change)
    },
    note: (...note) => write(() => journal.note(...note)),
    letGo: seq => write(() => journal.letGo(seq)),
    adopt(...work) {
      // What is owed belongs to what is looked for.
      settle()
      return journal.adopt(...work)
    },
  }
}

/** Places of a disk that may be full: nobody keeps one for longer than the disk does, and questions go on. */
export function patientLanes(lanes: LaneStore, { write }: Patience): LaneStore {
  return {
    ...lanes,
    free: place => write(() => lanes.free(place)),
    claimQuestion(lane, now, spacingMs) {
      try {
        return lanes.claimQuestion(lane, now, spacingMs)
      } catch {
        return now + spacingMs
      }
    },
  }
}

/** Who has done the work leaves its line, as soon as that can be written. */
export function patientClaims(claims: ClaimStore, { write }: Patience): ClaimStore {
  return { ...claims, leave: claim => write(() => claims.leave(claim)) }
}

/** Uploads cost nothing but time: what cannot be remembered is sent again another time. */
export function patientUploads(uploads: UploadStore, { write }: Patience): UploadStore {
  return {
    ...uploads,
    remember: upload => write(() => uploads.remember(upload)),
    forget: (...name) => write(() => uploads.forget(...name)),
  }
}
