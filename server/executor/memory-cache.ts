import type { Asset } from '../../nodes/values.ts'
import type { NodeResult, ResultCache } from './types.ts'

/**
 * The results of this process, least recently used out first. `isThere` says whether a file still has the content it had:
 * a result with a lost file is forgotten and made again.
 */
export function createMemoryCache(options: {
  maxEntries: number
  now(): number
  isThere(asset: Asset): boolean
}): ResultCache {
  const entries = new Map<string, { result: NodeResult; assets: readonly Asset[]; until: number }>()
  return {
    get(signature) {
      const entry = entries.get(signature)
      if (!entry) return undefined
      entries.delete(signature)
      if (entry.until <= options.now() || !entry.assets.every(options.isThere)) return undefined
      entries.set(signature, entry)
      return entry.result
    },
    set(signature, result, keepMs) {
      entries.delete(signature)
      entries.set(signature, {
        result,
        assets: assetsIn(result),
        until: keepMs > 0 ? options.now() + keepMs : 0,
      })
      for (const oldest of entries.keys()) {
        if (entries.size <= options.maxEntries) break
        entries.delete(oldest)
      }
    },
  }
}

/** Every asset anywhere in a result. */
export function assetsIn(result: NodeResult): readonly Asset[] {
  const found = new Map<string, Asset>()
  const open: unknown[] = [result.outputs, result.ui]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null) continue
    if (isAsset(value)) found.set(value.path, value)
    else open.push(...Object.values(value))
  }
  return [...found.values()]
}

export function isAsset(value: object): value is Asset {
  return 'path' in value && 'sha256' in value && 'sizeBytes' in value
}
