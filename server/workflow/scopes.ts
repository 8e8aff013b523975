import { BridgeError } from '../shared/errors.ts'
import { type Graph, type GraphNode, readGraph } from './graph.ts'
import { groupGraphs } from './group-nodes.ts'
import { idIn, isObject, type JsonObject, listIn, textIn } from './json.ts'
import type { Notices } from './notices.ts'

/** All graphs of a file: the root, and what its subgraphs and legacy groups hold, each once. */
export type Graphs = {
  readonly root: Graph
  /** By the type a node that stands for one has. */
  inside(node: GraphNode): Graph | undefined
  /** Whether a node stands for another graph. */
  opens(node: GraphNode): boolean
  readonly all: readonly Graph[]
  readonly version: 'workflow-0.4' | 'workflow-1'
}

/** One place where a graph is executed: the root, or one instance of a subgraph. */
export type Scope = {
  readonly index: number
  /** What stands before the ids of its nodes in a prompt: `57:`. */
  readonly prefix: string
  readonly graph: Graph
  readonly outer: { readonly scope: Scope; readonly instance: GraphNode } | undefined
  /** Instance id -> its inside. */
  readonly inner: Map<string, Scope>
  readonly depth: number
}

/** Beyond these a file is an attack: doubling subgraphs 30 times makes 10^9 nodes of 3 kB. */
const deepestSubgraph = 64
const mostNodes = 200_000
const mostIdChars = 50_000_000

export function readGraphs(workflow: JsonObject, notices: Notices): Graphs {
  const root = readGraph(workflow, notices)
  const definitions = new Map<string, Graph>()
  const stored = isObject(workflow.definitions) ? listIn(workflow.definitions.subgraphs) : []
  for (const item of stored) {
    const id = isObject(item) ? idIn(item.id) : undefined
    if (isObject(item) && id !== undefined) definitions.set(id, readGraph(item, notices))
  }
  const groups = groupGraphs(workflow, notices)
  return {
    root,
    inside: node => definitions.get(node.type) ?? groups.inside(node),
    opens: node => definitions.has(node.type) || groups.opens(node),
    all: [root, ...definitions.values(), ...groups.all],
    version: workflow.version === 1 ? 'workflow-1' : 'workflow-0.4',
  }
}

/** The names of subgraphs, for reports: people do not know their uuids. */
export function subgraphNames(workflow: JsonObject): Map<string, string> {
  const stored = isObject(workflow.definitions) ? listIn(workflow.definitions.subgraphs) : []
  return new Map(
    stored.flatMap(item => {
      const [id, name] = isObject(item) ? [idIn(item.id), textIn(item.name)] : []
      return id !== undefined && name !== undefined ? [[id, name] as const] : []
    }),
  )
}

/** Opens every active instance, nested ones too. Iterative; a subgraph inside itself stays closed. */
export function openScopes(graphs: Graphs, notices: Notices): readonly Scope[] {
  const scopes: Scope[] = [
    { index: 0, prefix: '', graph: graphs.root, outer: undefined, inner: new Map(), depth: 0 },
  ]
  let nodes = graphs.root.nodes.size
  let idChars = 0
  for (let at = 0; at < scopes.length; at++) {
    const scope = scopes[at]
    if (!scope) break
    for (const node of scope.graph.nodes.values()) {
      if (node.mode !== 'active') continue
      const graph = graphs.inside(node)
      if (!graph) continue
      const id = `${scope.prefix}${node.id}`
      if (scope.depth >= deepestSubgraph || standsInside(scope, node.type)) {
        notices.add('subgraph-recursive', 'a subgraph contains itself; its inside was left out', id)
        continue
      }
      nodes += graph.nodes.size
      idChars += graph.nodes.size * id.length
      if (nodes > mostNodes || idChars > mostIdChars) {
        throw new BridgeError(`the subgraphs of this workflow unfold to more than ${mostNodes} nodes`, {
          code: 'workflow-too-big',
          hint: 'Remove instances of subgraphs, or split the workflow into several files.',
        })
      }
      const inner = {
        index: scopes.length,
        prefix: `${id}:`,
        graph,
        outer: { scope, instance: node },
        inner: new Map(),
        depth: scope.depth + 1,
      }
      scope.inner.set(node.id, inner)
      scopes.push(inner)
    }
  }
  return scopes
}

function standsInside(scope: Scope, type: string): boolean {
  for (let at = scope; at.outer; at = at.outer.scope) if (at.outer.instance.type === type) return true
  return false
}
