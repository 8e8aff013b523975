import type { ClaimStore } from '../wiring/index.ts'
import type { Database } from './database.ts'
import type { Owners } from './owners.ts'

/** Who wants a piece of work, in the order they came, for every process on the data folder; dead processes want nothing any more. */
export function createClaimStore(database: Database, owners: Owners): ClaimStore {
  const insert = database.prepare('INSERT INTO claims (signature, owner, forced) VALUES (?, ?, ?)')
  const remove = database.prepare('DELETE FROM claims WHERE id = ?')
  const ahead = database.prepare('SELECT id, owner FROM claims WHERE signature = ? AND id < ?')
  const behind = database.prepare('SELECT owner FROM claims WHERE signature = ? AND id > ? AND forced = 0')
  return {
    enter: (signature, isForced) =>
      Number(insert.run(signature, owners.me, isForced ? 1 : 0).lastInsertRowid),
    isFirst(signature, claim) {
      for (const { id, owner } of ahead.all(signature, claim)) {
        if (owners.isAlive(String(owner))) return false
        remove.run(Number(id))
      }
      return true
    },
    isWanted: (signature, claim) =>
      behind.all(signature, claim).some(({ owner }) => owners.isAlive(String(owner))),
    leave: claim => void remove.run(claim),
  }
}
