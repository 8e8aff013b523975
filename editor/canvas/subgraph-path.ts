import type { EditorView } from './editor-view.ts'
import { type LGraph, type LGraphNode, type Subgraph, SubgraphNode } from './lib.ts'

export type View = { readonly scale: number; readonly offset: readonly [number, number] }

export type SubgraphPath = ReturnType<typeof createSubgraphPath>

/**
 * Which subgraph is shown, as the nodes that lead into it. A node's address is its id behind theirs, joined by colons: the name runs
 * know it by (ComfyUI: node ids inside subgraphs).
 */
export function createSubgraphPath(
  view: EditorView,
  root: LGraph,
  parts: { onChanged: () => void; fit: () => void },
) {
  let ids: readonly string[] = []
  /** How the graphs around the shown one were looked at, outermost first. */
  let views: readonly View[] = []

  const look = (): View => ({
    scale: view.ds.scale,
    offset: [view.ds.offset[0] ?? 0, view.ds.offset[1] ?? 0],
  })
  function lookAt({ scale, offset }: View): void {
    view.ds.scale = scale
    view.ds.offset[0] = offset[0]
    view.ds.offset[1] = offset[1]
  }

  /** The subgraph nodes along ids, as far as they are there. */
  function walk(path: readonly string[]): SubgraphNode[] {
    const nodes: SubgraphNode[] = []
    let graph: LGraph = root
    for (const id of path) {
      const node = graph.getNodeById(id)
      if (!(node instanceof SubgraphNode)) break
      nodes.push(node)
      graph = node.subgraph
    }
    return nodes
  }

  function show(next: readonly string[]): void {
    const nodes = walk(next)
    ids = next.slice(0, nodes.length)
    const graph = nodes.at(-1)?.subgraph ?? root
    // The library forgets to: it would come back to the subgraph the next time a file is read.
    if (nodes.length === 0) view.subgraph = undefined
    view.setGraph(graph)
    view.setDirty(true, true)
    parts.onChanged()
  }

  return {
    look,
    lookAt,
    enter(node: SubgraphNode): void {
      views = [...views, look()]
      show([...ids, String(node.id)])
      parts.fit()
    },
    /** The node of the shown graph that a subgraph is entered by: the one under the pointer, or the first. */
    entrance(subgraph: Subgraph, at: ArrayLike<number>): SubgraphNode | undefined {
      const under = view.graph?.getNodeOnPos(at[0] ?? 0, at[1] ?? 0)
      const doors = (view.graph?.nodes ?? []).filter(
        (node): node is SubgraphNode => node instanceof SubgraphNode && node.subgraph === subgraph,
      )
      return doors.find(node => node === under) ?? doors[0]
    },
    /** Out, until only `depth` subgraphs are left around what is shown; false when nothing had to be left. */
    leaveTo(depth: number): boolean {
      if (depth >= ids.length) return false
      const seen = views[depth]
      views = views.slice(0, depth)
      show(ids.slice(0, depth))
      if (seen) lookAt(seen)
      return true
    },
    /** Shows the graph that holds a node. */
    goToGraphOf(address: string): void {
      const around = address.split(':').slice(0, -1)
      if (around.join(':') === ids.join(':')) return
      if (views.length === 0) views = [look()]
      show(around)
      views = ids.map((_, depth) => views[depth] ?? look())
    },
    /** The graph was read anew: the same place in it, as far as it is still there. */
    stay(): void {
      const wanted = ids
      const seen = look()
      show(wanted)
      views = views.slice(0, ids.length)
      if (ids.length === wanted.length) lookAt(seen)
    },
    reset(): void {
      views = []
      show([])
    },
    /** The root's view, which is the one a file is opened at. */
    rootView: (): View => views[0] ?? look(),
    titles: (): string[] => walk(ids).map(node => node.title),
    addressOf: (node: { readonly id: number | string }): string => [...ids, node.id].join(':'),
    /** The node of an address, or the nearest one around it: nodes inside old group nodes have no place of their own. */
    find(address: string): LGraphNode | undefined {
      const path = address.split(':')
      const around = walk(path.slice(0, -1))
      const isWhole = around.length === path.length - 1
      const graph = around.at(-1)?.subgraph ?? root
      const id = path[around.length]
      const found = id === undefined ? undefined : graph.getNodeById(id)
      return found ?? (isWhole ? undefined : around.at(-1))
    },
  }
}
