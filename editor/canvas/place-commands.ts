import { layoutColumns } from '../node-types/index.ts'
import type { CanvasContext } from './context.ts'
import type { EditorView } from './editor-view.ts'
import { type LGraph, type LGraphNode, titleHeight } from './lib.ts'

export type Edge = 'left' | 'right' | 'top' | 'bottom'
export type Axis = 'horizontal' | 'vertical'

/** Where nodes stand: aligned, at equal distances, along their links. Each is one step of undo. */
export function createPlaceCommands(view: EditorView, context: CanvasContext) {
  const free = () => view.selectedNodes().filter(node => !node.pinned)
  return {
    align(edge: Edge): void {
      const nodes = free()
      const axis = edge === 'left' || edge === 'right' ? 0 : 1
      const isFar = edge === 'right' || edge === 'bottom'
      const ends = nodes.map(node => node.pos[axis] + (isFar ? node.size[axis] : 0))
      const at = isFar ? Math.max(...ends) : Math.min(...ends)
      for (const node of nodes) node.pos[axis] = at - (isFar ? node.size[axis] : 0)
      context.edited()
    },
    /** The outermost two stay; between all of them the gaps become equal. */
    distribute(direction: Axis): void {
      const axis = direction === 'horizontal' ? 0 : 1
      const extra = axis === 1 ? titleHeight : 0
      const start = (node: LGraphNode) => node.pos[axis] - extra
      const length = (node: LGraphNode) => (node.collapsed && axis === 1 ? 0 : node.size[axis]) + extra
      const nodes = free().toSorted((a, b) => start(a) + length(a) / 2 - (start(b) + length(b) / 2))
      const [first, last] = [nodes[0], nodes.at(-1)]
      if (!first || !last || nodes.length < 3) return
      const between = nodes.slice(1, -1)
      const inner = between.reduce((sum, node) => sum + length(node), 0)
      const gap = (start(last) - start(first) - length(first) - inner) / (nodes.length - 1)
      let at = start(first) + length(first) + gap
      for (const node of between) {
        node.pos[axis] = Math.round(at + extra)
        at += length(node) + gap
      }
      context.edited()
    },
    /** The selection, or everything, left to right along the links. */
    arrange(): void {
      const graph = view.graph as LGraph
      const chosen = view.selectedNodes()
      const nodes = (chosen.length > 1 ? chosen : graph.nodes).filter(node => !node.pinned)
      const boxes = nodes.map(node => ({
        id: String(node.id),
        width: node.size[0],
        height: node.size[1] + titleHeight,
      }))
      const ids = new Set(boxes.map(box => box.id))
      const edges = [...graph.links.values()]
        .map(link => ({ from: String(link.origin_id), to: String(link.target_id) }))
        .filter(({ from, to }) => ids.has(from) && ids.has(to))
      const start = [
        Math.min(...nodes.map(node => node.pos[0])),
        Math.min(...nodes.map(node => node.pos[1])),
      ] as const
      const places = layoutColumns(boxes, edges, start)
      for (const node of nodes) node.pos = places.get(String(node.id)) ?? node.pos
      context.edited()
    },
  }
}
