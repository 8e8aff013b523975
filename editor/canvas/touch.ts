import type { EditorView } from './editor-view.ts'

/** Fingers: two of them zoom and move the view, one held still opens the menu. One that moves is the library's. */
export function bindTouch(parent: HTMLElement, view: EditorView, redraw: () => void): void {
  const fingers = new Map<number, { x: number; y: number }>()
  let isPinching = false

  function spread(): { x: number; y: number; distance: number } | undefined {
    const [one, two] = [...fingers.values()]
    if (!one || !two) return undefined
    return {
      x: (one.x + two.x) / 2,
      y: (one.y + two.y) / 2,
      distance: Math.hypot(one.x - two.x, one.y - two.y),
    }
  }

  parent.addEventListener(
    'pointerdown',
    event => {
      if (event.pointerType !== 'touch') return
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
      if (fingers.size < 2) return
      // What the first finger began is not meant.
      isPinching = true
      view.pointer.reset()
      view.dragging_canvas = false
      event.stopPropagation()
    },
    true,
  )
  parent.addEventListener(
    'pointermove',
    event => {
      if (!fingers.has(event.pointerId)) return
      const before = spread()
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
      const after = spread()
      if (!isPinching) return
      event.stopPropagation()
      if (!before || !after) return
      view.ds.changeScale(
        view.ds.scale * (after.distance / Math.max(1, before.distance)),
        [after.x, after.y],
        false,
      )
      view.ds.offset[0] = (view.ds.offset[0] ?? 0) + (after.x - before.x) / view.ds.scale
      view.ds.offset[1] = (view.ds.offset[1] ?? 0) + (after.y - before.y) / view.ds.scale
      redraw()
    },
    true,
  )
  for (const type of ['pointerup', 'pointercancel'] as const) {
    window.addEventListener(
      type,
      event => {
        if (!fingers.delete(event.pointerId) || !isPinching) return
        event.stopPropagation()
        if (fingers.size === 0) isPinching = false
      },
      true,
    )
  }
  parent.addEventListener('contextmenu', event => {
    // With a mouse the library has opened it already.
    if (fingers.size !== 1 || isPinching) return
    view.pointer.reset()
    const place = event as PointerEvent & { canvasX: number; canvasY: number }
    view.adjustMouseEvent(place as never)
    const node = view.graph?.getNodeOnPos(place.canvasX, place.canvasY) ?? undefined
    view.processContextMenu(node, place as never)
  })
}
