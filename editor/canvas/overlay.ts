import type { NodeLike } from './context.ts'

type OverlayItem = {
  readonly element: HTMLElement
  readonly node: NodeLike
  /** In the node's own coordinates; undefined hides it. */
  readonly box: () => readonly [number, number, number, number] | undefined
  /** Below this zoom the canvas draws what is needed. */
  readonly minScale: number
}

export type Overlay = ReturnType<typeof createOverlay>

/** Elements that lie on the canvas and move with it: one transform for all, a place in graph coordinates for each. */
export function createOverlay(root: HTMLElement) {
  const items = new Map<HTMLElement, OverlayItem>()
  const written = new WeakMap<HTMLElement, string>()
  let transform = ''

  return {
    root,
    add(item: OverlayItem): () => void {
      item.element.classList.add('on-canvas')
      item.element.hidden = true
      root.append(item.element)
      items.set(item.element, item)
      return () => {
        items.delete(item.element)
        item.element.remove()
      }
    },
    /** Once per drawn frame. */
    follow(view: {
      scale: number
      offset: ArrayLike<number>
      visible: ArrayLike<number>
      shown: (node: NodeLike) => boolean
    }): void {
      const next = `scale(${view.scale}) translate(${view.offset[0] ?? 0}px, ${view.offset[1] ?? 0}px)`
      if (next !== transform) {
        transform = next
        root.style.transform = next
      }
      for (const { element, node, box, minScale } of items.values()) {
        const place = view.scale < minScale || node.collapsed || !view.shown(node) ? undefined : box()
        if (!place || !overlaps(node, place, view.visible)) {
          if (!element.hidden && !element.contains(document.activeElement)) element.hidden = true
          continue
        }
        const [x, y, width, height] = place
        const style = `${(node.pos[0] ?? 0) + x}|${(node.pos[1] ?? 0) + y}|${width}|${height}`
        if (written.get(element) !== style) {
          written.set(element, style)
          element.style.left = `${(node.pos[0] ?? 0) + x}px`
          element.style.top = `${(node.pos[1] ?? 0) + y}px`
          element.style.width = `${Math.max(0, width)}px`
          element.style.height = `${Math.max(0, height)}px`
        }
        if (element.hidden) element.hidden = false
      }
    },
  }
}

function overlaps(
  node: NodeLike,
  [x, y, width, height]: readonly [number, number, number, number],
  visible: ArrayLike<number>,
): boolean {
  const [left, top] = [(node.pos[0] ?? 0) + x, (node.pos[1] ?? 0) + y]
  const [areaX = 0, areaY = 0, areaWidth = 0, areaHeight = 0] = Array.from(visible)
  return left < areaX + areaWidth && left + width > areaX && top < areaY + areaHeight && top + height > areaY
}
