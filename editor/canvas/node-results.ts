import type { CanvasContext } from './context.ts'
import { EditorNode } from './editor-node.ts'
import { type LGraphNode, stripHeight } from './lib.ts'
import type { SubgraphPath } from './subgraph-path.ts'

type Shown = { readonly make: () => HTMLElement; readonly minHeight: number; readonly remove: () => void }

export type NodeResults = ReturnType<typeof createNodeResults>

/** Results below a node's widgets. The page fills them; the canvas makes room and keeps them in their place. */
export function createNodeResults(context: CanvasContext, path: SubgraphPath) {
  const shown = new Map<string, Shown>()

  function remove(address: string): void {
    shown.get(address)?.remove()
    shown.delete(address)
  }

  /** Inside a subgraph a result is shown at its node, and at the node outside that stands for all of them. */
  function show(address: string, make: () => HTMLElement, minHeight: number): void {
    remove(address)
    const [outer = address] = address.split(':')
    const removers = [...new Set([address, outer])].flatMap(at => {
      const node = path.find(at)
      return node ? [put(node, at, make(), minHeight)] : []
    })
    const removeAll = () => {
      for (const undo of removers) undo()
    }
    shown.set(address, { make, minHeight, remove: removeAll })
    context.redraw()
  }

  function put(node: LGraphNode, address: string, element: HTMLElement, minHeight: number): () => void {
    element.classList.add('node-results')
    const top = () => {
      const last = node.widgets?.findLast(widget => !(widget as { hidden?: boolean }).hidden)
      if (last) return last.y + (last.computedHeight ?? 24) + 4
      const rows = Math.max(node.inputs.length, node.outputs.length, 1)
      return stripHeight + rows * 20 + 8
    }
    if (node instanceof EditorNode && !node.collapsed) {
      const [, height = 0] = node.computeSize()
      node.growTo(Math.max(height, top() + minHeight + 8))
    }
    return context.overlay.add({
      element,
      node: node as never,
      // The same inner node may stand in several subgraph nodes; each has results of its own.
      box: () =>
        context.addressOf(node) === address
          ? [8, top(), node.size[0] - 16, node.size[1] - top() - 8]
          : undefined,
      minScale: 0.1,
    })
  }

  return {
    show,
    clear(): void {
      for (const address of [...shown.keys()]) remove(address)
    },
    /** The graph was read anew: what is shown moves to the new nodes, where they still are. */
    keep(readAnew: () => void): void {
      const kept = [...shown]
      this.clear()
      readAnew()
      for (const [address, { make, minHeight }] of kept) {
        if (path.find(address)) show(address, make, minHeight)
      }
    },
  }
}
