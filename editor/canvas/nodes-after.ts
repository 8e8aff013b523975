import type { LGraph, LGraphNode } from './lib.ts'
import { getsOf, isSet } from './virtual-slots.ts'

/** All nodes that a node feeds, however far on. */
export function nodesAfter(graph: LGraph, start: LGraphNode): LGraphNode[] {
  const seen = new Set<LGraphNode>()
  const open = [start]
  for (let node = open.pop(); node; node = open.pop()) {
    for (const link of node.outputs.flatMap(output => output.links ?? [])) {
      const target = graph.getNodeById(graph.links.get(link)?.target_id ?? '')
      const reached = target && isSet(target) ? [target, ...getsOf(graph, target)] : [target]
      for (const next of reached) {
        if (!next || seen.has(next)) continue
        seen.add(next)
        open.push(next)
      }
    }
  }
  return [...seen]
}
