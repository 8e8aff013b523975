import type { EditorView } from './editor-view.ts'

/** The elements of the canvas: what is drawn on, and what lies on it. */
export function makeStage(parent: HTMLElement) {
  const element = document.createElement('canvas')
  element.className = 'graph-canvas'
  element.tabIndex = 0
  element.setAttribute('role', 'application')
  const layer = document.createElement('div')
  layer.className = 'canvas-layer'
  const overlayRoot = document.createElement('div')
  overlayRoot.className = 'canvas-overlay'
  const live = document.createElement('div')
  live.className = 'visually-hidden'
  live.setAttribute('aria-live', 'polite')
  layer.append(overlayRoot, live)
  parent.append(element, layer)
  return { parent, element, layer, overlayRoot, live }
}

export type CanvasStage = ReturnType<typeof makeStage>

/** Keeps the canvas as large as its place and draws when something changed. The answer measures: drawing times in ms from then on. */
export function runStage({ parent, element }: CanvasStage, view: EditorView): () => () => number[] {
  let times: number[] | undefined
  let size = ''
  function resize(): void {
    const { clientWidth, clientHeight } = parent
    const ratio = window.devicePixelRatio
    const now = `${clientWidth} ${clientHeight} ${ratio}`
    if (now === size) return
    size = now
    element.style.width = `${clientWidth}px`
    element.style.height = `${clientHeight}px`
    view.resize(Math.round(clientWidth * ratio), Math.round(clientHeight * ratio))
    element.getContext('2d')?.setTransform(ratio, 0, 0, ratio, 0, 0)
    view.setDirty(true, true)
  }
  function draw(): void {
    if (view.dirty_canvas || view.dirty_bgcanvas) {
      // Observers come after this: what is drawn now at the old size would be drawn twice.
      resize()
      const startedAt = performance.now()
      view.dirty_canvas = true
      view.draw()
      times?.push(performance.now() - startedAt)
    }
    requestAnimationFrame(draw)
  }
  new ResizeObserver(resize).observe(parent)
  resize()
  requestAnimationFrame(draw)
  return () => {
    const measured: number[] = []
    times = measured
    return () => measured
  }
}
