import type { Asset } from '../../nodes/values.ts'
import type { NodeResult, ResultCache } from '../executor/index.ts'
import { parseJson, writeJson } from '../shared/lossless-json.ts'
import { type Database, inTransaction } from './database.ts'

type Pending = { signature: string; text: string; expiresAt: number }

const never = Number.MAX_SAFE_INTEGER
/** Values this small and this many are cheap to keep; files are only referred to. */
const maxBytes = 256 * 1024 * 1024
const maxResultBytes = 8 * 1024 * 1024
const flushAfterMs = 40

/**
 * The result cache across restarts: what `memory` does not know is looked up on disk. Results that came with files are written at once
 * (they may have cost money), others in batches. Trimmed by size, least recently used first; never touches a file.
 */
export function createResultCache(
  database: Database,
  memory: ResultCache,
  options: { now(): number; isThere(asset: Asset): boolean; assetsIn(result: NodeResult): readonly Asset[] },
): ResultCache & { flush(): void } {
  const find = database.prepare('SELECT result, expires_at FROM results WHERE signature = ?')
  const put = database.prepare(
    `INSERT INTO results (signature, result, expires_at, used_at, bytes) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (signature) DO UPDATE SET result = excluded.result, expires_at = excluded.expires_at,
     used_at = excluded.used_at, bytes = excluded.bytes`,
  )
  const touch = database.prepare('UPDATE results SET used_at = ? WHERE signature = ?')
  const remove = database.prepare('DELETE FROM results WHERE signature = ?')
  const total = database.prepare('SELECT sum(bytes) AS bytes FROM results')
  const oldest = database.prepare('SELECT signature, bytes FROM results ORDER BY used_at LIMIT 500')
  let pending: Pending[] = []
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const batch = pending
    pending = []
    if (batch.length === 0) return
    inTransaction(database, () => {
      for (const { signature, text, expiresAt } of batch) {
        put.run(signature, text, expiresAt, options.now(), text.length)
      }
      trim()
    })
  }

  function trim(): void {
    let bytes = Number(total.get()?.bytes ?? 0)
    if (bytes <= maxBytes) return
    for (const row of oldest.all()) {
      if (bytes <= maxBytes * 0.8) return
      remove.run(String(row.signature))
      bytes -= Number(row.bytes)
    }
  }

  return {
    flush,
    get(signature) {
      const known = memory.get(signature)
      if (known) return known
      const row = find.get(signature)
      if (!row) return undefined
      const result = parseJson(String(row.result)) as unknown as NodeResult
      if (Number(row.expires_at) <= options.now() || !options.assetsIn(result).every(options.isThere)) {
        remove.run(signature)
        return undefined
      }
      touch.run(options.now(), signature)
      memory.set(signature, result, Number(row.expires_at) - options.now())
      return result
    },
    set(signature, result, keepMs) {
      memory.set(signature, result, keepMs)
      const text = writeJson(result)
      if (text.length > maxResultBytes) return
      const expiresAt = keepMs >= never ? never : options.now() + keepMs
      pending.push({ signature, text, expiresAt })
      if (options.assetsIn(result).length > 0) flush()
      else timer ??= setTimeout(flush, flushAfterMs)
    },
  }
}
