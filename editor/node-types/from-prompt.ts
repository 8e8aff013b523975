import { isObject, type Json, type JsonObject } from '../api/index.ts'
import { layoutColumns } from './layout.ts'
import { shapedType } from './shape.ts'
import type { NodeType, WidgetValue } from './types.ts'
import { boxText, writeWidgetValues } from './widget-values.ts'

/** A prompt (API format) as a workflow to draw: links by input name, values by widget, laid out left to right (ComfyUI: opening a prompt). */
export function workflowFromPrompt(
  prompt: JsonObject,
  find: (type: string) => NodeType | undefined,
): JsonObject {
  const entries = Object.entries(prompt).filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
  const links: Json[] = []
  const edges: { from: string; to: string }[] = []
  let lastLink = 0
  const nodes = entries.map(([id, entry]): JsonObject => {
    const typeName = String(entry.class_type ?? '')
    const values = isObject(entry.inputs) ? entry.inputs : {}
    const known = find(typeName)
    const type = known && shapedType(known, values)
    const inputs: JsonObject[] = []
    for (const [name, value] of Object.entries(values)) {
      if (!isLink(value) || !(value[0] in prompt)) continue
      const link = ++lastLink
      const widget = type?.widgets.some(spec => spec.name === name) ?? false
      const source = prompt[value[0]]
      const sourceType = isObject(source) ? find(String(source.class_type)) : undefined
      const slotType = sourceType?.outputs[value[1]]?.type ?? '*'
      inputs.push({ name, type: slotType, link, ...(widget && { widget: { name } }) })
      links.push([link, nodeId(value[0]), value[1], nodeId(id), inputs.length - 1, slotType])
      edges.push({ from: value[0], to: id })
    }
    const title =
      isObject(entry._meta) && typeof entry._meta.title === 'string' ? entry._meta.title : undefined
    return {
      id: nodeId(id),
      type: typeName,
      pos: [0, 0],
      size: [300, 120],
      flags: {},
      order: 0,
      mode: 0,
      inputs,
      outputs: outputsOf(id, type, entries),
      properties: { 'Node name for S&R': typeName },
      widgets_values: type
        ? writeWidgetValues(
            type,
            type.widgets.map(spec => {
              const value = values[spec.name]
              const own = spec.kind === 'box' ? boxText(value) : literal(value)
              return (own as WidgetValue | undefined) ?? spec.default
            }),
          )
        : Object.fromEntries(Object.entries(values).filter(([, value]) => !isLink(value))),
      ...(title !== undefined && title !== type?.title && { title }),
    }
  })
  const places = layoutColumns(
    nodes.map(node => {
      const type = find(String(node.type))
      const height = type ? estimateHeight(type) : 120
      node.size = [type?.widgets.some(spec => spec.kind === 'textarea') ? 380 : 300, height]
      return { id: String(node.id), width: Number((node.size as Json[])[0]), height: height + 30 }
    }),
    edges,
  )
  for (const node of nodes) node.pos = places.get(String(node.id)) ?? [0, 0]
  return {
    last_node_id: Math.max(0, ...nodes.map(node => Number(node.id) || 0)),
    last_link_id: lastLink,
    nodes,
    links,
    groups: [],
    config: {},
    extra: {},
    version: 0.4,
  }
}

function estimateHeight(type: NodeType): number {
  const rows = Math.max(type.sockets.length, type.outputs.length, 1)
  const widgets = type.widgets.reduce((sum, spec) => {
    if (spec.kind === 'constant') return sum
    return sum + (spec.kind === 'textarea' ? 110 : spec.kind === 'file' ? 190 : 26)
  }, 0)
  return 30 + rows * 20 + widgets + (type.isOutput && type.widgets.length <= 1 ? 260 : 0)
}

function outputsOf(id: string, type: NodeType | undefined, entries: [string, JsonObject][]): JsonObject[] {
  if (type) return type.outputs.map(({ name, type: slot }) => ({ name, type: slot, links: null }))
  // What an unknown node gives is known from who takes it.
  const taken = entries.flatMap(([, entry]) =>
    Object.values(isObject(entry.inputs) ? entry.inputs : {}).flatMap(value =>
      isLink(value) && value[0] === id ? [value[1]] : [],
    ),
  )
  const count = taken.length === 0 ? 0 : Math.max(...taken) + 1
  return Array.from({ length: count }, (_, at) => ({ name: `${at}`, type: '*', links: null }))
}

function isLink(value: Json | undefined): value is [string, number] {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number'
  )
}

function literal(value: Json | undefined): Json | undefined {
  return value === undefined || value === null || typeof value === 'object' ? undefined : value
}

function nodeId(id: string): number | string {
  return /^\d+$/.test(id) && Number.isSafeInteger(Number(id)) ? Number(id) : id
}
