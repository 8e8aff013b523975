import type { Api } from '../api/index.ts'
import type { GraphCanvas } from '../canvas/index.ts'
import { t } from '../i18n/index.ts'
import type { NodeOutput, ResultItem } from '../state/index.ts'
import type { Store } from './store.ts'

/** Results inside nodes: pictures as a grid, players, texts. Text is set as text, never as HTML. */
export function createResultViews(parts: { store: Store; api: Api; canvas: () => GraphCanvas }) {
  const { store, api } = parts

  function picture(item: ResultItem, items: readonly ResultItem[]): HTMLElement {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'result-picture'
    button.setAttribute('aria-label', t('gallery.open', { name: item.filename }))
    const image = document.createElement('img')
    image.src = api.viewUrl(item, { thumbnail: true })
    image.alt = item.filename
    image.draggable = false
    image.loading = 'lazy'
    button.append(image)
    button.addEventListener('click', () => {
      store.lightbox.value = { items, at: items.indexOf(item) }
    })
    return button
  }

  function player(item: ResultItem): HTMLElement {
    const element = document.createElement(item.kind === 'video' ? 'video' : 'audio')
    element.src = api.viewUrl(item)
    element.controls = true
    element.preload = 'metadata'
    element.setAttribute('aria-label', item.filename)
    return element
  }

  return {
    show(nodeId: string, output: NodeOutput): void {
      const { files, texts } = output
      if (files.length === 0 && texts.length === 0) return
      const root = document.createElement('div')
      const shown = files.filter(item => item.kind === 'image' || item.kind === 'video')
      if (files.length > 0) {
        const grid = document.createElement('div')
        grid.className = 'result-grid'
        const pictures = files.filter(({ kind }) => kind === 'image')
        grid.style.setProperty('--columns', String(Math.ceil(Math.sqrt(Math.max(1, shown.length)))))
        for (const item of files) {
          if (item.kind === 'image') grid.append(picture(item, pictures))
          else if (item.kind === 'file') {
            const link = document.createElement('a')
            link.href = api.viewUrl(item)
            link.download = item.filename
            link.textContent = item.filename
            grid.append(link)
          } else grid.append(player(item))
        }
        root.append(grid)
      }
      for (const text of texts) {
        const block = document.createElement('pre')
        block.className = 'result-text'
        block.textContent = text
        block.tabIndex = 0
        root.append(block)
      }
      const onlySound = files.length > 0 && shown.length === 0
      parts
        .canvas()
        .showResult(nodeId, root, onlySound ? 60 : texts.length > 0 && files.length === 0 ? 90 : 220)
    },
  }
}
