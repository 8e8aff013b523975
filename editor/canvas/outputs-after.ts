import { EditorNode } from './editor-node.ts'
import { type LGraph, type LGraphNode, SubgraphNode } from './lib.ts'
import { nodesAfter } from './nodes-after.ts'

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
    for (const node of depth === ids.length - 1
      ? [start, ...nodesAfter(graph, start)]
      : nodesAfter(graph, start)) {
      found.push(...outputsIn(node, prefix === '' ? '' : `${prefix}:`))
    }
  }
  return found
}

function outputsIn(node: LGraphNode, prefix: string): string[] {
  if (node instanceof SubgraphNode) {
    return node.subgraph.nodes.flatMap(inner => outputsIn(inner, `${prefix}${node.id}:`))
  }
  return node instanceof EditorNode && node.nodeType.isOutput && node.mode === 0
    ? [`${prefix}${node.id}`]
    : []
}
