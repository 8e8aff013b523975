import type { EditorView } from './editor-view.ts'
import { type LGraphNode, titleHeight } from './lib.ts'

export type NodePart = { input: string } | { output: number } | { widget: string } | 'title'
type Point = { readonly x: number; readonly y: number }

/** Between the page's coordinates and the graph's. */
export function createPlaces(
  view: EditorView,
  element: HTMLElement,
  find: (id: string) => LGraphNode | undefined,
) {
  function toPage([x = 0, y = 0]: ArrayLike<number> & Iterable<number>): Point {
    const box = element.getBoundingClientRect()
    return {
      x: box.left + (x + (view.ds.offset[0] ?? 0)) * view.ds.scale,
      y: box.top + (y + (view.ds.offset[1] ?? 0)) * view.ds.scale,
    }
  }
  return {
    /** Where in the graph a point of the page is. */
    toGraph(clientX: number, clientY: number): [number, number] {
      const box = element.getBoundingClientRect()
      const [x = 0, y = 0] = view.ds.convertCanvasToOffset([clientX - box.left, clientY - box.top])
      return [x, y]
    },
    /** Where on the page a point of the graph is. */
    toPage,
    /** What a node takes of the graph, its title included: x, y, width, height. */
    box(id: string): readonly [number, number, number, number] | undefined {
      const node = find(id)
      return node && [node.pos[0], node.pos[1] - titleHeight, node.size[0], node.size[1] + titleHeight]
    },
    /** Where on the page a part of a node of the shown graph is; for things that point at nodes, and for tests. */
    place(id: string, part: NodePart): Point | undefined {
      const node = find(id)
      if (!node) return undefined
      if (part === 'title') return toPage([node.pos[0] + node.size[0] / 2, node.pos[1] - titleHeight / 2])
      if ('output' in part) return toPage(node.getOutputPos(part.output))
      if ('input' in part) {
        const at = node.inputs.findIndex(input => input.name === part.input)
        return at < 0 ? undefined : toPage(node.getInputPos(at))
      }
      const widget = node.widgets?.find(({ name }) => name === part.widget)
      return widget && toPage([node.pos[0] + node.size[0] / 2, node.pos[1] + widget.y + 12])
    },
  }
}
