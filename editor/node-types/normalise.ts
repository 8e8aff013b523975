import { cloneJson, isObject, type Json, type JsonObject } from '../api/index.ts'
import { shapedType } from './shape.ts'
import type { NodeType, SocketSpec } from './types.ts'

/**
 * A workflow file in the one shape the canvas reads: array points, slots matched with today's definitions by name, links that both ends
 * agree on, counters that are large enough. The file itself is left as it is (ComfyUI: how the frontend reconciles).
 */
export function normaliseWorkflow(
  file: JsonObject,
  find: (type: string) => NodeType | undefined,
): JsonObject {
  const doc = cloneJson(file)
  const isNewForm = doc.version === 1 || (!hasArrayLinks(doc) && isObject(doc.state))
  doc.version = isNewForm ? 1 : 0.4
  normaliseGraph(doc, find)
  const definitions = isObject(doc.definitions) ? doc.definitions : {}
  for (const subgraph of objects(definitions.subgraphs)) {
    normaliseGraph(subgraph, find)
    normaliseBorders(subgraph)
  }
  if (!isNewForm) {
    doc.last_node_id = Math.max(
      integer(doc.last_node_id),
      ...objects(doc.nodes).map(node => integer(node.id)),
      0,
    )
    const links = Array.isArray(doc.links) ? doc.links : []
    doc.last_link_id = Math.max(
      integer(doc.last_link_id),
      ...links.map(link => integer((link as Json[])[0])),
      0,
    )
    // Only now do the counters stand where version 0.4 reads them.
    doc.state = undefined as never
    delete doc.state
  }
  return doc
}

function hasArrayLinks(doc: JsonObject): boolean {
  return Array.isArray(doc.links) && doc.links.length > 0 && doc.links.every(Array.isArray)
}

/** A subgraph's borders have places; without one, left and right of what is inside. */
function normaliseBorders(subgraph: JsonObject): void {
  const nodes = objects(subgraph.nodes)
  const at = (node: JsonObject, axis: number, key: 'pos' | 'size') => Number((node[key] as Json[])[axis])
  const left = Math.min(...nodes.map(node => at(node, 0, 'pos')), 0)
  const right = Math.max(...nodes.map(node => at(node, 0, 'pos') + at(node, 0, 'size')), 0)
  const top = nodes[0] ? at(nodes[0], 1, 'pos') : 0
  const place = (border: Json | undefined, id: number, x: number): JsonObject => {
    const given = isObject(border) ? border : {}
    const bounding = Array.isArray(given.bounding) && given.bounding.length === 4 ? given.bounding : undefined
    return { id, ...given, bounding: bounding ?? [x, top, 120, 60] }
  }
  subgraph.inputNode = place(subgraph.inputNode, -10, left - 220)
  subgraph.outputNode = place(subgraph.outputNode, -20, right + 100)
  subgraph.inputs = objects(subgraph.inputs)
  subgraph.outputs = objects(subgraph.outputs)
}

type End = { from: string; fromSlot: number; to: string }

function normaliseGraph(graph: JsonObject, find: (type: string) => NodeType | undefined): void {
  const nodes = objects(graph.nodes).filter(node => node.id !== undefined && node.type !== undefined)
  const slots = movedSlots(nodes, find)
  for (const node of nodes) normaliseNode(node, find(String(node.type)))
  graph.nodes = nodes
  graph.groups = objects(graph.groups)
  const ids = new Set(nodes.map(node => String(node.id)))
  const links = (Array.isArray(graph.links) ? graph.links : []).filter(
    link => Array.isArray(link) || isObject(link),
  ) as (Json[] | JsonObject)[]
  const holders = new Map<string, { node: JsonObject; slot: number }>()
  for (const node of nodes) {
    for (const [slot, input] of objects(node.inputs).entries()) {
      if (input.link !== null && input.link !== undefined) holders.set(String(input.link), { node, slot })
    }
  }
  const outgoing = new Map<string, number[]>()
  const kept = links.filter(link => {
    moveOrigin(link, slots)
    const end = endsOf(link)
    const id = String(Array.isArray(link) ? link[0] : link.id)
    const holder = holders.get(id)
    // Ids below zero are the borders of a subgraph, which has lists of its own.
    if (Number(end.to) >= 0 || Number.isNaN(Number(end.to))) {
      if (!holder || !ids.has(end.to)) return false
      // The holder's slot is the truth: stored numbers follow older definitions.
      if (Array.isArray(link)) link[4] = holder.slot
      else link.target_slot = holder.slot
    }
    if (!(Number(end.from) < 0) && !ids.has(end.from)) return false
    const key = `${end.from}/${end.fromSlot}`
    outgoing.set(key, [...(outgoing.get(key) ?? []), integer(Array.isArray(link) ? link[0] : link.id)])
    if (Array.isArray(link)) for (const at of [0, 2, 4]) link[at] = integer(link[at])
    return true
  })
  const keptIds = new Set(kept.map(link => String(Array.isArray(link) ? link[0] : link.id)))
  for (const node of nodes) {
    for (const input of objects(node.inputs)) {
      if (input.link !== null && input.link !== undefined && !keptIds.has(String(input.link)))
        input.link = null
    }
    for (const [slot, output] of objects(node.outputs).entries()) {
      output.links = outgoing.get(`${String(node.id)}/${slot}`) ?? null
    }
  }
  graph.links = kept as Json[]
}

