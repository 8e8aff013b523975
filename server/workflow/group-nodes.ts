import {
  borderIn,
  borderOut,
  type Graph,
  type GraphNode,
  type InputSlot,
  type Link,
  readNode,
} from './graph.ts'
import { idIn, isObject, type JsonObject, listIn, slotIn, textIn } from './json.ts'
import type { Notices } from './notices.ts'

/**
 * Legacy group nodes (`workflow>Name`, kept in `extra.groupNodes`), read as subgraphs. The outer node's slots stand in the
 * order of the inner nodes' free slots; its widget values are those of the inner nodes one after the other.
 */
export function groupGraphs(
  workflow: JsonObject,
  notices: Notices,
): { inside(node: GraphNode): Graph | undefined; opens(node: GraphNode): boolean; all: readonly Graph[] } {
  const extra = isObject(workflow.extra) ? workflow.extra : {}
  const stored = isObject(extra.groupNodes) ? extra.groupNodes : {}
  const plain = new Map<string, Graph>()
  for (const [name, group] of Object.entries(stored)) {
    if (isObject(group)) plain.set(name, buildGroup(group))
  }
  const find = (node: GraphNode) => plain.get(/^workflow[>/](.+)$/s.exec(node.type)?.[1] ?? '')
  return {
    all: [...plain.values()],
    opens: node => find(node) !== undefined,
    inside(node) {
      const graph = find(node)
      return graph && withValuesOf(node, graph, notices)
    },
  }
}

function buildGroup(group: JsonObject): Graph {
  const items = listIn(group.nodes)
  const links = new Map<string, Link>()
  const linkOf = new Map<string, string>()
  const takenInside = new Set<string>()
  for (const item of listIn(group.links)) {
    const [from, fromSlot, to, toSlot] = listIn(item)
    const ends = [idIn(from), slotIn(fromSlot), idIn(to), slotIn(toSlot)] as const
    if (ends.some(end => end === undefined)) continue
    const id = `inner-${links.size}`
    links.set(id, { id, from: `${ends[0]}`, fromSlot: ends[1] ?? 0, to: `${ends[2]}` })
    linkOf.set(`${ends[2]}/${ends[3]}`, id)
    takenInside.add(`${ends[0]}/${ends[1]}`)
  }
  const external = new Set(
    listIn(group.external).map(item => `${idIn(listIn(item)[0])}/${slotIn(listIn(item)[1])}`),
  )
  const nodes = new Map<string, GraphNode>()
  const borderInputs: string[] = []
  const borderOutputs = new Map<number, string>()
  items.forEach((item, index) => {
    if (!isObject(item)) return
    const id = idIn(item.index) ?? String(index)
    const node = readNode(id, textIn(item.type) ?? '', item)
    const inputs: InputSlot[] = node.inputs.map((slot, number) => {
      const inner = linkOf.get(`${id}/${number}`)
      if (inner !== undefined) return { ...slot, link: inner }
      const border = `input-${borderInputs.length}`
      links.set(border, { id: border, from: borderIn, fromSlot: borderInputs.length, to: id })
      // A name that clashes gets the inner title before it; such inputs are then found by their number.
      borderInputs.push(
        borderInputs.includes(slot.name) ? `${node.title ?? node.type} ${slot.name}` : slot.name,
      )
      return { ...slot, link: border }
    })
    node.outputTypes.forEach((_type, slot) => {
      if (takenInside.has(`${id}/${slot}`) && !external.has(`${id}/${slot}`)) return
      const border = `output-${borderOutputs.size}`
      links.set(border, { id: border, from: id, fromSlot: slot, to: borderOut })
      borderOutputs.set(borderOutputs.size, border)
    })
    nodes.set(id, { ...node, inputs, inputsByName: new Map(inputs.map(slot => [slot.name, slot] as const)) })
  })
  return { nodes, links, borderInputs, borderOutputs }
}

function withValuesOf(outer: GraphNode, graph: Graph, notices: Notices): Graph {
  const values = listIn(outer.values)
  if (values.length === 0) return graph
  const wanted = [...graph.nodes.values()].reduce((sum, node) => sum + listIn(node.values).length, 0)
  if (wanted !== values.length) {
    notices.add(
      'group-values',
      'the values of this group node could not be told apart; its stored ones are used',
      outer.id,
    )
    return graph
  }
  let at = 0
  const nodes = new Map<string, GraphNode>()
  for (const [id, node] of graph.nodes) {
    const count = listIn(node.values).length
    nodes.set(id, count === 0 ? node : { ...node, values: values.slice(at, at + count) })
    at += count
  }
  return { ...graph, nodes }
}
