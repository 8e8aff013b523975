import type { EditorView } from './editor-view.ts'
import { type LGraphNode, titleHeight } from './lib.ts'
import type { CanvasStage } from './stage.ts'

const edge = 60

export type Camera = ReturnType<typeof createCamera>

/** What part of the graph is seen, and how large. */
export function createCamera(view: EditorView, { parent, element }: CanvasStage) {
  function lookAt(x: number, y: number, scale: number): void {
    view.ds.scale = scale
    view.ds.offset[0] = parent.clientWidth / 2 / scale - x
    view.ds.offset[1] = parent.clientHeight / 2 / scale - y
    view.setDirty(true, true)
  }
  return {
    /** Everything, as large as fits, never larger than life. */
    fit(): void {
      const { graph, subgraph } = view
      if (!graph) return
      const boxes = [
        ...graph.nodes.map(({ pos, size }) => [pos[0], pos[1] - titleHeight, size[0], size[1] + titleHeight]),
        ...graph.groups.map(({ boundingRect }) => [...boundingRect]),
        ...(subgraph ? [[...subgraph.inputNode.boundingRect], [...subgraph.outputNode.boundingRect]] : []),
      ]
      if (boxes.length === 0) return
      const left = Math.min(...boxes.map(([x = 0]) => x))
      const top = Math.min(...boxes.map(([, y = 0]) => y))
      const right = Math.max(...boxes.map(([x = 0, , width = 0]) => x + width))
      const bottom = Math.max(...boxes.map(([, y = 0, , height = 0]) => y + height))
      const scale = Math.min(
        1,
        (parent.clientWidth - edge) / (right - left),
        (parent.clientHeight - edge) / (bottom - top),
      )
      lookAt((left + right) / 2, (top + bottom) / 2, Math.max(view.ds.min_scale, scale))
    },
    /** A node in the middle, at a zoom it can be read at. */
    reveal(node: LGraphNode): void {
      const scale = Math.max(0.7, Math.min(1, view.ds.scale))
      lookAt(node.pos[0] + node.size[0] / 2, node.pos[1] + node.size[1] / 2, scale)
    },
    /** As little movement as shows a row of a node. */
    bringIntoView(node: LGraphNode, y: number): void {
      const { scale, offset } = view.ds
      const [x, top] = [node.pos[0] + (offset[0] ?? 0), node.pos[1] + y + (offset[1] ?? 0)]
      const isSeen =
        x >= 0 &&
        top >= 0 &&
        (x + node.size[0]) * scale <= parent.clientWidth &&
        (top + 30) * scale <= parent.clientHeight
      if (!isSeen || scale < 0.5)
        lookAt(node.pos[0] + node.size[0] / 2, node.pos[1] + y, Math.max(0.7, scale))
    },
    zoom(factor: number): void {
      const box = element.getBoundingClientRect()
      view.ds.changeScale(view.ds.scale * factor, [box.left + box.width / 2, box.top + box.height / 2])
      view.setDirty(true, true)
    },
  }
}
