import type { JsonValue } from '../shared/lossless-json.ts'
import { isPromptLink } from '../shared/prompt.ts'
import { isPlaceholderKey, lastFour, looksLikeKey, referencedKey } from '../shared/secrets.ts'
import type { Catalogue, Draft } from './draft.ts'
import type { Graph, GraphNode } from './graph.ts'
import { isObject } from './json.ts'
import { createNotices } from './notices.ts'
import type { Graphs } from './scopes.ts'
import { virtualKind } from './virtual.ts'
import { nameValues } from './widgets.ts'

/** A key that was found in a file, and where. */
export type FoundKey = {
  readonly name: string
  readonly key: string
  readonly places: { nodeId: string; input: string }[]
}

type Finder = {
  /** An input that is meant for a key: anything said there is one. */
  secret(value: JsonValue | undefined, nodeId: string, input: string): void
  /** A value that may be one: only the form of a key tells. */
  suspect(value: JsonValue | undefined, nodeId: string, input: string): void
}

const secretName = /^(api[-_]?key|token|secret)$/i

/** Every key in a prompt and in the workflow it came from, muted and unused nodes included. */
export function findKeys(
  draft: Draft,
  graphs: Graphs | undefined,
  catalogue: Catalogue,
  nameOf: (n: number, lastFour: string) => string,
): FoundKey[] {
  const found = new Map<string, FoundKey>()
  const keep = (key: string, nodeId: string, input: string) => {
    const known = found.get(key)
    if (known) {
      if (
        !known.places.some(place => place.nodeId === nodeId && place.input === input) &&
        known.places.length < 50
      ) {
        known.places.push({ nodeId, input })
      }
    } else {
      const name = nameOf(found.size + 1, lastFour(key))
      found.set(key, { name, key, places: [{ nodeId, input }] })
    }
  }
  const finder: Finder = {
    secret(value, nodeId, input) {
      const key = keyIn(value)
      if (key !== undefined) keep(key, nodeId, input)
    },
    suspect(value, nodeId, input) {
      for (const text of textsIn(value)) if (looksLikeKey(text)) keep(text.trim(), nodeId, input)
    },
  }
  searchPrompt(draft, finder)
  const inPrompt = new Set(found.keys())
  // What the prompt already showed is named by the ids people see there.
  const rest: Finder = {
    secret: (value, ...place) => !inPrompt.has(keyIn(value) ?? '') && finder.secret(value, ...place),
    suspect: (value, ...place) => {
      for (const text of textsIn(value)) if (!inPrompt.has(text.trim())) finder.suspect(text, ...place)
    },
  }
  for (const graph of graphs?.all ?? []) searchGraph(graph, graphs, catalogue, rest)
  return [...found.values()]
}

function keyIn(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  return isPlaceholderKey(text) || referencedKey(text) !== undefined ? undefined : text
}

function searchPrompt(draft: Draft, finder: Finder): void {
  const upstream: string[] = []
  for (const [nodeId, node] of draft.nodes) {
    for (const [name, value] of node.inputs) {
      const isSecret = node.definition ? node.definition.inputs.get(name)?.secret : secretName.test(name)
      if (isSecret && isPromptLink(value)) upstream.push(value[0])
      else if (isSecret && (node.definition || typeof value === 'string')) finder.secret(value, nodeId, name)
      else if (!node.definition) finder.suspect(value, nodeId, name)
    }
  }
  // Nodes that hold a text for a secret input, however many others lie between.
  const seen = new Set<string>()
  for (let nodeId = upstream.pop(); nodeId !== undefined; nodeId = upstream.pop()) {
    if (seen.has(nodeId)) continue
    seen.add(nodeId)
    for (const [name, value] of draft.nodes.get(nodeId)?.inputs ?? []) {
      if (isPromptLink(value)) upstream.push(value[0])
      else finder.suspect(value, nodeId, name)
    }
  }
}

function searchGraph(graph: Graph, graphs: Graphs | undefined, catalogue: Catalogue, finder: Finder): void {
  const silent = createNotices()
  const upstream: { id: string; near: boolean }[] = []
  const follow = (linkId: string | undefined, near: boolean) => {
    const link = linkId === undefined ? undefined : graph.links.get(linkId)
    if (link) upstream.push({ id: link.from, near })
  }
  for (const node of graph.nodes.values()) {
    const definition = catalogue.find(node.type)?.definition
    const secrets = [...(definition?.inputs ?? [])].filter(([, input]) => input.secret).map(([name]) => name)
    if (definition && secrets.length > 0) {
      const values = nameValues(definition, node, node.id, silent)
      for (const name of secrets) {
        finder.secret(values.get(name), node.id, name)
        follow(node.inputsByName.get(name)?.link, true)
      }
      // Values that slipped out of place are still keys.
      finder.suspect(node.values, node.id, 'widgets_values')
    } else if (!definition && virtualKind(node.type) === undefined) {
      searchUnknown(node, finder, graphs?.opens(node) !== true)
    }
  }
  const seen = new Set<string>()
  for (let at = upstream.pop(); at !== undefined; at = upstream.pop()) {
    const { id, near } = at
    const node = graph.nodes.get(id)
    if (!node || seen.has(id)) continue
    seen.add(id)
    // A PrimitiveNode is nothing but the value of the input it feeds, directly or through reroutes.
    const kind = virtualKind(node.type)
    if (near && kind === 'primitive' && Array.isArray(node.values)) {
      finder.secret(node.values[0], id, 'widgets_values')
    } else finder.suspect(node.values, id, 'widgets_values')
    for (const slot of node.inputs) follow(slot.link, near && kind === 'reroute')
  }
}

function searchUnknown(node: GraphNode, finder: Finder, alsoByName: boolean): void {
  finder.suspect(node.values, node.id, 'widgets_values')
  if (!alsoByName) return
  for (const holder of [node.values, node.properties]) {
    if (!isObject(holder)) continue
    for (const [name, value] of Object.entries(holder)) {
      if (secretName.test(name) && typeof value === 'string') finder.secret(value, node.id, name)
    }
  }
}

/** Every text inside a value; parsed JSON is at most 512 levels deep, so recursion is safe. */
function* textsIn(value: JsonValue | undefined): Generator<string> {
  if (typeof value === 'string') yield value
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item)
  else if (isObject(value)) for (const item of Object.values(value)) yield* textsIn(item)
}
