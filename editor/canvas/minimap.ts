import type { CanvasContext } from './context.ts'
import { tintOf } from './draw-node.ts'
import { EditorNode } from './editor-node.ts'
import type { EditorView } from './editor-view.ts'

const width = 200
const height = 130

/** The whole graph in a corner; pressing or dragging in it moves the view. */
export function createMinimap(view: EditorView, context: CanvasContext) {
  const element = document.createElement('canvas')
  element.className = 'minimap'
  element.setAttribute('aria-hidden', 'true')
  element.hidden = true
  let toGraph: ((x: number, y: number) => [number, number]) | undefined

  function draw(): void {
    if (element.hidden) return
    const ratio = window.devicePixelRatio
    if (element.width !== width * ratio) {
      element.width = width * ratio
      element.height = height * ratio
    }
    const ctx = element.getContext('2d')
    const nodes = view.graph?.nodes ?? []
    if (!ctx) return
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
    ctx.clearRect(0, 0, width, height)
    const seen = [...view.visible_area]
    const boxes = nodes.map(node => [node.pos[0], node.pos[1] - 30, node.size[0], node.size[1] + 30] as const)
    const all = [...boxes, seen as unknown as readonly [number, number, number, number]]
    const left = Math.min(...all.map(box => box[0]))
    const top = Math.min(...all.map(box => box[1]))
    const right = Math.max(...all.map(box => box[0] + box[2]))
    const bottom = Math.max(...all.map(box => box[1] + box[3]))
    const scale = Math.min(width / (right - left || 1), height / (bottom - top || 1)) * 0.92
    const x = (width - (right - left) * scale) / 2 - left * scale
    const y = (height - (bottom - top) * scale) / 2 - top * scale
    toGraph = (px, py) => [(px - x) / scale, (py - y) / scale]
    for (const [at, box] of boxes.entries()) {
      const node = nodes[at]
      const tone = node && context.host.stripOf(context.addressOf(node))?.tone
      const { palette } = context
      ctx.fillStyle =
        tone === 'run'
          ? palette.accent
          : tone === 'bad'
            ? palette.bad
            : tone === 'good'
              ? palette.good
              : node instanceof EditorNode
                ? tintOf(context, node.nodeType)
                : palette.nodeTitle
      ctx.fillRect(
        x + box[0] * scale,
        y + box[1] * scale,
        Math.max(2, box[2] * scale),
        Math.max(2, box[3] * scale),
      )
    }
    ctx.strokeStyle = context.palette.accentInk
    ctx.lineWidth = 1.5
    const [ax = 0, ay = 0, aw = 0, ah = 0] = seen
    ctx.strokeRect(x + ax * scale, y + ay * scale, aw * scale, ah * scale)
  }

  function goTo(event: PointerEvent): void {
    const box = element.getBoundingClientRect()
    const place = toGraph?.(event.clientX - box.left, event.clientY - box.top)
    if (!place) return
    const [, , seenWidth = 0, seenHeight = 0] = view.visible_area
    view.ds.offset[0] = seenWidth / 2 - place[0]
    view.ds.offset[1] = seenHeight / 2 - place[1]
    context.redraw()
  }
  element.addEventListener('pointerdown', event => {
    element.setPointerCapture(event.pointerId)
    goTo(event)
  })
  element.addEventListener('pointermove', event => {
    if (event.buttons & 1) goTo(event)
  })
  return {
    element,
    draw,
    toggle(): boolean {
      element.hidden = !element.hidden
      context.redraw()
      return !element.hidden
    },
  }
}
