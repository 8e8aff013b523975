import type { FileKind } from '../api/index.ts'
import { kindOf } from '../state/index.ts'
import type { Page } from './context.ts'

export const nodeDragType = 'application/x-rh-bridge-node'

const loaders: Partial<Record<FileKind, string>> = {
  image: 'LoadImage',
  video: 'LoadVideo',
  audio: 'LoadAudio',
}

/** What can be dropped on the canvas: files, and nodes of the library. */
export function bindDrops(page: Page, place: HTMLElement): void {
  const { store, canvas, files } = page
  let depth = 0
  place.addEventListener('dragenter', event => {
    depth++
    if (event.dataTransfer?.types.includes('Files')) store.isDropping.value = true
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
    void dropFiles([...(event.dataTransfer?.files ?? [])], event.clientX, event.clientY)
  })

  async function dropFiles(dropped: File[], x: number, y: number): Promise<void> {
    const target = canvas.nodeAt(x, y)
    for (const file of dropped) {
      const loader = loaders[kindOf(file.name)]
      if (loader !== undefined && target !== undefined && canvas.giveFile(target, file)) continue
      const canLoad = loader !== undefined && store.types.value.has(loader)
      if ((await files.openFile(file, canLoad)) !== 'failed' || !canLoad) continue
      // A medium without a workflow becomes a loader.
      const id = canvas.commands.addNode(loader, canvas.toGraph(x, y))
      if (id !== undefined) canvas.giveFile(id, file)
    }
  }
}
