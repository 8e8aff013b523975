import { hash } from 'node:crypto'
import type { Asset } from '../../nodes/values.ts'
import type { NodeResult, ResultCache } from '../executor/index.ts'
import type { Clock } from '../shared/clock.ts'
import { parseJson, writeJson } from '../shared/lossless-json.ts'
import { type Database, inTransaction } from './database.ts'

type Pending = { id: string; signature: string; text: string; expiresAt: number }

export type KeptResults = Required<ResultCache> & {
  /** A result by its own id, expired or not; undefined when it has been cleaned up. */
  byId(id: string): { readonly result: NodeResult; readonly signature: string } | undefined
  flush(): void
}

export type KeptResultsOptions = {
  readonly clock: Clock
  isThere(asset: Asset): boolean
  assetsIn(result: NodeResult): readonly Asset[]
  /** How much all results together may take. */
  maxBytes(): number
  /** A result could not be kept: a full disk. Its run goes on; it is only made again another time. */
  onTrouble(error: unknown): void
}

const never = Number.MAX_SAFE_INTEGER
const maxResultBytes = 8 * 1024 * 1024
const flushAfterMs = 40

/**
 * The result cache across restarts: what `memory` does not know is looked up on disk. Results that came with files are written at once
 * (they may have cost money), others in batches. A result that was made anew stays under its own id beside the newer one. Trimmed by
 * size, least recently used first; never touches a file.
 */
export function createResultCache(
  database: Database,
  memory: ResultCache,
  options: KeptResultsOptions,
): KeptResults {
  const find = database.prepare(
    'SELECT results.id, expires_at, result FROM results JOIN contents ON contents.id = results.id WHERE results.signature = ?',
  )
  const findId = database.prepare('SELECT id FROM results WHERE signature = ?')
  const findContent = database.prepare('SELECT signature, result FROM contents WHERE id = ?')
  const put = database.prepare(
    `INSERT INTO contents (id, signature, result, used_at, bytes) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET used_at = excluded.used_at`,
  )
  const name = database.prepare(
    `INSERT INTO results (signature, id, expires_at) VALUES (?, ?, ?)
     ON CONFLICT (signature) DO UPDATE SET id = excluded.id, expires_at = excluded.expires_at`,
  )
  const touch = database.prepare('UPDATE contents SET used_at = ? WHERE id = ?')
  const unname = database.prepare('DELETE FROM results WHERE signature = ?')
  const remove = database.prepare('DELETE FROM contents WHERE id = ?')
  const sum = database.prepare('SELECT coalesce(sum(bytes), 0) AS bytes FROM contents')
  const oldest = database.prepare('SELECT id, bytes FROM contents ORDER BY used_at LIMIT 500')
  // Which result a pinned node's signature stood for decides what its followers may take from the cache (see pins).
  const unnameLost = database.prepare(
    `DELETE FROM results WHERE id NOT IN (SELECT id FROM contents) AND signature NOT IN (SELECT signature FROM pins)`,
  )
  const pending = new Map<string, Pending>()
  let cancelFlush: (() => void) | undefined
  let bytes: number | undefined

  /** Keeping is never worth failing for. */
  function tried(write: () => void): void {
    try {
      write()
    } catch (error) {
      options.onTrouble(error)
    }
  }

  function flush(): void {
    cancelFlush?.()
    cancelFlush = undefined
    const batch = [...pending.values()]
    pending.clear()
    if (batch.length === 0) return
    tried(() =>
      inTransaction(database, () => {
        // Unknown until all is written: what is rolled back was not added; and other processes write too.
        let sizeNow = bytes ?? Number(sum.get()?.bytes)
        bytes = undefined
        for (const { id, signature, text, expiresAt } of batch) {
          put.run(id, signature, text, options.clock.now(), text.length)
          name.run(signature, id, expiresAt)
          sizeNow += text.length
        }
        if (sizeNow > options.maxBytes()) trim()
        else bytes = sizeNow
      }),
    )
  }

  function trim(): void {
    const target = options.maxBytes() * 0.8
    let left = Number(sum.get()?.bytes)
    for (let rows = oldest.all(); left > target && rows.length > 0; rows = oldest.all()) {
      for (const row of rows) {
        if (left <= target) break
        remove.run(String(row.id))
        left -= Number(row.bytes)
      }
    }
    unnameLost.run()
  }

  return {
    flush,
    get(signature) {
      const known = memory.get(signature)
      if (known) return known
      const row = find.get(signature)
      if (!row || Number(row.expires_at) <= options.clock.now()) return undefined
      const result = parseJson(String(row.result)) as unknown as NodeResult
      if (!options.assetsIn(result).every(options.isThere)) return undefined
      tried(() => touch.run(options.clock.now(), String(row.id)))
      memory.set(signature, result, Number(row.expires_at) - options.clock.now())
      return result
    },
    set(signature, result, keepMs) {
      memory.set(signature, result, keepMs)
      const text = writeJson(result)
      if (text.length > maxResultBytes) {
        pending.delete(signature)
        tried(() => unname.run(signature))
        return
      }
      const expiresAt = keepMs >= never ? never : keepMs > 0 ? options.clock.now() + keepMs : 0
      const id = hash('sha256', `${signature}\0${text}`, 'base64url').slice(0, 22)
      pending.set(signature, { id, signature, text, expiresAt })
      if (options.assetsIn(result).length > 0) flush()
      else cancelFlush ??= options.clock.schedule(flushAfterMs, flush)
    },
    idOf(signature) {
      const id = pending.get(signature)?.id ?? findId.get(signature)?.id
      return typeof id === 'string' ? id : undefined
    },
    byId(id) {
      flush()
      const row = findContent.get(id)
      return (
        row && {
          result: parseJson(String(row.result)) as unknown as NodeResult,
          signature: String(row.signature),
        }
      )
    },
  }
}
