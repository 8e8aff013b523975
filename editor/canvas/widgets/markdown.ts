import type { WidgetSpec } from '../context.ts'
import { type EditorWidget, margin, type WidgetParts } from './base.ts'
import { renderMarkdown } from './render-markdown.ts'
import { textareaWidget } from './textarea.ts'

/** A note as it reads. A double click or Enter shows the field it is written in; leaving the field shows the note again. */
export function markdownWidget(parts: WidgetParts, spec: WidgetSpec & { kind: 'markdown' }): EditorWidget {
  const { context, node } = parts
  let isWriting = false
  const widget = textareaWidget(parts, { ...spec, kind: 'textarea' }, () => isWriting || shownText() === '')
  const shownText = () => String(widget.value ?? '')
  const area = widget.field as HTMLTextAreaElement
  const view = document.createElement('div')
  view.className = 'node-markdown'
  view.tabIndex = 0
  let rendered: string | undefined
  const remove = context.overlay.add({
    element: view,
    node,
    box: () => {
      if (isWriting || shownText() === '') return undefined
      if (rendered !== shownText()) {
        rendered = shownText()
        view.replaceChildren(renderMarkdown(rendered))
      }
      return [margin, widget.y + 2, (node.size[0] ?? 0) - 2 * margin, (widget.computedHeight ?? 60) - 6]
    },
    minScale: 0.2,
  })
  function write(): void {
    isWriting = true
    context.redraw()
    requestAnimationFrame(() => {
      area.hidden = false
      area.focus()
    })
  }
  view.addEventListener('dblclick', write)
  view.addEventListener('keydown', event => {
    if (event.target !== view || event.key !== 'Enter') return
    event.preventDefault()
    event.stopPropagation()
    write()
  })
  area.addEventListener('blur', () => {
    isWriting = false
    context.redraw()
  })
  return Object.assign(widget, {
    dispose: join(widget.dispose, remove),
  })
}

function join(...acts: ((() => void) | undefined)[]): () => void {
  return () => {
    for (const act of acts) act?.()
  }
}
