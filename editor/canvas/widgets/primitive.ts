import type { WidgetSpec, WidgetValue } from '../context.ts'
import type { LGraphNode } from '../lib.ts'
import { type EditorWidget, type WidgetParts, widgetBase } from './base.ts'
import { numberWidget } from './number.ts'
import { comboWidget, textWidget, toggleWidget } from './rows.ts'

/** A Primitive's value: drawn and changed as the first widget it feeds would be; without one, as text that keeps its type. */
export function primitiveWidget(parts: WidgetParts, spec: WidgetSpec & { kind: 'primitive' }): EditorWidget {
  let value: WidgetValue = spec.default
  let made: { of: WidgetSpec | undefined; widget: EditorWidget } | undefined

  function face(): EditorWidget {
    const of = fedSpec(parts.node as unknown as LGraphNode)
    if (made?.of !== of || !made) {
      made = { of, widget: share(like(parts, of)) }
    }
    return made.widget
  }
  /** The value is the Primitive's own, whoever shows it. */
  function share(widget: EditorWidget): EditorWidget {
    return Object.defineProperty(widget, 'value', {
      get: () => value,
      set(next: WidgetValue) {
        value = next
      },
    })
  }
  const widget: EditorWidget = {
    ...widgetBase(spec),
    draw(...args) {
      const shown = face()
      shown.y = this.y
      shown.draw(...args)
    },
    open: (...args) => face().open?.(...args),
    step: (...args) => face().step?.(...args),
    onPointerDown(pointer, node) {
      const shown = face()
      shown.y = this.y
      if (shown.onPointerDown) return shown.onPointerDown(pointer, node)
      pointer.onClick = () => shown.open?.(node, this)
      return true
    },
  }
  return share(widget)
}

function like(parts: WidgetParts, of: WidgetSpec | undefined): EditorWidget {
  const name = { name: 'value' }
  if (of?.kind === 'number') return numberWidget(parts, { ...of, ...name })
  if (of?.kind === 'toggle') return toggleWidget(parts, { ...of, ...name })
  if (of?.kind === 'combo' || of?.kind === 'file')
    return comboWidget(parts, { ...of, ...name }, () => of.options)
  return textWidget(parts, { kind: 'text', name: 'value', default: '', isOptional: true, keepsType: true })
}

/** What the first widget is that a Primitive's link leads to. */
function fedSpec(node: LGraphNode): WidgetSpec | undefined {
  const [link] = node.outputs[0]?.links ?? []
  const end = link === undefined ? undefined : node.graph?.getLink(link)
  const target = end && node.graph?.getNodeById(end.target_id)
  const name = target?.inputs[end?.target_slot ?? -1]?.widget?.name
  const widget = target?.widgets?.find(candidate => candidate.name === name)
  return (widget as unknown as EditorWidget | undefined)?.spec
}
