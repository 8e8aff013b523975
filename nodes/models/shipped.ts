import type { Model } from './model.ts'
import registry from './registry.json' with { type: 'json' }
import { readRegistry } from './registry.ts'

let read: readonly Model[] | undefined

/** The models every installation has: a few of each medium. People import their own registry beside it. */
export function shippedModels(): readonly Model[] {
  if (read) return read
  const found = readRegistry(registry)
  if ('refusal' in found) throw new Error(found.refusal)
  read = found.models
  return read
}
