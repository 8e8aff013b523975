import { parseJson, writeJson } from '../shared/lossless-json.ts'
import type { DescriptionStore } from '../wiring/index.ts'
import { attempt, type Database } from './database.ts'

/** Descriptions of cloud workflows and apps, the `maxEntries` used last. */
export function createDescriptionStore(database: Database, maxEntries: number): DescriptionStore {
  const get = database.prepare(
    'SELECT description FROM cloud_descriptions WHERE site = ? AND kind = ? AND id = ?',
  )
  const touch = database.prepare(
    'UPDATE cloud_descriptions SET used_at = ? WHERE site = ? AND kind = ? AND id = ?',
  )
  const put = database.prepare(
    'INSERT OR REPLACE INTO cloud_descriptions (site, kind, id, description, used_at) VALUES (?, ?, ?, ?, ?)',
  )
  const all = database.prepare('SELECT description FROM cloud_descriptions ORDER BY used_at DESC')
  const trim = database.prepare(
    'DELETE FROM cloud_descriptions WHERE rowid IN (SELECT rowid FROM cloud_descriptions ORDER BY used_at DESC LIMIT -1 OFFSET ?)',
  )
  const read = (text: unknown) =>
    parseJson(String(text)) as unknown as ReturnType<DescriptionStore['all']>[number]
  return {
    get({ site, kind, id }, now) {
      const row = get.get(site, kind, id)
      if (row) attempt(() => touch.run(now, site, kind, id))
      return row && read(row.description)
    },
    put(description, now) {
      put.run(description.site, description.kind, description.id, writeJson(description), now)
      trim.run(maxEntries)
    },
    all: () => all.all().map(row => read(row.description)),
  }
}
