import type { LGraph, LGraphNode } from './lib.ts'

type Slot = { type: unknown; name: string; label?: string }

const setTypes = ['SetNode', 'easy setNode']
const getTypes = ['GetNode', 'easy getNode']

export const isSet = (node: LGraphNode): boolean => setTypes.includes(String(node.type))
export const isGet = (node: LGraphNode): boolean => getTypes.includes(String(node.type))

/** The name a Set gives and a Get asks for. */
export function nameOf(node: LGraphNode): string {
  return String(node.widgets?.[0]?.value ?? '')
}

export function setNames(graph: LGraph | null | undefined): string[] {
  return [...new Set((graph?.nodes ?? []).filter(isSet).map(nameOf))].filter(name => name !== '').sort()
}

/** The Gets that ask for what a Set gives. */
export function getsOf(graph: LGraph, set: LGraphNode): LGraphNode[] {
  return graph.nodes.filter(node => isGet(node) && nameOf(node) === nameOf(set))
}

/** What only passes on takes the type of what comes in, and its links their colours; so do the Gets of a Set. */
export function adoptTypes(node: LGraphNode): void {
  const { graph } = node
  if (!graph) return
  if (isGet(node)) {
    const set = graph.nodes.find(other => isSet(other) && nameOf(other) === nameOf(node))
    if (set) passOn(node, comingInto(set))
    return
  }
  const type = comingInto(node)
  if (node.inputs[0] && !isReroute(node)) rename(node.inputs[0] as Slot, type)
  passOn(node, type)
  if (isSet(node)) for (const get of getsOf(graph, node)) passOn(get, type)
}

function isReroute(node: LGraphNode): boolean {
  return String(node.type).startsWith('Reroute')
}

function comingInto(node: LGraphNode): unknown {
  const link = node.graph?.getLink(node.inputs[0]?.link ?? undefined)
  const from = link && node.graph?.getNodeById(link.origin_id)
  return from?.outputs[link?.origin_slot ?? -1]?.type ?? '*'
}

function passOn(node: LGraphNode, type: unknown): void {
  const [output] = node.outputs
  if (!output || !node.graph) return
  if (isReroute(node)) output.type = type as never
  else rename(output as Slot, type)
  for (const id of output.links ?? []) {
    const link = node.graph.getLink(id)
    if (link) link.type = type as never
    const next = link && node.graph.getNodeById(link.target_id)
    if (next && next !== node && (isReroute(next) || isSet(next))) adoptTypes(next)
  }
}

function rename(slot: Slot, type: unknown): void {
  slot.type = type
  slot.name = String(type)
}

/** A Primitive takes name, type and value of the first widget it is joined to. */
export function adoptWidget(primitive: LGraphNode): void {
  const [output] = primitive.outputs
  const [widget] = primitive.widgets ?? []
  const link = primitive.graph?.getLink(output?.links?.[0])
  const target = link && primitive.graph?.getNodeById(link.target_id)
  const input = target?.inputs[link?.target_slot ?? -1]
  if (!output || !widget || !input?.widget) return
  const fed = target?.widgets?.find(({ name }) => name === input.widget?.name)
  output.type = input.type
  output.name = String(input.type)
  Object.assign(output, { widget: { name: input.widget.name } })
  if (fed) widget.value = fed.value
}
