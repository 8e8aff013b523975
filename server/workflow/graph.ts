import type { JsonValue } from '../shared/lossless-json.ts'
import { idIn, isObject, type JsonObject, listIn, slotIn, textIn } from './json.ts'
import type { Notices } from './notices.ts'

/** One stored graph, whichever way it was written: the root, or the inside of a subgraph. */
export type Graph = {
  readonly nodes: ReadonlyMap<string, GraphNode>
  readonly links: ReadonlyMap<string, Link>
  /** Names of the border's slots; empty for a root. */
  readonly borderInputs: readonly string[]
  /** Slot of the border's output -> the link that ends there. */
  readonly borderOutputs: ReadonlyMap<number, string>
}

export type GraphNode = {
  readonly id: string
  readonly type: string
  readonly title: string | undefined
  readonly mode: 'active' | 'muted' | 'bypassed'
  readonly inputs: readonly InputSlot[]
  readonly inputsByName: ReadonlyMap<string, InputSlot>
  readonly outputTypes: readonly string[]
  /** widgets_values as stored: list, object, null or absent. */
  readonly values: JsonValue | undefined
  readonly properties: JsonObject
}

export type InputSlot = {
  readonly name: string
  /** `*` takes anything. */
  readonly type: string
  readonly link: string | undefined
  /** The widget this slot overrides. */
  readonly widget: string | undefined
}

export type Link = {
  readonly id: string
  readonly from: string
  readonly fromSlot: number
  readonly to: string
}

/** The border nodes of every subgraph (reference: subgraphs). */
export const borderIn = '-10'
export const borderOut = '-20'

const modes = new Map<unknown, GraphNode['mode']>([
  [2, 'muted'],
  [4, 'bypassed'],
])

/** Reads a graph of version 0.4, of version 1, or a subgraph's inside. What is broken is left out and noticed. */
export function readGraph(stored: JsonObject, notices: Notices): Graph {
  const links = readLinks(stored.links, notices)
  const nodes = readNodes(stored.nodes, notices)
  addInvisibleLinks(stored, nodes, links, notices)
  const outputs = listIn(stored.outputs)
  const borderOutputs = new Map<number, string>()
  for (const [id, link] of links) {
    if (link.to === borderOut && link.toSlot !== undefined) borderOutputs.set(link.toSlot, id)
  }
  outputs.forEach((output, slot) => {
    // The border's own list wins over target_slot, which goes stale when outputs are reordered.
    const ids = isObject(output) ? listIn(output.linkIds).map(idIn) : []
    const id = ids.find(candidate => candidate !== undefined && links.get(candidate)?.to === borderOut)
    if (id !== undefined) borderOutputs.set(slot, id)
  })
  const borderInputs = listIn(stored.inputs).map(input => (isObject(input) ? (textIn(input.name) ?? '') : ''))
  return { nodes, links, borderInputs, borderOutputs }
}

function readNodes(stored: JsonValue | undefined, notices: Notices): Map<string, GraphNode> {
  if (!Array.isArray(stored)) notices.add('nodes-missing', 'the file has no list of nodes')
  const list = listIn(stored)
  const taken = new Set<string>()
  for (const item of list) if (isObject(item)) taken.add(idIn(item.id) ?? '')
  let next = 1
  const freshId = () => {
    while (taken.has(String(next))) next++
    taken.add(String(next))
    return String(next)
  }
  const nodes = new Map<string, GraphNode>()
  list.forEach((item, index) => {
    if (!isObject(item)) {
      notices.add('node-unreadable', `entry ${index + 1} of the nodes is no node and was left out`)
      return
    }
    const written = idIn(item.id)
    const type = textIn(item.type)
    if (type === undefined || type === '') {
      notices.add('node-unreadable', 'a node without a type was left out', written)
      return
    }
    // As litegraph does: the second of two nodes with one id gets a new one, links keep meaning the first.
    const id = written === undefined || nodes.has(written) ? freshId() : written
    if (written === undefined) notices.add('node-id', `a node without an id is called ${id} now`, id)
    else if (id !== written) {
      notices.add('node-id', `the id ${written} is used twice; the second node is called ${id} now`, id)
    }
    nodes.set(id, readNode(id, type, item))
  })
  return nodes
}

