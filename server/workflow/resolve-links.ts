import { BridgeError } from '../shared/errors.ts'
import type { JsonValue } from '../shared/lossless-json.ts'
import { bypassInput } from './bypass.ts'
import { borderIn, type GraphNode, type InputSlot } from './graph.ts'
import { brief, fieldOf, isObject, listIn, textIn } from './json.ts'
import { promotedInputValue } from './promoted.ts'
import type { Scope } from './scopes.ts'
import { virtualKind } from './virtual.ts'

/** What finally feeds an input. */
type Source =
  | { readonly kind: 'node'; readonly nodeId: string; readonly slot: number; readonly node: GraphNode }
  | { readonly kind: 'value'; readonly value: JsonValue }
  /** The source is muted: the input is dropped, even when its widget has a value. */
  | { readonly kind: 'muted' }
  /** As if nothing were linked: the widget's own value counts. `why` when the file is at fault. */
  | { readonly kind: 'nothing'; readonly why?: string }

export type ResolveLink = (scope: Scope, input: InputSlot) => Source

/** Where a walk stands: at a link, about to look at its origin. */
type Place = { scope: Scope; linkId: string }
type Step = Place | Source

const nothing: Source = { kind: 'nothing' }
/** A chain is walked once and then remembered; only a file made to hurt needs more. */
const mostSteps = 2_000_000
const mostRemembered = 500_000

/**
 * Follows links through reroutes, bypassed nodes, Set/Get pairs and the borders of subgraphs, in a loop and not by
 * recursion: real chains are short, but a chain of 10,000 must not overflow the stack.
 */
export function createLinkResolver(): ResolveLink {
  const remembered = new Map<string, Source>()
  const setNodes = new WeakMap<Scope, ReadonlyMap<string, GraphNode>>()
  const numbers = new Map<GraphNode | string, number>()
  let steps = 0

  /** Stands for a node or a type in keys: names from the file may be of any length. */
  const numberOf = (item: GraphNode | string) => {
    const number = numbers.get(item) ?? numbers.size
    if (number === numbers.size) numbers.set(item, number)
    return number
  }

  const setNodesOf = (scope: Scope) => {
    const known = setNodes.get(scope)
    if (known) return known
    const found = new Map<string, GraphNode>()
    for (const node of scope.graph.nodes.values()) {
      const name = virtualKind(node.type) === 'set' ? textIn(firstValue(node)) : undefined
      if (name !== undefined && !found.has(name)) found.set(name, node)
    }
    setNodes.set(scope, found)
    return found
  }

  /** KJNodes: Get follows the Set of its name in the same graph; newer versions look into the graphs around it too. */
  const followGet = (scope: Scope, node: GraphNode): Step => {
    const name = textIn(firstValue(node)) ?? ''
    for (let at: Scope | undefined = scope; at; at = at.outer?.scope) {
      const set = setNodesOf(at).get(name)
      if (set) return throughInput(at, set, 0)
    }
    return { kind: 'nothing', why: `there is no SetNode called "${brief(name)}"` }
  }

  const followNode = (scope: Scope, node: GraphNode, slot: number, wanted: string): Step => {
    const kind = virtualKind(node.type)
    // A PrimitiveNode writes its value into the widget when the graph is queued, whatever its own mode.
    if (kind === 'primitive') {
      const value = firstValue(node)
      return value === undefined || value === null ? nothing : { kind: 'value', value }
    }
    if (node.mode === 'bypassed') {
      steps += node.inputs.length
      const input = bypassInput(node, slot, wanted)
      return input === undefined ? nothing : throughInput(scope, node, input)
    }
    if (kind === 'reroute' || kind === 'set') return throughInput(scope, node, 0)
    if (kind === 'get') return followGet(scope, node)
    if (kind === 'aside') return { kind: 'nothing', why: `a ${brief(node.type)} gives nothing` }
    if (node.mode === 'muted') return { kind: 'muted' }
    const inner = scope.inner.get(node.id)
    if (inner) {
      const linkId = inner.graph.borderOutputs.get(slot)
      return linkId === undefined ? nothing : { scope: inner, linkId }
    }
    return { kind: 'node', nodeId: `${scope.prefix}${node.id}`, slot, node }
  }

  return (scope, input) => {
    if (input.link === undefined) return nothing
    let place: Place = { scope, linkId: input.link }
    let promoted: JsonValue | undefined
    const path = new Set<string>()
    for (;;) {
      if (++steps > mostSteps) throw tooTangled()
      const link = place.scope.graph.links.get(place.linkId)
      let step: Step
      if (!link) step = { kind: 'nothing', why: `there is no link ${brief(place.linkId)}` }
      else if (link.from === borderIn && place.scope.outer) {
        const { instance, scope: around } = place.scope.outer
        const name = place.scope.graph.borderInputs[link.fromSlot] ?? ''
        // By name, because embedded workflows leave out slots; by number, because labels may have renamed them.
        const slot = instance.inputsByName.get(name) ?? instance.inputs[link.fromSlot]
        promoted = promotedInputValue(place.scope, link, name) ?? promoted
        step = slot?.link === undefined ? nothing : { scope: around, linkId: slot.link }
      } else {
        const node = place.scope.graph.nodes.get(link.from)
        if (!node)
          step = { kind: 'nothing', why: `the node ${brief(link.from)} it comes from is not in the file` }
        else {
          const key = `${place.scope.index}/${numberOf(node)}/${link.fromSlot}/${numberOf(input.type)}`
          const known = remembered.get(key)
          if (known) step = known
          else if (path.has(key)) step = { kind: 'nothing', why: 'it leads back to itself' }
          else {
            path.add(key)
            step = followNode(place.scope, node, link.fromSlot, input.type)
          }
        }
      }
      if ('scope' in step) {
        place = step
        continue
      }
      // A value promoted on the way belongs to this walk alone, so such walks are not remembered.
      if (promoted === undefined && remembered.size + path.size <= mostRemembered) {
        for (const key of path) remembered.set(key, step)
      }
      return step.kind === 'nothing' && step.why === undefined && promoted !== undefined
        ? { kind: 'value', value: promoted }
        : step
    }
  }
}

function throughInput(scope: Scope, node: GraphNode, index: number): Step {
  const linkId = node.inputs[index]?.link
  return linkId === undefined ? nothing : { scope, linkId }
}

function firstValue(node: GraphNode): JsonValue | undefined {
  if (isObject(node.values)) return fieldOf(node.values, 'value') ?? Object.values(node.values)[0]
  return listIn(node.values)[0]
}

function tooTangled(): BridgeError {
  return new BridgeError('the links of this workflow are too tangled to follow', {
    code: 'workflow-too-big',
    hint: 'Remove chains of bypassed nodes, then save the file again.',
  })
}
