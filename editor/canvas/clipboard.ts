import { isObject, type Json, type JsonObject, parseJson, writeJson } from '../api/index.ts'
import { makeGroup } from './editor-group.ts'
import {
  createUuidv4,
  type LGraph,
  type LGraphGroup,
  type LGraphNode,
  LiteGraph,
  LLink,
  type Reroute,
  SubgraphNode,
} from './lib.ts'

/**
 * What is copied: nodes as saved, the subgraphs they stand for, the links among them and into them with their reroutes, groups. As text, so
 * that it passes between tabs.
 */
const marker = 'rh-bridge/clipboard'

export function copyItems(
  graph: LGraph,
  nodes: readonly LGraphNode[],
  groups: readonly LGraphGroup[],
): string {
  const ids = new Set(nodes.map(node => node.id))
  const links = [...graph.links.values()].filter(link => ids.has(link.target_id))
  const reroutes = new Map(
    links
      .filter(link => ids.has(link.origin_id))
      .flatMap(link => LLink.getReroutes(graph, link))
      .map(({ id, parentId, pos }) => [id, { id, parentId: parentId ?? null, pos: [...pos] }]),
  )
  return writeJson({
    [marker]: 1,
    nodes: nodes.map(node => node.serialize()),
    groups: groups.map(group => group.serialize()),
    links: links.map(({ origin_id, origin_slot, target_id, target_slot, parentId }) => ({
      origin_id,
      origin_slot,
      target_id,
      target_slot,
      parentId: parentId ?? null,
      originType: graph.getNodeById(origin_id)?.type ?? null,
    })),
    reroutes: [...reroutes.values()],
    subgraphs: definitionsOf(nodes),
  })
}

/** The subgraphs that nodes stand for, and those inside them. */
function definitionsOf(nodes: readonly LGraphNode[]): unknown[] {
  const found = new Map<string, unknown>()
  const open = [...nodes]
  for (let node = open.pop(); node; node = open.pop()) {
    if (!(node instanceof SubgraphNode) || found.has(node.subgraph.id)) continue
    found.set(node.subgraph.id, node.subgraph.asSerialisable())
    open.push(...node.subgraph.nodes)
  }
  return [...found.values()]
}

/** A workflow with array links, its slots complete, as if its nodes had been copied. */
export function asClipboard(file: JsonObject): string {
  const links = Array.isArray(file.links) ? file.links.filter(Array.isArray) : []
  return writeJson({
    [marker]: 1,
    nodes: objects(file.nodes),
    links: links.map(([, origin_id, origin_slot, target_id, target_slot]) => ({
      ...{ origin_id, origin_slot, target_id, target_slot },
    })),
  })
}

type Pasted = {
  readonly nodes: readonly LGraphNode[]
  readonly groups: readonly LGraphGroup[]
  readonly reroutes: readonly Reroute[]
}

type PasteOptions = {
  /** Where the upper left corner comes; without it all stays in its place. */
  readonly at?: readonly [number, number]
  /** Links from nodes that were not copied come along, where those nodes are. */
  readonly keepOuterLinks: boolean
  /** Makes a type known that this server does not have. */
  readonly find?: (type: string) => unknown
}

export function isClipboard(text: string): boolean {
  return text.startsWith('{') && text.includes(`"${marker}"`)
}

