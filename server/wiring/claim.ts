import type { Clock } from '../shared/clock.ts'
import type { ClaimStore } from './journal.ts'

/** The right to do a piece of work, against every process on the data folder. */
export type Claim = {
  /** When others were found at it, if there were any. */
  readonly waitedSince: number | undefined
  /** Whether somebody waits for what comes of it. */
  isWanted(): boolean
  /** Nobody else may begin before this, too, is over. */
  keepDuring<T>(work: Promise<T>): Promise<T>
  leave(): void
}

/** How often those who wait look whether it is their turn. */
export const lookMs = 400

/** Waits until nobody else does this work; asked for anew it is done beside them. Rejects with the signal's reason. */
export async function claimWork(
  claims: ClaimStore,
  signature: string,
  how: { isForced: boolean; clock: Clock; signal: AbortSignal; onWait: () => void },
): Promise<Claim> {
  const { isForced, clock, signal } = how
  const claim = claims.enter(signature, isForced)
  let waitedSince: number | undefined
  try {
    while (!isForced && !claims.isFirst(signature, claim)) {
      if (waitedSince === undefined) how.onWait()
      waitedSince ??= clock.now()
      await clock.sleep(lookMs, signal)
    }
  } catch (error) {
    claims.leave(claim)
    throw error
  }
  let isOver = false
  let others = 0
  const leaveWhenOver = () => {
    if (isOver && others === 0) claims.leave(claim)
  }
  return {
    waitedSince,
    isWanted: () => claims.isWanted(signature, claim),
    keepDuring(work) {
      others++
      return work.finally(() => {
        others--
        leaveWhenOver()
      })
    },
    leave() {
      isOver = true
      leaveWhenOver()
    },
  }
}