/**
 * Output slots that mean another one today, by `node/slot`: a node with fewer outputs than its type has now is an older one, and where
 * the types of a slot differ the first output of the stored type is meant. The server reads such a file in the same way.
 */
function movedSlots(
  nodes: readonly JsonObject[],
  find: (type: string) => NodeType | undefined,
): ReadonlyMap<string, number> {
  const moved = new Map<string, number>()
  for (const node of nodes) {
    const today = find(String(node.type))
    const stored = objects(node.outputs).map(output => slotType(output.type))
    if (!today || today.isPlaceholder || today.isVirtual || stored.length >= today.outputs.length) continue
    for (const [slot, type] of stored.entries()) {
      const now = today.outputs[slot]?.type
      if (type === '*' || now === '*' || now === type) continue
      const at = today.outputs.findIndex(output => output.type === type)
      if (at >= 0) moved.set(`${String(node.id)}/${slot}`, at)
    }
  }
  return moved
}

function moveOrigin(link: Json[] | JsonObject, slots: ReadonlyMap<string, number>): void {
  const { from, fromSlot } = endsOf(link)
  const slot = slots.get(`${from}/${fromSlot}`)
  if (slot === undefined) return
  if (Array.isArray(link)) link[2] = slot
  else link.origin_slot = slot
}

function endsOf(link: Json[] | JsonObject): End {
  const [from, slot, to] = Array.isArray(link)
    ? [link[1], link[2], link[3]]
    : [link.origin_id, link.origin_slot, link.target_id]
  return { from: String(from), fromSlot: integer(slot), to: String(to) }
}

function normaliseNode(node: JsonObject, known: NodeType | undefined): void {
  const type = known && shapedType(known, node.widgets_values)
  node.pos = point(node.pos, [100, 100])
  node.size = point(node.size, [220, 80])
  node.flags = isObject(node.flags) ? node.flags : {}
  node.properties = isObject(node.properties) ? node.properties : {}
  node.mode = integer(node.mode)
  const inputs = objects(node.inputs)
  const outputs = objects(node.outputs)
  const isAsStored = type?.keepsSlots && inputs.length + outputs.length > 0
  if (type && !type.isPlaceholder && !isAsStored) {
    node.inputs = matchInputs(inputs, type)
    node.outputs = type.type === 'PrimitiveNode' && outputs.length > 0 ? outputs : matchOutputs(outputs, type)
  } else {
    node.inputs = inputs.map(input => ({ ...input, type: slotType(input.type) }))
    node.outputs = outputs.map(output => ({ ...output, type: slotType(output.type) }))
  }
}

/** The sockets a spec stands for: one, or of a row that grows those in use, those needed, and a free one. */
export function shownNames({ name, grow }: SocketSpec, used: ReadonlySet<string>): readonly string[] {
  if (!grow) return [name]
  const last = grow.names.findLastIndex(one => used.has(one))
  return grow.names.slice(0, Math.max(1, grow.min, last + 2))
}

/** Sockets in definition order, then widget inputs; what the definition does not know stays when it holds a link. */
function matchInputs(stored: JsonObject[], type: NodeType): JsonObject[] {
  const rest = new Map(stored.map(input => [String(input.name), input]))
  const take = (name: string): JsonObject => {
    const found = rest.get(name) ?? {}
    rest.delete(name)
    return found
  }
  const used = new Set(stored.filter(input => input.link != null).map(input => String(input.name)))
  const sockets = type.sockets.flatMap(socket =>
    shownNames(socket, used).map(name => {
      const slot: JsonObject = { link: null, ...take(name), name, type: socket.type }
      if (socket.isOptional) slot.shape = 7
      return slot
    }),
  )
  const widgets = type.widgets.flatMap(widget => {
    const stored = take(widget.name)
    if (widget.socketType === undefined) return []
    const { name, socketType } = widget
    return [{ link: null, ...stored, name, type: socketType, widget: { name } }]
  })
  const unknown = [...rest.values()].filter(input => input.link !== null && input.link !== undefined)
  return [...sockets, ...unknown.map(input => ({ ...input, type: slotType(input.type) })), ...widgets]
}

function matchOutputs(stored: JsonObject[], type: NodeType): JsonObject[] {
  const known = type.outputs.map((output, at) => ({
    ...stored[at],
    name: output.name,
    type: output.type,
    ...(output.isList && { shape: 6 }),
  }))
  return [...known, ...stored.slice(known.length).filter(output => objectsLinks(output).length > 0)]
}

function objectsLinks(output: JsonObject): Json[] {
  return Array.isArray(output.links) ? output.links : []
}

function slotType(type: Json | undefined): string {
  if (Array.isArray(type)) return 'COMBO'
  return type === undefined || type === null || type === '' || type === 0 ? '*' : String(type)
}

function point(value: Json | undefined, fallback: [number, number]): Json[] {
  const [x, y] = Array.isArray(value) ? value : isObject(value) ? [value['0'], value['1']] : []
  return typeof x === 'number' && typeof y === 'number' ? [x, y] : fallback
}

function integer(value: Json | undefined): number {
  const number = Number(value)
  return Number.isInteger(number) ? number : 0
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
