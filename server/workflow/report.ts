import { needsGpu } from '../shared/gpu-nodes.ts'
import { isPromptLink } from '../shared/prompt.ts'
import { lastFour } from '../shared/secrets.ts'
import type { Draft, DraftNode } from './draft.ts'
import type { FoundKey } from './keys.ts'
import type { Notice } from './notices.ts'

/** What was understood of a file: plain data without any key. */
export type WorkflowReport = {
  kind:
    | 'workflow-0.4'
    | 'workflow-1'
    | 'prompt'
    | 'wrapper'
    | 'png-workflow'
    | 'png-prompt'
    /** Inside a WEBP, a video, a sound or a latent. */
    | 'media-workflow'
    | 'media-prompt'
  /** In the file; the inside of a subgraph counts once. */
  nodes: number
  known: { type: string; count: number; nodeIds: string[] }[]
  aliases: { nodeId: string; written: string; type: string }[]
  unknown: UnknownType[]
  skipped: { nodeId: string; type: string; why: 'muted' | 'bypassed' | 'virtual' }[]
  keys: { name: string; lastFour: string; nodeId: string; input: string }[]
  brokenLinks: { nodeId: string; input: string; why: string }[]
  notices: Notice[]
}

type UnknownType = {
  type: string
  nodeIds: string[]
  titles: string[]
  /** It computes with a model: such nodes run in cloud workflows. */
  needsGpu?: boolean
  /** The node pack it comes from: a registry id, or `user/repo`. */
  pack?: string
  /** Known output nodes that depend on it. */
  cutsOff: string[]
  /** One of them ends a branch: something the file asks for will not happen. */
  outputs?: boolean
}

export function buildReport(facts: {
  kind: WorkflowReport['kind']
  nodes: number
  draft: Draft
  keys: readonly FoundKey[]
  notices: Notice[]
  subgraphNames: ReadonlyMap<string, string>
}): WorkflowReport {
  const { draft } = facts
  const known = new Map<string, string[]>()
  const unknown = new Map<string, [string, DraftNode][]>()
  for (const [nodeId, node] of draft.nodes) {
    const { definition, classType } = node
    if (definition) listAt(known, classType).push(nodeId)
    else listAt(unknown, classType).push([nodeId, node])
  }
  const consumers = consumersOf(draft)
  const search = createDependants(draft, consumers)
  return {
    kind: facts.kind,
    nodes: facts.nodes,
    known: [...known].map(([type, nodeIds]) => ({ type, count: nodeIds.length, nodeIds })),
    aliases: draft.aliases,
    unknown: [...unknown].map(([type, nodes]) => {
      const ids = nodes.map(([id]) => id)
      const pack = nodes.find(([, node]) => node.pack !== undefined)?.[1].pack
      const endsBranch = nodes.some(
        ([id, node]) => !consumers.has(id) && [...node.inputs.values()].some(isPromptLink),
      )
      return {
        type,
        nodeIds: ids,
        titles: nodes.map(([, node]) => node.title ?? facts.subgraphNames.get(type) ?? type),
        ...(nodes.some(([, node]) => needsGpu(type, node.slots)) && { needsGpu: true }),
        ...(pack !== undefined && { pack }),
        cutsOff: search(ids),
        ...(endsBranch && { outputs: true }),
      }
    }),
    skipped: draft.skipped,
    keys: facts.keys.flatMap(({ name, key, places }) =>
      places.map(place => ({ name, lastFour: lastFour(key), ...place })),
    ),
    brokenLinks: draft.brokenLinks,
    notices: facts.notices,
  }
}

function listAt<T>(lists: Map<string, T[]>, name: string): T[] {
  const list = lists.get(name) ?? []
  lists.set(name, list)
  return list
}

function consumersOf(draft: Draft): ReadonlyMap<string, string[]> {
  const consumers = new Map<string, string[]>()
  for (const [nodeId, node] of draft.nodes) {
    for (const value of node.inputs.values()) {
      if (!isPromptLink(value)) continue
      listAt(consumers, value[0]).push(nodeId)
    }
  }
  return consumers
}

/** Searching for each of thousands of unknown types would be quadratic; after this many steps the rest stays empty. */
const mostSteps = 2_000_000

function createDependants(draft: Draft, consumers: ReadonlyMap<string, string[]>) {
  let steps = 0
  return (ids: readonly string[]): string[] => {
    const seen = new Set(ids)
    const queue = [...ids]
    const outputs: string[] = []
    for (let id = queue.pop(); id !== undefined && steps < mostSteps; id = queue.pop()) {
      for (const next of consumers.get(id) ?? []) {
        steps++
        if (seen.has(next)) continue
        seen.add(next)
        queue.push(next)
        if (draft.nodes.get(next)?.definition?.isOutput) outputs.push(next)
      }
    }
    return outputs
  }
}
