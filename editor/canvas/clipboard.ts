import { isObject, type Json, type JsonObject, parseJson, writeJson } from '../api/index.ts'
import { type LGraph, LGraphGroup, type LGraphNode, LiteGraph } from './lib.ts'

/** What is copied: nodes as saved, the links among them and into them, groups. As text, so that it passes between tabs. */
const marker = 'rh-bridge/clipboard'

export function copyItems(
  graph: LGraph,
  nodes: readonly LGraphNode[],
  groups: readonly LGraphGroup[],
): string {
  const ids = new Set(nodes.map(node => node.id))
  const links = [...graph.links.values()]
    .filter(link => ids.has(link.target_id))
    .map(({ origin_id, origin_slot, target_id, target_slot }) => ({
      origin_id,
      origin_slot,
      target_id,
      target_slot,
      isInside: ids.has(origin_id),
    }))
  return writeJson({
    [marker]: 1,
    nodes: nodes.map(node => node.serialize()),
    groups: groups.map(group => group.serialize()),
    links,
  })
}

type Pasted = { readonly nodes: LGraphNode[]; readonly groups: LGraphGroup[] }

export function isClipboard(text: string): boolean {
  return text.startsWith('{') && text.includes(`"${marker}"`)
}

/** Puts copied things down with their upper left corner at a place. With `keepOuterLinks`, links from nodes that were not copied come along. */
export function pasteItems(
  graph: LGraph,
  text: string,
  options: { at: readonly [number, number]; keepOuterLinks: boolean; find: (type: string) => unknown },
): Pasted | undefined {
  const copied = read(text)
  if (!copied) return undefined
  const boxes = [...copied.nodes.map(node => node.pos), ...copied.groups.map(group => group.bounding)]
  const corner = [0, 1].map(axis => Math.min(...boxes.map(box => numberAt(box, axis))))
  const shift = [options.at[0] - (corner[0] ?? 0), options.at[1] - (corner[1] ?? 0)] as const
  const fresh = new Map<string, LGraphNode>()
  for (const source of copied.nodes) {
    options.find(String(source.type))
    const node = LiteGraph.createNode(String(source.type))
    if (!node) continue
    graph.add(node)
    const { id } = node
    node.configure({ ...withoutLinks(source), id } as never)
    node.pos = [numberAt(source.pos, 0) + shift[0], numberAt(source.pos, 1) + shift[1]]
    fresh.set(String(source.id), node)
  }
  for (const link of copied.links) {
    const inside = fresh.get(String(link.origin_id))
    const outside = options.keepOuterLinks ? graph.getNodeById(link.origin_id as number) : undefined
    const from = inside ?? outside
    const to = fresh.get(String(link.target_id))
    if (from && to) from.connect(Number(link.origin_slot), to, Number(link.target_slot))
  }
  const groups = copied.groups.map(source => {
    const group = new LGraphGroup()
    group.configure({ ...source, id: -1 } as never)
    group.move(shift[0], shift[1], true)
    graph.add(group)
    return group
  })
  return { nodes: [...fresh.values()], groups }
}

function read(text: string): { nodes: JsonObject[]; groups: JsonObject[]; links: JsonObject[] } | undefined {
  try {
    const data = parseJson(text)
    if (!isObject(data) || !(marker in data)) return undefined
    const list = (value: Json | undefined) => (Array.isArray(value) ? value.filter(isObject) : [])
    return { nodes: list(data.nodes), groups: list(data.groups), links: list(data.links) }
  } catch {
    // Some other text was copied.
    return undefined
  }
}

function withoutLinks(node: JsonObject): JsonObject {
  const list = (value: Json | undefined) => (Array.isArray(value) ? value.filter(isObject) : [])
  return {
    ...node,
    inputs: list(node.inputs).map(input => ({ ...input, link: null })),
    outputs: list(node.outputs).map(output => ({ ...output, links: null })),
  }
}

function numberAt(value: Json | undefined, axis: number): number {
  return Array.isArray(value) ? Number(value[axis]) || 0 : 0
}
