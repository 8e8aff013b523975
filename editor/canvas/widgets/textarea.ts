import type { WidgetSpec } from '../context.ts'
import { openInlineInput } from '../inline-input.ts'
import { type EditorWidget, isCopy, labelFont, margin, type WidgetParts, widgetBase } from './base.ts'

const legibleScale = 0.45

/**
 * Several lines in a real textarea that follows the canvas; drawn as text when that would be too small to type in. It is made when it is
 * first seen: a large graph has hundreds.
 */
export function textareaWidget(
  parts: WidgetParts,
  spec: WidgetSpec & { kind: 'textarea' },
  /** Whether the field itself is to be seen. */
  isShown: () => boolean = () => true,
): EditorWidget {
  const { context, node } = parts
  let stored: EditorWidget['value'] = spec.default
  let area: HTMLTextAreaElement | undefined
  let remove: (() => void) | undefined

  function write(field: HTMLTextAreaElement): void {
    const text = String(stored ?? '')
    if (field.value !== text) field.value = text
  }

  function makeArea(): HTMLTextAreaElement {
    const made = document.createElement('textarea')
    made.className = 'node-textarea'
    made.spellcheck = false
    made.placeholder = spec.placeholder ?? ''
    write(made)
    listen(made)
    remove = context.overlay.add({
      element: made,
      node,
      box: () =>
        isShown()
          ? [margin, widget.y + 2, (node.size[0] ?? 0) - 2 * margin, (widget.computedHeight ?? 60) - 6]
          : undefined,
      minScale: legibleScale,
    })
    return made
  }

  function listen(field: HTMLTextAreaElement): void {
    let before = ''
    field.addEventListener('focus', () => {
      before = field.value
    })
    field.addEventListener('input', () => {
      stored = field.value
    })
    // Leaving the field is one step of undo, not every letter.
    field.addEventListener('blur', () => {
      if (field.value !== before) context.edited()
    })
    field.addEventListener('keydown', event => {
      if (event.key === 'Escape') {
        field.blur()
        context.keys.takeBack()
      }
      if (event.key === 'Tab' && !event.isComposing && context.keys.moveOn(node, widget, event.shiftKey)) {
        event.preventDefault()
      }
      // The canvas's own keys must not act on what is typed; queueing and saving still may.
      if (!(event.ctrlKey || event.metaKey) || !['Enter', 's', 'S'].includes(event.key))
        event.stopPropagation()
    })
  }

  const widget: EditorWidget = {
    ...widgetBase(spec),
    get field() {
      area ??= makeArea()
      return area
    },
    computeLayoutSize: () => ({ minHeight: 60, minWidth: 200 }),
    draw(ctx, _node, width, y) {
      if (!isCopy(this)) {
        area ??= makeArea()
        if (document.activeElement !== area) write(area)
        area.readOnly = widget.computedDisabled === true
        area.setAttribute('aria-label', context.host.labelOf(parts.type, spec.name))
        if (!area.hidden && area.isConnected) return
      }
      const text = String(stored ?? '')
      const height = (this.computedHeight ?? 60) - 6
      ctx.fillStyle = context.palette.well
      ctx.fillRect(margin, y + 2, width - 2 * margin, height)
      ctx.fillStyle = context.palette.textSoft
      ctx.font = labelFont(context)
      ctx.save()
      ctx.beginPath()
      ctx.rect(margin, y + 2, width - 2 * margin, height)
      ctx.clip()
      for (const [at, line] of text
        .split('\n')
        .slice(0, Math.ceil(height / 16))
        .entries()) {
        ctx.fillText(line.slice(0, 200), margin + 8, y + 18 + at * 16)
      }
      ctx.restore()
    },
    // Where the field itself is not: far away, and on a subgraph's node.
    open(target, place) {
      openInlineInput(context, {
        node: target,
        box: [margin, place.y + 2, (target.size[0] ?? 0) - 2 * margin, 120],
        label: context.host.labelOf(parts.type, spec.name),
        value: String(widget.value ?? ''),
        isLong: true,
        widget,
        commit(text) {
          widget.value = text
        },
      })
    },
    dispose: () => remove?.(),
  }
  return Object.defineProperty(widget, 'value', {
    configurable: true,
    enumerable: true,
    get: () => stored,
    set(value: EditorWidget['value']) {
      stored = value
      if (area) write(area)
    },
  })
}
