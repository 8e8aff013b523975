import type { Asset } from '../values.ts'

/** How many files' facts are kept of each kind. */
const maxKnown = 500

/** A look at a file, remembered by its content. A failed one is not kept: the path may come good. */
export function remembered<T>(look: (asset: Asset) => Promise<T>): (asset: Asset) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return asset => {
    const seen = known.get(asset.sha256)
    if (seen) return seen
    const found = look(asset)
    known.set(asset.sha256, found)
    found.catch(() => known.delete(asset.sha256))
    const [oldest] = known.keys()
    if (known.size > maxKnown && oldest !== undefined) known.delete(oldest)
    return found
  }
}
