import type { Clock } from '../shared/clock.ts'
import { isLockedStore } from '../shared/key-lock.ts'
import type { KeyStore } from './key-store.ts'

const lookMs = 500

/**
 * Waits until kept keys can be used. Looks again and again, as another process on the data folder may decrypt them; once for all who wait.
 * Rejects with the signal's reason.
 */
export function createUnlockWait(
  keyStore: Pick<KeyStore, 'protection'>,
  clock: Clock,
): (signal: AbortSignal) => Promise<void> {
  const waiting = new Set<() => void>()
  let cancelLook = () => {}
  let isLooking = false

  async function look(): Promise<void> {
    if (isLooking) return
    isLooking = true
    // A store that cannot be read is told by whoever asks it for a key.
    const { isLocked } = await keyStore.protection().catch(() => ({ isLocked: false }))
    isLooking = false
    if (!isLocked) for (const go of waiting) go()
    else if (waiting.size > 0) cancelLook = clock.schedule(lookMs, () => void look())
  }

  return signal =>
    new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(go)
        signal.removeEventListener('abort', stop)
        if (waiting.size === 0) cancelLook()
      }
      const go = () => {
        leave()
        resolve()
      }
      const stop = () => {
        leave()
        reject(signal.reason)
      }
      if (signal.aborted) {
        reject(signal.reason)
        return
      }
      signal.addEventListener('abort', stop, { once: true })
      waiting.add(go)
      if (waiting.size === 1) void look()
    })
}

/** Does what needs a key; when that is locked, again after `untilUnlocked`. */
export async function withKeys<T>(
  work: () => Promise<T>,
  untilUnlocked: (() => Promise<void>) | undefined,
): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!untilUnlocked || !isLockedStore(error)) throw error
      await untilUnlocked()
    }
  }
}
