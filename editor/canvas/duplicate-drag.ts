import { copyItems, pasteItems } from './clipboard.ts'
import type { CanvasContext } from './context.ts'
import type { EditorView } from './editor-view.ts'
import { type CanvasPointerEvent, type LGraph, LGraphGroup, type LGraphNode } from './lib.ts'

/**
 * Alt and dragging: what moves is a copy, with the links inside it. Called when the library has read the press, which knows by then whether
 * it is on a slot, a widget or an edge.
 */
export function bindDuplicateDrag(view: EditorView, context: CanvasContext): void {
  view.onPressed = event => {
    const item = event.altKey && event.button === 0 ? pressedItem(view, event) : undefined
    if (!item) return
    const { pointer } = view
    pointer.onDragStart = () => {
      const graph = view.graph as LGraph
      const { nodes, groups } = reach(view, item)
      const text = copyItems(graph, nodes, groups)
      const pasted = pasteItems(graph, text, { keepOuterLinks: false })
      if (!pasted) return
      view.deselectAll()
      for (const copy of [...pasted.nodes, ...pasted.groups]) copy.pin(false)
      view.selectItems([...pasted.nodes, ...pasted.groups, ...pasted.reroutes])
      view.isDragging = true
      pointer.finally = () => {
        view.isDragging = false
      }
      context.redraw()
    }
  }
}

/** A node by its body, a group by its title: what the press would move. */
function pressedItem(view: EditorView, event: CanvasPointerEvent): LGraphNode | LGraphGroup | undefined {
  const { pointer, graph } = view
  const isFree =
    !view.read_only && !view.linkConnector.isConnecting && !view.node_widget && !pointer.resizeDirection
  if (!isFree || event.ctrlKey || event.metaKey || !pointer.onClick) return undefined
  const node = graph?.getNodeOnPos(event.canvasX, event.canvasY)
  return node ?? graph?.getGroupTitlebarOnPos(event.canvasX, event.canvasY)
}

/** The whole selection when the pressed thing is part of it; groups with what they hold. */
function reach(view: EditorView, item: LGraphNode | LGraphGroup) {
  const isChosen = view.selectedItems.has(item)
  const groups = isChosen ? view.selectedGroups() : item instanceof LGraphGroup ? [item] : []
  const nodes = new Set(isChosen ? view.selectedNodes() : item instanceof LGraphGroup ? [] : [item])
  for (const group of groups) {
    group.recomputeInsideNodes()
    for (const child of group.children) if ('inputs' in child) nodes.add(child as LGraphNode)
  }
  return { nodes: [...nodes], groups }
}
