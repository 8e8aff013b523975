import type { Delivery, DeliveryStore } from '../notify/index.ts'
import type { Database } from './database.ts'

/** Calls on their way out, and what became of them. */
export function createDeliveryStore(database: Database): DeliveryStore {
  const add = database.prepare(
    `INSERT INTO deliveries (id, url, event, body, state, tries, next_at, created_at, last)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  // One statement: of two processes only one gets it.
  const take = database.prepare(
    `UPDATE deliveries SET next_at = ? WHERE id = (
       SELECT id FROM deliveries WHERE state = 'waiting' AND next_at <= ? ORDER BY next_at LIMIT 1
     ) RETURNING *`,
  )
  const end = database.prepare(
    'UPDATE deliveries SET state = ?, tries = ?, next_at = ?, last = ? WHERE id = ?',
  )
  const find = database.prepare('SELECT * FROM deliveries WHERE id = ?')
  const nextAt = database.prepare("SELECT min(next_at) AS at FROM deliveries WHERE state = 'waiting'")
  const list = database.prepare('SELECT * FROM deliveries ORDER BY created_at DESC, rowid DESC LIMIT ?')
  const trim = database.prepare(
    `DELETE FROM deliveries WHERE (state <> 'waiting' AND created_at < ?)
     OR id NOT IN (SELECT id FROM deliveries ORDER BY created_at DESC LIMIT ?)`,
  )
  return {
    add: one =>
      void add.run(
        ...[one.id, one.url, one.event, one.body, one.state],
        ...[one.tries, one.nextAt, one.createdAt, one.last],
      ),
    take(now, until) {
      const row = take.get(until, now)
      return row && toDelivery(row)
    },
    end: (id, how) => void end.run(how.state, how.tries, how.nextAt, how.last, id),
    find(id) {
      const row = find.get(id)
      return row && toDelivery(row)
    },
    nextAt() {
      const at = nextAt.get()?.at
      return typeof at === 'number' ? at : undefined
    },
    list: limit => list.all(limit).map(toDelivery),
    trim: (olderThan, most) => void trim.run(olderThan, most),
  }
}

function toDelivery(row: Record<string, unknown>): Delivery {
  const { id, url, event, body, state, tries, next_at, created_at, last } = row
  return {
    ...{ id: String(id), url: String(url), event: String(event), body: String(body) },
    state: state as Delivery['state'],
    ...{ tries: Number(tries), nextAt: Number(next_at), createdAt: Number(created_at) },
    last: last === null ? null : String(last),
  }
}
