import { makeFileCard, makeSound, makeVideo } from '../../media/index.ts'
import { kindOf } from '../../state/index.ts'
import type { WidgetSpec } from '../context.ts'
import {
  drawRow,
  type EditorWidget,
  isCopy,
  margin,
  rowBox,
  rowInner,
  type WidgetParts,
  widgetBase,
} from './base.ts'

/** With room for what is shown below the row: a picture, a player, nothing. */
const heights = { image: 170, video: 170, audio: 96, any: 24 } as const

export type FileWidget = EditorWidget & {
  takeFile(file: File, how?: { readonly isPasted?: boolean }): Promise<void>
}

/** A file of the input folder: choose, or upload by click, drop or paste; the medium is shown below the row. */
export function fileWidget(parts: WidgetParts, spec: WidgetSpec & { kind: 'file' }): EditorWidget {
  const { context, node } = parts
  const preview = document.createElement('div')
  preview.className = 'node-medium'
  // A field of the cloud's whose file lies there has nothing to show: one node may have ten of them.
  const isBare = () => parts.type.storesByName === true && widget.value === spec.default
  function take(value: EditorWidget['value']): void {
    widget.value = value
    const owner = node as unknown as { computeSize(): ArrayLike<number>; growTo(height: number): void }
    if (parts.type.storesByName) owner.growTo(owner.computeSize()[1] ?? 0)
    context.edited()
  }
  const uploaded = new Set<string>()
  let shown = ''
  let filled = ''
  /** The server's list, when it was last looked at: a file may come into the folder later. */
  let listed: readonly unknown[] = []
  const widget: FileWidget = {
    ...widgetBase(spec),
    computeLayoutSize() {
      if (isCopy(this) || isBare()) return { minHeight: 24, maxHeight: 24, minWidth: 180 }
      return { minHeight: heights[spec.media], minWidth: 220 }
    },
    draw(ctx, _node, width, y) {
      const value = String(widget.value ?? '')
      const none = value === ''
      drawRow(ctx, parts, widget, {
        width,
        y,
        value: none ? context.host.word('chooseFile') : value,
        dim: none,
        isOpenable: true,
      })
      const options = fresh(parts, spec)
      if (value === shown && options === listed) return
      shown = value
      listed = options
      const isThere = uploaded.has(value) || /[/\]]/.test(value) || options.includes(value)
      const next = isThere ? value : ''
      if (next !== filled) fillPreview(preview, spec.media, next, context.host.mediaUrl)
      filled = next
    },
    open(target, place) {
      context.host.pickFile({
        box: context.screenBox(target, rowBox(target, place)),
        title: context.host.labelOf(parts.type, spec.name),
        media: spec.media,
        options: fresh(parts, spec),
        value: widget.value,
        pick: take,
        upload: file => void widget.takeFile(file).catch(() => {}),
      })
    },
    async takeFile(file, how = {}) {
      const name = await context.host.upload(file, how)
      uploaded.add(name)
      take(name)
    },
    dispose: () => remove(),
  }
  const remove = context.overlay.add({
    element: preview,
    node,
    box: () => {
      if (String(widget.value ?? '') === '' || spec.media === 'any' || isBare()) return undefined
      const top = widget.y + rowInner + 6
      return [margin, top, (node.size[0] ?? 0) - 2 * margin, (widget.computedHeight ?? 0) - rowInner - 10]
    },
    minScale: 0.12,
  })
  return widget
}

export function takesFile(widget: EditorWidget): widget is FileWidget {
  return 'takeFile' in widget
}

/** The files as the server lists them now, not when the node was made. */
function fresh(parts: WidgetParts, spec: WidgetSpec & { kind: 'file' }) {
  const { types } = parts.context
  const now = types.get(parts.type.type)?.widgets.find(({ name }) => name === spec.name)
  if (now?.kind === 'file') return now.options
  // A field of the cloud's: the folder is the same for all.
  for (const type of types.values()) {
    const other = type.widgets.find(widget => widget.kind === 'file' && widget.media === spec.media)
    if (other?.kind === 'file') return other.options
  }
  return spec.options
}

function fillPreview(
  root: HTMLElement,
  media: (WidgetSpec & { kind: 'file' })['media'],
  value: string,
  url: (name: string, how: { thumbnail: boolean }) => string,
): void {
  root.replaceChildren()
  if (value === '') return
  const address = url(value, { thumbnail: false })
  const kind = media === 'any' ? kindOf(value) : media
  if (kind === 'image') {
    const picture = document.createElement('img')
    picture.src = url(value, { thumbnail: true })
    picture.alt = value
    picture.draggable = false
    picture.addEventListener('error', () => picture.classList.add('is-missing'))
    root.append(picture)
    return
  }
  if (kind === 'video') root.append(makeVideo(address, value))
  else if (kind === 'audio') root.append(makeSound(address, value))
  else root.append(makeFileCard(address, value))
}
