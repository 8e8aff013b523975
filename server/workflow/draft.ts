import type { NodeDefinition } from '../../nodes/define-node.ts'
import type { JsonValue } from '../shared/lossless-json.ts'
import type { Prompt, PromptNode } from '../shared/prompt.ts'
import { cleanTargetId, takesTargetId } from './ids.ts'
import type { Notices } from './notices.ts'

/** The nodes this server has. `alias` is true when `type` is a name people write by mistake. */
export type Catalogue = {
  find(type: string): { definition: NodeDefinition; alias: boolean } | undefined
}

/** A prompt in the making, by node id, with what the report says about it. */
export type Draft = {
  readonly nodes: Map<string, DraftNode>
  readonly aliases: { nodeId: string; written: string; type: string }[]
  readonly brokenLinks: { nodeId: string; input: string; why: string }[]
  readonly skipped: { nodeId: string; type: string; why: 'muted' | 'bypassed' | 'virtual' }[]
}

export type DraftNode = {
  readonly classType: string
  readonly inputs: Map<string, JsonValue>
  readonly title: string | undefined
  /** The pin whose result it gives. */
  readonly frozen?: string | undefined
  readonly definition: NodeDefinition | undefined
  /** The types of an unknown node's slots, as far as the file says them. */
  readonly slots?: readonly string[]
  /** The pack an unknown node comes from, when the file says it. */
  readonly pack?: string
}

export function createDraft(): Draft {
  return { nodes: new Map(), aliases: [], brokenLinks: [], skipped: [] }
}

/** Looks a type up; a wrong name is put right and noted. */
export function resolveType(
  catalogue: Catalogue,
  written: string,
  nodeId: string,
  draft: Draft,
  notices: Notices,
): { classType: string; definition: NodeDefinition | undefined } {
  const found = catalogue.find(written)
  if (!found) return { classType: written, definition: undefined }
  const { definition } = found
  if (definition.type !== written) {
    draft.aliases.push({ nodeId, written, type: definition.type })
    notices.add('alias', `${written} is read as ${definition.type}`, nodeId)
  }
  return { classType: definition.type, definition }
}

/** Puts ids of cloud workflows and AI apps right in every node that takes one. */
export function cleanTargetIds(draft: Draft, notices: Notices): void {
  for (const [nodeId, node] of draft.nodes) {
    for (const [name, input] of node.definition?.inputs ?? []) {
      const written = node.inputs.get(name)
      if (written === undefined || input.spec !== 'STRING' || !takesTargetId(name)) continue
      if (Array.isArray(written)) continue
      const { id, notes } = cleanTargetId(written)
      node.inputs.set(name, id)
      for (const { code, message } of notes) notices.add(code, message, nodeId)
    }
  }
}

/** The name of a pin, as a node's properties or `_meta` say it. */
export function pinIn(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

export function promptOf(draft: Draft): Prompt {
  const prompt: { [nodeId: string]: PromptNode } = Object.create(null)
  for (const [id, node] of draft.nodes) {
    const inputs: { [input: string]: JsonValue } = Object.create(null)
    for (const [name, value] of node.inputs) inputs[name] = value
    const { title, frozen } = node
    const meta = { ...(title !== undefined && { title }), ...(frozen !== undefined && { frozen }) }
    prompt[id] = {
      class_type: node.classType,
      inputs,
      ...(Object.keys(meta).length > 0 && { _meta: meta }),
    }
  }
  return prompt
}
