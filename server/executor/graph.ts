import { isPromptLink, type Prompt } from '../shared/prompt.ts'

/** The links of a prompt, read once: who feeds whom. Everything here is linear in nodes and links, and nothing recurses. */
export type Graph = {
  /** Node ids that feed a node, without repeats; ids that are not in the prompt are left out. */
  sourcesOf(nodeId: string): readonly string[]
  consumersOf(nodeId: string): readonly string[]
  /** Ids in which every node stands after what feeds it; `roots` and all that feeds them. Nodes on a cycle come in any order. */
  sorted(roots: Iterable<string>): { order: readonly string[]; cycles: readonly (readonly string[])[] }
  /** All nodes that depend on any of these, themselves included. */
  dependents(nodeIds: readonly string[]): ReadonlySet<string>
}

/** `isFrozen`: nodes that nothing feeds, whatever is linked to them. */
export function readGraph(prompt: Prompt, isFrozen: (nodeId: string) => boolean): Graph {
  const sources = new Map<string, readonly string[]>()
  const consumers = new Map<string, string[]>()
  for (const [nodeId, node] of Object.entries(prompt)) {
    const found = new Set<string>()
    for (const value of isFrozen(nodeId) ? [] : Object.values(node.inputs)) {
      if (isPromptLink(value) && Object.hasOwn(prompt, value[0])) found.add(value[0])
    }
    sources.set(nodeId, [...found])
    for (const source of found) {
      const list = consumers.get(source)
      if (list) list.push(nodeId)
      else consumers.set(source, [nodeId])
    }
  }
  const sourcesOf = (nodeId: string) => sources.get(nodeId) ?? []
  const consumersOf = (nodeId: string) => consumers.get(nodeId) ?? []
  return {
    sourcesOf,
    consumersOf,
    sorted: roots => sortDepthFirst(roots, sourcesOf),
    dependents(nodeIds) {
      const seen = new Set(nodeIds)
      const open = [...nodeIds]
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        for (const consumer of consumersOf(next)) {
          if (!seen.has(consumer)) {
            seen.add(consumer)
            open.push(consumer)
          }
        }
      }
      return seen
    },
  }
}

function sortDepthFirst(
  roots: Iterable<string>,
  sourcesOf: (nodeId: string) => readonly string[],
): { order: string[]; cycles: string[][] } {
  const order: string[] = []
  const cycles: string[][] = []
  const state = new Map<string, 'open' | 'done'>()
  for (const root of roots) {
    if (state.has(root)) continue
    const path: { nodeId: string; next: number }[] = [{ nodeId: root, next: 0 }]
    state.set(root, 'open')
    while (path.length > 0) {
      const top = path[path.length - 1]
      if (!top) break
      const source = sourcesOf(top.nodeId)[top.next++]
      if (source === undefined) {
        state.set(top.nodeId, 'done')
        order.push(top.nodeId)
        path.pop()
      } else if (!state.has(source)) {
        state.set(source, 'open')
        path.push({ nodeId: source, next: 0 })
      } else if (state.get(source) === 'open') {
        const ids = path.map(step => step.nodeId)
        cycles.push(ids.slice(ids.lastIndexOf(source)))
      }
    }
  }
  return { order, cycles }
}
