import { allNodes, type Catalogue, createCatalogue } from '../../nodes/index.ts'
import type { ModelShelf } from './shelf.ts'

/** How long files on the shelf are taken to be as they were. */
const lookEveryMs = 200

export type LiveCatalogue = Pick<Catalogue, 'find' | 'models'> & {
  /** All nodes as they are now; what it answers does not change any more. */
  now(): Catalogue
  /** To be told of a change this process made itself. */
  changed(): void
}

/** The catalogue of the product's own nodes and the shelf's models. Follows the shelf: an import needs no restart. */
export function createLiveCatalogue(shelf: Pick<ModelShelf, 'stamp' | 'models'>): LiveCatalogue {
  const make = () => createCatalogue(allNodes, shelf.models)
  let current = make()
  let stamp = shelf.stamp()
  let lookedAt = performance.now()
  const now = () => {
    if (performance.now() - lookedAt < lookEveryMs) return current
    lookedAt = performance.now()
    const found = shelf.stamp()
    if (found !== stamp) {
      stamp = found
      current = make()
    }
    return current
  }
  return {
    find: type => now().find(type),
    models: () => now().models(),
    now,
    changed() {
      lookedAt = Number.NEGATIVE_INFINITY
    },
  }
}
