import type { Json } from '../api/index.ts'
import { isCloudNode, withCloudFields } from './cloud-fields.ts'
import type { NodeType, WidgetSpec } from './types.ts'
import { readWidgetValues } from './widget-values.ts'

/**
 * A node type as one node of it looks with these values: a cloud node has a widget for each field that it names, and what a combo's choice
 * brings along stands behind it. Any other is what it was.
 */
export function shapedType(type: NodeType, values: Json | undefined): NodeType {
  return isCloudNode(type.type) ? withCloudFields(type, values) : withChoices(type, values)
}

function withChoices(type: NodeType, values: Json | undefined): NodeType {
  if (!type.widgets.some(choosing)) return type
  const sockets = type.sockets.filter(({ broughtBy }) => broughtBy === undefined)
  const widgets: WidgetSpec[] = []
  for (const spec of type.widgets) {
    if (spec.broughtBy !== undefined) continue
    widgets.push(spec)
    if (!choosing(spec)) continue
    const soFar = { ...type, widgets }
    const choice = values === undefined ? spec.default : readWidgetValues(soFar, values, 0).at(-1)
    const brought = spec.brings?.[String(choice)]
    sockets.push(...(brought?.sockets ?? []))
    widgets.push(...(brought?.widgets ?? []))
  }
  const isSame =
    widgets.length === type.widgets.length && widgets.every((spec, at) => spec === type.widgets[at])
  return isSame && sockets.length === type.sockets.length ? type : { ...type, sockets, widgets }
}

function choosing(spec: WidgetSpec): spec is WidgetSpec & { kind: 'combo' } {
  return spec.kind === 'combo' && spec.brings !== undefined
}

/** The names of all that the choices of a type may bring along. */
export function broughtNames(type: NodeType): ReadonlySet<string> {
  const brought = type.widgets.filter(choosing).flatMap(({ brings }) => Object.values(brings ?? {}))
  return new Set(brought.flatMap(({ sockets, widgets }) => [...sockets, ...widgets].map(({ name }) => name)))
}