/** One node, from a graph's list or from a legacy group. */
export function readNode(id: string, type: string, item: JsonObject): GraphNode {
  const inputs = listIn(item.inputs).map(readInput)
  return {
    id,
    type,
    title: textIn(item.title),
    mode: modes.get(slotIn(item.mode)) ?? 'active',
    inputs,
    inputsByName: byName(inputs),
    outputTypes: listIn(item.outputs).map(output => slotType(isObject(output) ? output.type : undefined)),
    values: item.widgets_values,
    properties: isObject(item.properties) ? item.properties : {},
  }
}

function readInput(stored: JsonValue): InputSlot {
  const slot = isObject(stored) ? stored : {}
  return {
    name: textIn(slot.name) ?? '',
    type: slotType(slot.type),
    link: idIn(slot.link),
    widget: isObject(slot.widget) ? (textIn(slot.widget.name) ?? textIn(slot.name)) : undefined,
  }
}

function slotType(stored: JsonValue | undefined): string {
  // Very old combo sockets hold their options instead of a type name.
  if (Array.isArray(stored)) return 'COMBO'
  return typeof stored === 'string' && stored !== '' ? stored : '*'
}

type StoredLink = Link & { toSlot: number | undefined }

function readLinks(stored: JsonValue | undefined, notices: Notices): Map<string, StoredLink> {
  if (stored === undefined || stored === null) notices.add('links-missing', 'the file has no list of links')
  const links = new Map<string, StoredLink>()
  for (const item of isObject(stored) ? Object.values(stored) : listIn(stored)) {
    const link = readLink(item)
    if (link) links.set(link.id, link)
    else notices.add('link-unreadable', 'an entry of the links is no link and was left out')
  }
  return links
}

function readLink(item: JsonValue): StoredLink | undefined {
  const [rawId, rawFrom, rawFromSlot, rawTo, rawToSlot] = Array.isArray(item)
    ? item
    : isObject(item)
      ? [item.id, item.origin_id, item.origin_slot, item.target_id, item.target_slot]
      : []
  const [id, from, fromSlot, to] = [idIn(rawId), idIn(rawFrom), slotIn(rawFromSlot), idIn(rawTo)]
  if (id === undefined || from === undefined || fromSlot === undefined || to === undefined) return undefined
  return { id, from, fromSlot, to, toSlot: slotIn(rawToSlot) }
}

/** cg-use-everywhere keeps its links, which no line shows, in `extra.ue_links`; they fill inputs that are not linked. */
function addInvisibleLinks(
  stored: JsonObject,
  nodes: Map<string, GraphNode>,
  links: Map<string, StoredLink>,
  notices: Notices,
): void {
  const extra = isObject(stored.extra) ? stored.extra : {}
  const changed = new Map<string, InputSlot[]>()
  listIn(extra.ue_links).forEach((item, index) => {
    if (!isObject(item)) return
    const link = readLink([index, item.upstream ?? null, item.upstream_slot ?? null, item.downstream ?? null])
    const toSlot = slotIn(item.downstream_slot)
    const target = link && nodes.get(link.to)
    if (!target || toSlot === undefined) return
    const inputs = changed.get(target.id) ?? [...target.inputs]
    const slot = inputs[toSlot]
    if (!slot || slot.link !== undefined) return
    const id = `everywhere-${index}`
    links.set(id, { ...link, id, toSlot })
    inputs[toSlot] = { ...slot, link: id }
    changed.set(target.id, inputs)
    notices.add('invisible-link', `the input ${slot.name} is fed by a link of Use Everywhere`, target.id)
  })
  for (const [id, inputs] of changed) {
    const node = nodes.get(id)
    if (node) nodes.set(id, { ...node, inputs, inputsByName: byName(inputs) })
  }
}

/** The first of two inputs with one name counts. */
function byName(inputs: readonly InputSlot[]): ReadonlyMap<string, InputSlot> {
  return new Map(inputs.map(slot => [slot.name, slot] as const).reverse())
}
