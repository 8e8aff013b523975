import { type Option, parseNumber } from '../../node-types/index.ts'
import type { WidgetSpec } from '../context.ts'
import { openInlineInput } from '../inline-input.ts'
import { drawRow, type EditorWidget, margin, rowBox, rowInner, type WidgetParts, widgetBase } from './base.ts'

export function textWidget(parts: WidgetParts, spec: WidgetSpec & { kind: 'text' }): EditorWidget {
  const widget: EditorWidget = {
    ...widgetBase(spec),
    draw(ctx, _node, width, y) {
      drawRow(ctx, parts, widget, { width, y, value: String(widget.value ?? '') })
    },
    onPointerDown(pointer, node) {
      pointer.onClick = () =>
        openInlineInput(parts.context, {
          node,
          box: rowBox(node, this),
          label: parts.context.host.labelOf(parts.type, spec.name),
          value: String(widget.value ?? ''),
          commit: text => {
            const isNumber = typeof widget.value === 'number' || typeof widget.value === 'bigint'
            const typed = spec.keepsType && isNumber ? parseNumber(text, { isWhole: false }) : undefined
            widget.value = typed ?? text
          },
        })
      return true
    },
  }
  return widget
}

/** One of a list; also the mode of control_after_generate. */
export function comboWidget(
  parts: WidgetParts,
  spec: WidgetSpec,
  options: () => readonly Option[],
): EditorWidget {
  const widget: EditorWidget = {
    ...widgetBase(spec),
    draw(ctx, _node, width, y) {
      drawRow(ctx, parts, widget, { width, y, value: String(widget.value ?? ''), isOpenable: true })
    },
    onPointerDown(pointer, node) {
      pointer.onClick = () =>
        parts.context.host.pickOption({
          box: parts.context.screenBox(node, rowBox(node, this)),
          title: parts.context.host.labelOf(parts.type, spec.name),
          options: options(),
          value: widget.value,
          pick(value) {
            widget.value = value
            parts.context.edited()
          },
        })
      return true
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
    onPointerDown(pointer) {
      pointer.onClick = () => {
        widget.value = widget.value !== true
        context.edited()
      }
      return true
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
    onPointerDown(pointer, node) {
      pointer.onClick = () =>
        context.host.pickKey({
          box: context.screenBox(node, rowBox(node, this)),
          value: String(widget.value ?? ''),
          pick(value) {
            widget.value = value
            context.edited()
          },
        })
      return true
    },
  }
  return widget
}

/** The NAME of `<key:NAME>`. */
function keyName(value: unknown): string | undefined {
  return typeof value === 'string' ? /^<key:([^<>]+)>$/.exec(value.trim())?.[1] : undefined
}
