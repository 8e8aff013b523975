import type { Page } from './context.ts'

/** What tests and scripts may rely on; nothing of the inside. */
export function exposeTestFace({ canvas, documents, store, files }: Page): void {
  const face = {
    isReady: () => store.isReady.value,
    /** The graph as it would be saved, as text: 64-bit numbers intact. */
    graphJson: () => documents.text(),
    openText: (text: string, name: string) => files.openText(text, name),
    place: canvas.place.bind(canvas),
    toPage: (x: number, y: number) => canvas.toPage([x, y]),
    nodes: () => canvas.nodes().map(({ id, type }) => ({ id, type, box: canvas.box(id) })),
    fit: () => canvas.fit(),
    zoom: (factor: number) => canvas.zoom(factor),
    measure: () => canvas.measure(),
    redraw: () => canvas.redraw(),
  }
  Object.assign(window, { rhBridge: face })
}
