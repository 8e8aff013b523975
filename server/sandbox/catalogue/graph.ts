import type { JsonValue } from '../../shared/lossless-json.ts'
import { isObject } from '../faults.ts'

export type ApiNode = { class_type: string; inputs: Record<string, JsonValue>; _meta?: { title: string } }

/** A workflow as the cloud executes it (ComfyUI's API format). */
export type ApiGraph = Record<string, ApiNode>

export function node(classType: string, title: string, inputs: Record<string, JsonValue>): ApiNode {
  return { class_type: classType, inputs, _meta: { title } }
}

/** A link is `["7", 0]`: the node it comes from and its slot. */
export function isLink(value: JsonValue | undefined): value is [string, number] {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number'
  )
}

/** Node ids in an order in which every node comes after the nodes it is fed by. */
export function executionOrder(graph: ApiGraph): string[] {
  const order: string[] = []
  const seen = new Set<string>()
  const visit = (nodeId: string) => {
    const current = graph[nodeId]
    if (seen.has(nodeId) || !current) return
    seen.add(nodeId)
    for (const value of Object.values(current.inputs)) if (isLink(value)) visit(value[0])
    order.push(nodeId)
  }
  for (const nodeId of Object.keys(graph)) visit(nodeId)
  return order
}

const saves = /^(Save|Preview|VHS_VideoCombine|easy saveText)/i

/** The nodes whose files are the result; the last node of a graph that saves nothing by name. */
export function outputNodes(graph: ApiGraph): string[] {
  const order = executionOrder(graph)
  const found = order.filter(nodeId => saves.test(graph[nodeId]?.class_type ?? ''))
  return found.length > 0 ? found : order.slice(-1)
}

/** Reads a graph somebody sent; null when it is none. */
export function readGraph(value: JsonValue): ApiGraph | null {
  if (!isObject(value)) return null
  const graph: ApiGraph = {}
  for (const [nodeId, item] of Object.entries(value)) {
    if (!isObject(item) || typeof item.class_type !== 'string') return null
    const inputs = item.inputs ?? {}
    if (!isObject(inputs)) return null
    graph[nodeId] = { class_type: item.class_type, inputs: { ...inputs } }
  }
  return Object.keys(graph).length > 0 ? graph : null
}
