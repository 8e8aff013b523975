import type { NodeLike } from './context.ts'

/** Where a node's results are shown: an element below its widgets, filled by the page. */
type ResultPlace = {
  readonly element: HTMLElement
  readonly minHeight: number
}

/** Which nodes have something to show. The canvas makes room for it; what is in it is not its business. */
export function createResultPlaces() {
  const places = new Map<string, ResultPlace>()
  return {
    of: (node: NodeLike) => places.get(String(node.id)),
    set(nodeId: string, place: ResultPlace): void {
      places.set(nodeId, place)
    },
    clear(): void {
      for (const { element } of places.values()) element.remove()
      places.clear()
    },
    remove(nodeId: string): void {
      places.get(nodeId)?.element.remove()
      places.delete(nodeId)
    },
    ids: () => [...places.keys()],
  }
}
