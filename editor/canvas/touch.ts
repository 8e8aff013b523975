import type { EditorView } from './editor-view.ts'

/** How long a finger is held still for the menu, ms (what phones wait), and how far it may stray, px. */
const holdTime = 500
const holdDrift = 8

type Finger = { readonly x: number; readonly y: number }

/** Fingers: two of them zoom and move the view, one held still opens the menu. One that moves is the library's. */
export function bindTouch(parent: HTMLElement, view: EditorView, redraw: () => void): void {
  const fingers = new Map<number, Finger>()
  let isPinching = false
  let holding: { timer: ReturnType<typeof setTimeout>; from: Finger } | undefined

  function spread(): { x: number; y: number; distance: number } | undefined {
    const [one, two] = [...fingers.values()]
    if (!one || !two) return undefined
    return {
      x: (one.x + two.x) / 2,
      y: (one.y + two.y) / 2,
      distance: Math.hypot(one.x - two.x, one.y - two.y),
    }
  }

  function letGo(): void {
    clearTimeout(holding?.timer)
    holding = undefined
  }

  /** Browsers differ in whether a held finger asks for a menu, so it is counted here for all of them. */
  function hold(event: PointerEvent): void {
    const from = { x: event.clientX, y: event.clientY }
    const timer = setTimeout(() => {
      holding = undefined
      // What the finger began is not meant.
      view.pointer.reset()
      view.dragging_canvas = false
      const place = event as PointerEvent & { canvasX: number; canvasY: number }
      view.adjustMouseEvent(place as never)
      const node = view.graph?.getNodeOnPos(place.canvasX, place.canvasY) ?? undefined
      if (node) view.processSelect(node, place as never, true)
      view.processContextMenu(node, place as never)
    }, holdTime)
    holding = { timer, from }
  }

  parent.addEventListener(
    'pointerdown',
    event => {
      if (event.pointerType !== 'touch') return
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
      letGo()
      if (fingers.size < 2) {
        if (event.target === view.canvas) hold(event)
        return
      }
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
      const strayed = holding && Math.hypot(event.clientX - holding.from.x, event.clientY - holding.from.y)
      if (strayed !== undefined && strayed > holdDrift) letGo()
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
        letGo()
        if (!fingers.delete(event.pointerId) || !isPinching) return
        event.stopPropagation()
        if (fingers.size === 0) isPinching = false
      },
      true,
    )
  }
}
