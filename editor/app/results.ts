import type { Api } from '../api/index.ts'
import type { GraphCanvas } from '../canvas/index.ts'
import { t } from '../i18n/index.ts'
import { makeFileCard, makeSound, makeVideo } from '../media/index.ts'
import type { NodeOutput, ResultItem } from '../state/index.ts'
import type { Store } from './store.ts'

/** Room a node makes for what it shows, in canvas units. */
const heights = { picture: 220, text: 90, sound: 56, card: 48 }

/** Results inside nodes: pictures as a grid, players, cards, texts. Text is set as text, never as HTML. */
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
    button.addEventListener('contextmenu', event => {
      event.preventDefault()
      event.stopPropagation()
      store.popup.value = { kind: 'picture', item, at: { x: event.clientX, y: event.clientY } }
    })
    return button
  }

  function text(value: string): HTMLElement {
    const block = document.createElement('pre')
    block.className = 'result-text'
    block.textContent = value
    block.tabIndex = 0
    return block
  }

  function make({ files, texts }: NodeOutput): HTMLElement {
    const root = document.createElement('div')
    const pictures = files.filter(({ kind }) => kind === 'image')
    const seen = files.filter(({ kind }) => kind === 'image' || kind === 'video')
    if (seen.length > 0) {
      const grid = document.createElement('div')
      grid.className = 'result-grid'
      grid.style.setProperty('--columns', String(Math.ceil(Math.sqrt(seen.length))))
      grid.append(
        ...seen.map(item =>
          item.kind === 'image' ? picture(item, pictures) : makeVideo(api.viewUrl(item), item.filename),
        ),
      )
      root.append(grid)
    }
    const rest = files.filter(({ kind }) => kind !== 'image' && kind !== 'video')
    if (rest.length > 0) {
      const list = document.createElement('div')
      list.className = 'result-list'
      list.append(
        ...rest.map(({ kind, ...item }) =>
          kind === 'audio'
            ? makeSound(api.viewUrl(item), item.filename)
            : makeFileCard(api.viewUrl(item), item.filename),
        ),
      )
      root.append(list)
    }
    root.append(...texts.map(text))
    return root
  }

  return {
    show(nodeId: string, output: NodeOutput): void {
      const { files, texts } = output
      if (files.length === 0 && texts.length === 0) return
      const count = (kind: ResultItem['kind']) => files.filter(item => item.kind === kind).length
      const others = files.length - count('image') - count('video') - count('audio')
      const room =
        (count('image') + count('video') > 0 ? heights.picture : 0) +
        Math.min(4, count('audio')) * heights.sound +
        Math.min(4, others) * heights.card +
        Math.min(2, texts.length) * heights.text
      parts.canvas().showResult(nodeId, () => make(output), room)
    },
  }
}
