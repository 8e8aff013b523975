import { controlModes } from '../../node-types/index.ts'
import type { LGraph, LGraphNode } from '../lib.ts'
import { adoptTypes, setNames } from '../virtual-slots.ts'
import type { EditorWidget, WidgetParts } from './base.ts'
import { widgetBase } from './base.ts'
import { boxWidget } from './box.ts'
import { withFieldOffers } from './field-offers.ts'
import { fileWidget } from './file.ts'
import { markdownWidget } from './markdown.ts'
import { numberWidget } from './number.ts'
import { primitiveWidget } from './primitive.ts'
import { comboWidget, keyWidget, textWidget, toggleWidget } from './rows.ts'
import { textareaWidget } from './textarea.ts'

export type { EditorWidget, WidgetNode } from './base.ts'
export { type FileWidget, takesFile } from './file.ts'

export function createWidget(parts: WidgetParts): EditorWidget {
  const widget = withFieldOffers(makeWidget(parts), parts)
  widget.core = widget
  widget.owner = parts.node
  widget.onPointerDown ??= function (pointer, node) {
    if (!widget.open) return false
    pointer.onClick = () => widget.open?.(node, this)
    return true
  }
  return widget
}

/** A widget whose new values are followed up. */
function onChange(widget: EditorWidget, follow: () => void): EditorWidget {
  let { value } = widget
  return Object.defineProperty(widget, 'value', {
    enumerable: true,
    get: () => value,
    set(next: EditorWidget['value']) {
      value = next
      follow()
    },
  })
}

function makeWidget(parts: WidgetParts): EditorWidget {
  const { spec } = parts
  switch (spec.kind) {
    case 'number':
      return numberWidget(parts, spec)
    case 'text':
      return textWidget(parts, spec)
    case 'markdown':
      return markdownWidget(parts, spec)
    case 'primitive':
      return primitiveWidget(parts, spec)
    case 'set-name': {
      const node = parts.node as unknown as LGraphNode
      const widget = comboWidget(parts, spec, () => setNames(node.graph as LGraph))
      return onChange(widget, () => adoptTypes(node))
    }
    case 'textarea':
      return textareaWidget(parts, spec)
    case 'toggle':
      return toggleWidget(parts, spec)
    case 'box':
      return boxWidget(parts, spec)
    case 'key':
      return keyWidget(parts, spec)
    case 'combo': {
      const widget = comboWidget(parts, spec, () => spec.options, spec.words)
      return spec.brings ? onChange(widget, () => parts.node.reshape?.()) : widget
    }
    case 'control':
      return comboWidget(parts, spec, () => controlModes)
    case 'file':
      return fileWidget(parts, spec)
    case 'constant':
      return {
        ...widgetBase(spec),
        hidden: true,
        computeLayoutSize: () => ({ minHeight: 0, maxHeight: 0, minWidth: 0 }),
        draw: () => {},
      }
  }
}
