import type { Page } from './context.ts'

export const nodeDragType = 'application/x-rh-bridge-node'

/** What can be dropped on the canvas: files, links, and nodes of the library. */
export function bindDrops(page: Page, place: HTMLElement): void {
  const { store, canvas, actions } = page
  let depth = 0
  place.addEventListener('dragenter', event => {
    depth++
    const types = event.dataTransfer?.types ?? []
    if (types.includes('Files') || types.includes('text/uri-list')) store.isDropping.value = true
  })
  place.addEventListener('dragleave', () => {
    depth = Math.max(0, depth - 1)
    if (depth === 0) store.isDropping.value = false
  })
  window.addEventListener('dragover', event => event.preventDefault())
  window.addEventListener('drop', event => {
    event.preventDefault()
    depth = 0
    store.isDropping.value = false
    const type = event.dataTransfer?.getData(nodeDragType)
    if (type) {
      canvas.commands.addNode(type, canvas.toGraph(event.clientX, event.clientY))
      return
    }
    const at = { x: event.clientX, y: event.clientY }
    const dropped = [...(event.dataTransfer?.files ?? [])]
    const [link] = (event.dataTransfer?.getData('text/uri-list') ?? '')
      .split(/\r?\n/)
      .filter(line => line !== '' && !line.startsWith('#'))
    // A picture dragged out of a page comes as a file and as its address: the file needs no second way.
    if (dropped.length > 0) void actions.bringFiles(dropped, { target: canvas.nodeAt(at.x, at.y), at })
    else if (link) void actions.bringLink(link, { target: canvas.nodeAt(at.x, at.y), at })
  })
}
