import { EditorNode } from './editor-node.ts'
import { type LGraph, type LGraphNode, SubgraphNode } from './lib.ts'
import { getsOf, isSet } from './virtual-slots.ts'

/**
 * The output nodes that are fed by a node, as addresses; the node itself when it is one. Runs are asked for outputs (ComfyUI:
 * partial_execution_targets), so this is what running one node means. Subgraphs are walked through from their instances outward: what a
 * subgraph's node feeds counts as fed by all inside.
 */
export function outputsAfter(root: LGraph, address: string): string[] {
  const ids = address.split(':')
  const graphs: LGraph[] = [root]
  for (const id of ids.slice(0, -1)) {
    const node = graphs.at(-1)?.getNodeById(id)
    if (!(node instanceof SubgraphNode)) return []
    graphs.push(node.subgraph)
  }
  const found: string[] = []
  for (let depth = ids.length - 1; depth >= 0; depth--) {
    const graph = graphs[depth]
    const start = graph?.getNodeById(ids[depth] ?? '')
    if (!graph || !start) return found
    const prefix = ids.slice(0, depth).join(':')
    for (const node of depth === ids.length - 1 ? [start, ...after(graph, start)] : after(graph, start)) {
      found.push(...outputsIn(node, prefix === '' ? '' : `${prefix}:`))
    }
  }
  return found
}

function after(graph: LGraph, start: LGraphNode): LGraphNode[] {
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

function outputsIn(node: LGraphNode, prefix: string): string[] {
  if (node instanceof SubgraphNode) {
    return node.subgraph.nodes.flatMap(inner => outputsIn(inner, `${prefix}${node.id}:`))
  }
  return node instanceof EditorNode && node.nodeType.isOutput && node.mode === 0
    ? [`${prefix}${node.id}`]
    : []
}