/** Puts copied things down; undefined when the text is something else. */
export function pasteItems(graph: LGraph, text: string, options: PasteOptions): Pasted | undefined {
  const copied = read(text)
  if (!copied) return undefined
  const boxes = [...copied.nodes.map(node => node.pos), ...copied.groups.map(group => group.bounding)]
  const corner = [0, 1].map(axis => Math.min(...boxes.map(box => numberAt(box, axis))))
  const { at } = options
  const shift = at ? ([at[0] - (corner[0] ?? 0), at[1] - (corner[1] ?? 0)] as const) : ([0, 0] as const)
  const subgraphs = pasteSubgraphs(graph, copied.subgraphs)
  const fresh = new Map<string, LGraphNode>()
  for (const source of copied.nodes) {
    const type = subgraphs.get(String(source.type)) ?? String(source.type)
    if (!subgraphs.has(String(source.type))) options.find?.(type)
    const node = LiteGraph.createNode(type)
    if (!node) continue
    graph.add(node)
    const { id } = node
    node.configure({ ...withoutLinks(source), type, id } as never)
    node.pos = [numberAt(source.pos, 0) + shift[0], numberAt(source.pos, 1) + shift[1]]
    fresh.set(String(source.id), node)
  }
  const reroutes = pasteReroutes(graph, copied.reroutes, shift)
  for (const link of copied.links) {
    const inside = fresh.get(String(link.origin_id))
    const from = inside ?? (options.keepOuterLinks ? outerNode(graph, link) : undefined)
    const to = fresh.get(String(link.target_id))
    if (!from || !to) continue
    const parent = inside && reroutes.get(String(link.parentId))
    from.connect(Number(link.origin_slot), to, Number(link.target_slot), parent?.id)
  }
  const groups = copied.groups.map(source => {
    const group = makeGroup()
    group.configure({ ...source, id: -1 } as never)
    group.pos = [numberAt(source.bounding, 0) + shift[0], numberAt(source.bounding, 1) + shift[1]]
    graph.add(group)
    return group
  })
  return { nodes: [...fresh.values()], groups, reroutes: [...reroutes.values()] }
}

/** The node a link came from, if it is here: in another workflow its id may stand for anything. */
function outerNode(graph: LGraph, link: JsonObject): LGraphNode | undefined {
  const node = graph.getNodeById(link.origin_id as number)
  return node && node.type === link.originType ? node : undefined
}

/** Copies are subgraphs of their own: a change in one is none in the other. Old id -> new id. */
function pasteSubgraphs(graph: LGraph, definitions: readonly JsonObject[]): Map<string, string> {
  const ids = new Map(definitions.map(({ id }) => [String(id), createUuidv4() as string]))
  const renamed = definitions.map(definition => ({
    ...definition,
    id: ids.get(String(definition.id)),
    nodes: objects(definition.nodes).map(node => ({
      ...node,
      type: ids.get(String(node.type)) ?? node.type,
    })),
  }))
  const made = renamed.map(data => graph.createSubgraph(data as never))
  for (const [at, subgraph] of made.entries()) subgraph.configure(renamed[at] as never)
  return ids
}

/** Old id -> the new one. */
function pasteReroutes(
  graph: LGraph,
  copied: readonly JsonObject[],
  shift: readonly [number, number],
): Map<string, Reroute> {
  const made = new Map<string, Reroute>()
  const sorted = copied.toSorted((a, b) => depth(copied, a) - depth(copied, b))
  for (const { id, parentId, pos } of sorted) {
    const parent = made.get(String(parentId))
    const reroute = graph.setReroute({
      ...(parent && { parentId: parent.id }),
      pos: [numberAt(pos, 0) + shift[0], numberAt(pos, 1) + shift[1]],
      linkIds: [],
    } as never)
    made.set(String(id), reroute)
  }
  return made
}

function depth(all: readonly JsonObject[], one: JsonObject): number {
  let count = 0
  let at: JsonObject | undefined = one
  while (at && count <= all.length) {
    const { parentId }: JsonObject = at
    at = all.find(other => other.id === parentId)
    count++
  }
  return count
}

function read(text: string) {
  try {
    const data = parseJson(text)
    if (!isObject(data) || !(marker in data)) return undefined
    const { nodes, groups, links, reroutes, subgraphs } = data
    return {
      nodes: objects(nodes),
      groups: objects(groups),
      links: objects(links),
      reroutes: objects(reroutes),
      subgraphs: objects(subgraphs),
    }
  } catch {
    // Some other text was copied.
    return undefined
  }
}

function withoutLinks(node: JsonObject): JsonObject {
  return {
    ...node,
    inputs: objects(node.inputs).map(input => ({ ...input, link: null })),
    outputs: objects(node.outputs).map(output => ({ ...output, links: null })),
  }
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function numberAt(value: Json | undefined, axis: number): number {
  return Array.isArray(value) ? Number(value[axis]) || 0 : 0
}
