import type { JsonValue } from '../shared/lossless-json.ts'
import { type Catalogue, createDraft, type Draft, type DraftNode, pinIn, resolveType } from './draft.ts'
import type { GraphNode, InputSlot } from './graph.ts'
import { brief, textIn } from './json.ts'
import type { Notices } from './notices.ts'
import { promotedValue } from './promoted.ts'
import { createLinkResolver, type ResolveLink } from './resolve-links.ts'
import { type Graphs, openScopes, type Scope } from './scopes.ts'
import { virtualKind } from './virtual.ts'
import { nameUnknownValues, nameValues } from './widgets.ts'

/** A stored workflow -> a prompt, as ComfyUI's frontend makes it when a graph is queued (reference: workflow to prompt). */
export function toPrompt(graphs: Graphs, catalogue: Catalogue, notices: Notices): Draft {
  const draft = createDraft()
  const resolve = createLinkResolver()
  for (const scope of openScopes(graphs, notices)) {
    for (const node of scope.graph.nodes.values()) {
      const nodeId = `${scope.prefix}${node.id}`
      // Notes and reroutes are gone whatever their mode; of the others, only muted and bypassed ones are.
      const virtual = virtualKind(node.type) !== undefined
      if (virtual || node.mode !== 'active') {
        const why = virtual || node.mode === 'active' ? 'virtual' : node.mode
        draft.skipped.push({ nodeId, type: node.type, why })
      } else if (!scope.inner.has(node.id)) {
        draft.nodes.set(nodeId, convertNode({ scope, node, nodeId, draft, resolve, catalogue, notices }))
      }
    }
  }
  dropDeadLinks(draft)
  return draft
}

type Conversion = {
  scope: Scope
  node: GraphNode
  nodeId: string
  draft: Draft
  resolve: ResolveLink
  catalogue: Catalogue
  notices: Notices
}

function convertNode(conversion: Conversion): DraftNode {
  const { scope, node, nodeId, draft, catalogue, notices } = conversion
  const { classType, definition } = resolveType(catalogue, node.type, nodeId, draft, notices)
  const values = definition ? nameValues(definition, node, nodeId, notices) : nameUnknownValues(node)
  const inputs = new Map<string, JsonValue>()
  for (const [name, own] of values) {
    const value = promotedValue(scope, node.id, name) ?? own
    // A bare list would be read as a link (reference: prompt JSON).
    inputs.set(name, Array.isArray(value) ? { __value__: value } : value)
  }
  const target = { classType, definition, inputs }
  for (const slot of node.inputs) if (slot.link !== undefined) connect(conversion, slot, target)
  const pack = textIn(node.properties.cnr_id) ?? textIn(node.properties.aux_id)
  return {
    ...target,
    title: node.title ?? definition?.words?.en?.title ?? definition?.displayName ?? node.type,
    frozen: pinIn(node.properties.rh_frozen),
    ...(!definition && { slots: [...node.inputs.map(slot => slot.type), ...node.outputTypes] }),
    ...(pack !== undefined && { pack }),
  }
}

function connect(
  { scope, nodeId, draft, resolve, catalogue }: Conversion,
  slot: InputSlot,
  { definition, inputs }: Pick<DraftNode, 'definition' | 'inputs'>,
): void {
  const name = nameOf(slot, definition)
  if (name === '') return
  const source = resolve(scope, slot)
  switch (source.kind) {
    case 'node': {
      const outputs = catalogue.find(source.node.type)?.definition.outputs ?? []
      const count = Math.max(outputs.length, source.node.outputTypes.length)
      if (source.slot < 0 || (count > 0 && source.slot >= count)) {
        const why = `${brief(source.node.type)} (${brief(source.nodeId)}) has no output ${source.slot}`
        draft.brokenLinks.push({ nodeId, input: name, why })
      } else inputs.set(name, [source.nodeId, slotToday(source.node.outputTypes, source.slot, outputs)])
      return
    }
    case 'value':
      inputs.set(name, Array.isArray(source.value) ? { __value__: source.value } : source.value)
      return
    case 'muted':
      inputs.delete(name)
      return
    case 'nothing':
      if (source.why !== undefined) draft.brokenLinks.push({ nodeId, input: name, why: source.why })
  }
}

/**
 * The slot a link means today: a node with fewer outputs than its type has now is an older one, and where the types of a slot differ
 * the first output of the stored type is meant (RH_ExecuteNode once gave `images, videos`).
 */
function slotToday(stored: readonly string[], slot: number, outputs: readonly { type: string }[]): number {
  const type = stored[slot]
  if (stored.length >= outputs.length || type === undefined || type === '*') return slot
  if (outputs[slot]?.type === type || outputs[slot]?.type === '*') return slot
  const moved = outputs.findIndex(output => output.type === type)
  return moved < 0 ? slot : moved
}

/** An input's name today: a file may know it by a former one, or only by its widget's. */
function nameOf(slot: InputSlot, definition: DraftNode['definition']): string {
  if (definition === undefined || definition.inputs.has(slot.name) || definition.moreInputs?.(slot.name))
    return slot.name
  const former = Object.hasOwn(definition.formerInputs, slot.name)
    ? definition.formerInputs[slot.name]
    : undefined
  if (former !== undefined) return former
  return slot.widget !== undefined && definition.inputs.has(slot.widget) ? slot.widget : slot.name
}

/** The frontend's last step: links whose source did not make it into the prompt go. */
function dropDeadLinks(draft: Draft): void {
  for (const node of draft.nodes.values()) {
    for (const [name, value] of node.inputs) {
      if (Array.isArray(value) && !draft.nodes.has(String(value[0]))) node.inputs.delete(name)
    }
  }
}
