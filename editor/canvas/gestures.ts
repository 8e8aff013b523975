import type { CanvasContext } from './context.ts'
import { signOf, stripOf } from './draw-node.ts'
import type { EditorView } from './editor-view.ts'
import { type CanvasPointerEvent, type LGraphGroup, SubgraphNode, stripHeight, titleHeight } from './lib.ts'
import { rename } from './rename.ts'

/** What pointers do that the library does not know: the signs in a node, double clicks, the wheel over fields. */
export function bindGestures(
  view: EditorView,
  context: CanvasContext,
  parts: { element: HTMLElement; overlayRoot: HTMLElement },
): void {
  const { host } = context

  // The wheel zooms over fields and pictures too, unless what lies there scrolls and is being used.
  parts.overlayRoot.addEventListener(
    'wheel',
    event => {
      const target = event.target instanceof Element ? event.target : undefined
      const scrolls =
        target?.closest('.result-text') ?? (target === document.activeElement ? target : undefined)
      if (scrolls && !event.ctrlKey && scrolls.scrollHeight > scrolls.clientHeight) return
      view.processMouseWheel(event)
    },
    { passive: false },
  )
  parts.element.addEventListener('litegraph:canvas', event => {
    const { subType, originalEvent, group } = (
      event as CustomEvent<{ subType: string; originalEvent: CanvasPointerEvent; group?: LGraphGroup }>
    ).detail
    const isOnTitle = group && originalEvent.canvasY < group.pos[1] + group.titleHeight
    if (subType === 'group-double-click' && isOnTitle) rename(context, group)
    else if (subType === 'empty-double-click' || subType === 'group-double-click')
      view.searchAt(originalEvent)
  })
  view.onNodeDblClicked = node => {
    if ((view.graph_mouse[1] ?? 0) < node.pos[1]) rename(context, node)
  }
  const duplicate = view.onPressed
  view.onPressed = event => {
    duplicate?.(event)
    pressSigns(view, context, event)
  }
  // A gesture ends with the pointer's release, wherever that is. What it did is compared, not guessed, once everybody has heard of the
  // release; a busy page may get round to that only when the next gesture begins.
  let ending: ReturnType<typeof setTimeout> | undefined
  const end = () => {
    if (ending === undefined) return
    clearTimeout(ending)
    ending = undefined
    host.onEdited()
  }
  window.addEventListener('pointerup', () => {
    ending ??= setTimeout(end, 0)
  })
  window.addEventListener('pointerdown', end, true)
}

/** A node's sign runs or stops it; a failure's line opens its cause. */
function pressSigns(view: EditorView, context: CanvasContext, event: CanvasPointerEvent): void {
  const { pointer, graph, linkConnector } = view
  const node = graph?.getNodeOnPos(event.canvasX, event.canvasY)
  if (!node || event.button !== 0 || event.ctrlKey || event.altKey || linkConnector.isConnecting) return
  const [x, y] = [event.canvasX - node.pos[0], event.canvasY - node.pos[1]]
  const address = context.addressOf(node)
  const sign = signOf(node)
  const isOnSign = sign !== undefined && y < 0 && y > -titleHeight && Math.abs(x - sign.x) < 11
  const isOnStrip = y >= 0 && y <= stripHeight && !node.collapsed
  if (isOnSign) {
    pointer.onClick = () => {
      if (node instanceof SubgraphNode) view.openSubgraph(node.subgraph)
      else context.host.onRunClicked(address, { isForced: event.shiftKey })
    }
    pointer.onDoubleClick = () => {}
  } else if (isOnStrip && stripOf(context, node)?.opens) {
    pointer.onClick = () => context.host.onStripClicked(address)
  }
}
