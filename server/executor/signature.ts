import { hash } from 'node:crypto'
import { inputsFor, type NodeDefinition } from '../../nodes/define-node.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { isPromptLink, type PromptNode } from '../shared/prompt.ts'
import { isAsset } from './memory-cache.ts'
import type { ExecutorServices } from './types.ts'
import type { CheckedPrompt } from './validate.ts'

/**
 * What each node would give, as one hash a node: its type, its literals by name, the signatures upstream with the slot, and
 * its own fingerprint (the content of a file). Titles, positions and API keys do not count. A node whose fingerprint cannot
 * be had, and all that depends on it, has no signature and is never answered from the cache. A frozen node has that of its pin.
 */
export async function signaturesOf(
  checked: CheckedPrompt,
  services: Pick<ExecutorServices, 'catalogue' | 'assets' | 'cloud'>,
  runId: string,
): Promise<ReadonlyMap<string, string>> {
  const fingerprints = await fingerprintsOf(checked, services, runId)
  const signatures = new Map<string, string>()
  for (const nodeId of checked.order) {
    const pinned = checked.frozen.get(nodeId)
    if (pinned) {
      signatures.set(nodeId, pinned.signature)
      continue
    }
    const node = checked.prompt[nodeId]
    const definition = node && services.catalogue.find(node.class_type)?.definition
    const fingerprint = fingerprints.get(nodeId) ?? ''
    if (!node || !definition || fingerprint === null) continue
    const literals = checked.literals.get(nodeId) ?? {}
    const parts: unknown[] = [definition.type, fingerprint]
    let whole = true
    for (const [name, input] of inputsFor(
      definition,
      definition.moreInputs ? inOrder(node.inputs) : node.inputs,
    )) {
      const value = node.inputs[name]
      if (value === undefined || input.secret || input.inert) continue
      if (isPromptLink(value)) {
        const source = signatures.get(value[0])
        if (source === undefined) whole = false
        parts.push(name, source, value[1])
      } else parts.push(name, literals[name])
    }
    if (whole) signatures.set(nodeId, hash('sha256', writeJson(parts), 'base64url'))
  }
  return signatures
}

/**
 * The signature of a call that is fed by what is of use for one run only, such as the part of a list that came to something: what came
 * counts, too, or paid work on that part would be taken for work on the whole. Files count by their content.
 */
export function signatureOfCall(
  signature: string,
  node: PromptNode,
  definition: NodeDefinition,
  given: Readonly<Record<string, unknown>>,
): string {
  const parts: unknown[] = [signature]
  for (const [name, input] of inputsFor(definition, node.inputs)) {
    if (input.secret || input.inert || !isPromptLink(node.inputs[name])) continue
    parts.push(name, contentOf(given[name]))
  }
  return hash('sha256', writeJson(parts), 'base64url')
}

function contentOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(contentOf)
  if (typeof value !== 'object' || value === null) return value
  if (isAsset(value)) return [value.mediaType, value.sha256]
  return Object.entries(value).map(([name, item]) => [name, contentOf(item)])
}

async function fingerprintsOf(
  checked: CheckedPrompt,
  services: Pick<ExecutorServices, 'catalogue' | 'assets' | 'cloud'>,
  runId: string,
): Promise<ReadonlyMap<string, string | null>> {
  const found = new Map<string, string | null>()
  await Promise.all(
    checked.order.map(async nodeId => {
      const node = checked.prompt[nodeId]
      const fingerprint = node && services.catalogue.find(node.class_type)?.definition.fingerprint
      if (!fingerprint || checked.frozen.has(nodeId)) return
      const inputs = checked.literals.get(nodeId) ?? {}
      // The node itself will say what is wrong when it runs; here it only cannot be cached.
      const isLinked = (input: string) => isPromptLink(node.inputs[input])
      const work = { runId, nodeId }
      const text = await fingerprint({ inputs, isLinked, work, ...services }).catch(() => null)
      found.set(nodeId, text)
    }),
  )
  return found
}

/** By name, so that the order in which a prompt lists its inputs does not count. */
function inOrder(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
