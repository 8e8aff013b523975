import type { TextSpec } from '../../node-types/index.ts'
import { type Option, parseNumber } from '../../node-types/index.ts'
import type { WidgetSpec } from '../context.ts'
import { openInlineInput } from '../inline-input.ts'
import { drawRow, type EditorWidget, margin, rowBox, rowInner, type WidgetParts, widgetBase } from './base.ts'

export function textWidget(parts: WidgetParts, spec: TextSpec): EditorWidget {
  const widget: EditorWidget = {
    ...widgetBase(spec),
    draw(ctx, _node, width, y) {
      drawRow(ctx, parts, widget, { width, y, value: String(widget.value ?? '') })
    },
    open(node, place) {
      openInlineInput(parts.context, {
        node,
        box: rowBox(node, place),
        label: parts.context.host.labelOf(parts.type, spec.name),
        value: String(widget.value ?? ''),
        widget,
        commit: text => {
          const isNumber = typeof widget.value === 'number' || typeof widget.value === 'bigint'
          const typed = spec.keepsType && isNumber ? parseNumber(text, { isWhole: false }) : undefined
          widget.value = typed ?? text
        },
      })
    },
  }
  return widget
}

/** One of a list; also the mode of control_after_generate. */
export function comboWidget(
  parts: WidgetParts,
  spec: WidgetSpec,
  options: () => readonly Option[],
  words?: (WidgetSpec & { kind: 'combo' })['words'],
): EditorWidget {
  const show = (value: unknown) =>
    words?.[parts.context.host.language()][String(value)] ?? String(value ?? '')
  const widget: EditorWidget = {
    ...widgetBase(spec),
    draw(ctx, _node, width, y) {
      drawRow(ctx, parts, widget, { width, y, value: show(widget.value), isOpenable: true })
    },
    open(node, place) {
      parts.context.host.pickOption({
        show,
        box: parts.context.screenBox(node, rowBox(node, place)),
        title: parts.context.host.labelOf(parts.type, spec.name),
        options: options(),
        value: widget.value,
        pick(value) {
          widget.value = value
          parts.context.edited()
        },
      })
    },
    step(count, isVertical) {
      const all = options()
      const at = all.indexOf(widget.value as Option)
      // Down a list is on.
      const next = at + Math.sign(isVertical ? -count : count)
      widget.value = all[Math.max(0, Math.min(all.length - 1, next))] ?? widget.value
    },
  }
  return widget
}

export function toggleWidget(parts: WidgetParts, spec: WidgetSpec & { kind: 'toggle' }): EditorWidget {
  const { context } = parts
  const widget: EditorWidget = {
    ...widgetBase(spec),
    draw(ctx, _node, width, y) {
      const isOn = widget.value === true
      drawRow(ctx, parts, widget, { width: width - 30, y, value: (isOn ? spec.on : spec.off) ?? '' })
      const { palette } = context
      const [x, top] = [width - margin - 34, y + 1 + (rowInner - 14) / 2]
      ctx.fillStyle = isOn ? palette.accent : palette.line
      ctx.beginPath()
      ctx.roundRect(x + 4, top, 26, 14, 7)
      ctx.fill()
      ctx.fillStyle = isOn ? '#ffffff' : palette.textSoft
      ctx.beginPath()
      ctx.arc(isOn ? x + 23 : x + 11, top + 7, 5, 0, Math.PI * 2)
      ctx.fill()
    },
    open() {
      widget.value = widget.value !== true
      context.edited()
    },
    step(count) {
      widget.value = count > 0
    },
  }
  return widget
}

/** Names a key of the server's store. A key itself is never in the graph. */
export function keyWidget(parts: WidgetParts, spec: WidgetSpec & { kind: 'key' }): EditorWidget {
  const { context } = parts
  const widget: EditorWidget = {
    ...widgetBase(spec),
    draw(ctx, _node, width, y) {
      const name = keyName(widget.value)
      const value = name ?? context.host.word('noKey')
      drawRow(ctx, parts, widget, { width, y, value, dim: name === undefined, isOpenable: true })
    },
    open(node, place) {
      context.host.pickKey({
        box: context.screenBox(node, rowBox(node, place)),
        value: String(widget.value ?? ''),
        pick(value) {
          widget.value = value
          context.edited()
        },
      })
    },
  }
  return widget
}

/** The NAME of `<key:NAME>`. */
function keyName(value: unknown): string | undefined {
  return typeof value === 'string' ? /^<key:([^<>]+)>$/.exec(value.trim())?.[1] : undefined
}
