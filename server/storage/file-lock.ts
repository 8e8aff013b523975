import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { BridgeError } from '../shared/errors.ts'

const patienceMs = 10_000
const againMs = 20

/**
 * Does something while no other process does it under the same lock. SQLite's lock on the (empty) file at `path` is the system's own: it ends
 * with the process that holds it, so a crash leaves nothing to clear away. Throws `key-store-busy` after ten seconds.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = new DatabaseSync(path, { timeout: 0 })
  try {
    for (const until = performance.now() + patienceMs; !tryLock(lock); ) {
      if (performance.now() > until) {
        throw new BridgeError('Another process is writing the key store', {
          code: 'key-store-busy',
          hint: 'Try again when it has ended.',
        })
      }
      await sleep(againMs)
    }
    return await work()
  } finally {
    lock.close()
  }
}

function tryLock(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    const isBusy = (error as { errcode?: number }).errcode === 5
    if (isBusy) return false
    throw error
  }
}
