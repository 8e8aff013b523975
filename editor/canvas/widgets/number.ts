import { clampNumber, type NumberSpec, parseNumber } from '../../node-types/index.ts'
import { openInlineInput } from '../inline-input.ts'
import { drawRow, type EditorWidget, rowBox, type WidgetParts, widgetBase } from './base.ts'

/** Pixels of dragging for one step. */
const pixelsPerStep = 6

/** A number: drag or arrows to change, click or digits to type. Whole numbers are exact to the last digit. */
export function numberWidget(parts: WidgetParts, spec: NumberSpec): EditorWidget {
  const widget: EditorWidget = {
    ...widgetBase(spec),
    draw(ctx, _node, width, y) {
      drawRow(ctx, parts, widget, { width, y, value: formatNumber(widget.value, spec) })
    },
    open(node, place, typed) {
      openInlineInput(parts.context, {
        node,
        box: rowBox(node, place),
        label: parts.context.host.labelOf(parts.type, spec.name),
        value: String(widget.value ?? ''),
        ...(typed !== undefined && { typed }),
        isNumeric: true,
        widget,
        commit(text) {
          const number = parseNumber(text, spec)
          if (number !== undefined) widget.value = clampNumber(number, spec)
        },
      })
    },
    step(count) {
      widget.value = clampNumber(moved(widget.value, count, spec), spec)
    },
    onPointerDown(pointer, node) {
      const start = widget.value
      let steps = 0
      pointer.onClick = () => widget.open?.(node, this)
      pointer.onDrag = move => {
        const from = pointer.eDown?.clientX ?? move.clientX
        const next = Math.round((move.clientX - from) / pixelsPerStep)
        if (next === steps) return
        steps = next
        widget.value = clampNumber(moved(start, steps, spec), spec)
        parts.context.redraw()
      }
      pointer.onDragEnd = () => parts.context.edited()
      return true
    },
  }
  return widget
}

function moved(start: EditorWidget['value'], steps: number, spec: NumberSpec): number | bigint {
  if (spec.isWhole) {
    const exact = typeof start === 'bigint' ? start : BigInt(Math.round(Number(start) || 0))
    const next = exact + BigInt(steps) * BigInt(Math.max(1, Math.round(spec.step)))
    return Number.isSafeInteger(Number(next)) ? Number(next) : next
  }
  const digits = decimals(spec.step)
  return Number(((Number(start) || 0) + steps * spec.step).toFixed(digits))
}

function formatNumber(value: EditorWidget['value'], spec: NumberSpec): string {
  if (typeof value !== 'number' || spec.isWhole) return String(value ?? '')
  const digits = Math.max(decimals(spec.step), Math.min(6, decimals(value)))
  return value.toFixed(digits)
}

function decimals(value: number): number {
  return String(value).split('.')[1]?.length ?? 0
}
