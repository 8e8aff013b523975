import type { LGraph, LGraphNode } from './lib.ts'
import { nodesAfter } from './nodes-after.ts'

/** The cloud workflow or app that a node's values go to: where it is and whose key asks, as the settings name them. */
export type CloudTarget = {
  readonly kind: 'workflow' | 'app'
  readonly id: string
  readonly site: string
  /** A kept key by its name, empty for the default one. */
  readonly key: string
}

/** Follows the links on to the node that executes, and from there back to its settings; undefined where they do not lead to an id. */
export function cloudTargetOf(node: LGraphNode): CloudTarget | undefined {
  const graph = node.graph as LGraph | null
  if (!graph) return undefined
  for (const next of nodesAfter(graph, node)) {
    const isApp = widgetValue(next, 'is_webapp_task')
    if (isApp === undefined) continue
    const settings = settingsOf(graph, next)
    const id = String(widgetValue(settings, 'workflowId_webappId') ?? '').trim()
    if (!/^\d+$/.test(id)) continue
    const key = /^<key:([^<>]+)>$/.exec(String(widgetValue(settings, 'apiKey') ?? '').trim())?.[1] ?? ''
    const site = String(widgetValue(settings, 'base_url') ?? '').trim()
    return { kind: isApp === true ? 'app' : 'workflow', id, site, key }
  }
  return undefined
}

/** What feeds `apiConfig`, past reroutes. */
function settingsOf(graph: LGraph, node: LGraphNode): LGraphNode | undefined {
  let slot = node.inputs.find(({ name }) => name === 'apiConfig')
  const seen = new Set<LGraphNode>()
  while (slot?.link != null) {
    const source = graph.getNodeById(graph.links.get(slot.link)?.origin_id ?? '')
    if (!source || seen.has(source)) return undefined
    if (widgetValue(source, 'workflowId_webappId') !== undefined) return source
    seen.add(source)
    slot = source.inputs[0]
  }
  return undefined
}

function widgetValue(node: LGraphNode | undefined, name: string) {
  return node?.widgets?.find(widget => widget.name === name)?.value
}
