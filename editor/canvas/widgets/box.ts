import { boxText } from '../../node-types/index.ts'
import type { WidgetSpec } from '../context.ts'
import { openInlineInput } from '../inline-input.ts'
import { drawRow, type EditorWidget, rowBox, type WidgetParts, widgetBase } from './base.ts'

/** A part of a picture by its four numbers: x, y, width, height. What is no such part is not taken. */
export function boxWidget(parts: WidgetParts, spec: WidgetSpec): EditorWidget {
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
        commit(text) {
          const box = boxText(text)
          if (box !== undefined) widget.value = box
        },
      })
    },
  }
  return widget
}
