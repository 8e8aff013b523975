import type { ExecutorServices, NodeResult } from './types.ts'
import type { CheckedPrompt } from './validate.ts'

/** Walks from the outputs up and stops at whatever is frozen or the cache knows. Gives the nodes that have to run, sources first. */
export function takeFromCache(
  checked: CheckedPrompt,
  signatures: ReadonlyMap<string, string>,
  cache: ExecutorServices['cache'],
  results: Map<string, NodeResult>,
): readonly string[] {
  const needed = new Set<string>()
  const seen = new Set<string>(checked.outputs)
  const open = [...checked.outputs]
  for (let nodeId = open.pop(); nodeId !== undefined; nodeId = open.pop()) {
    const signature = checked.forced.has(nodeId) ? undefined : signatures.get(nodeId)
    const result =
      checked.frozen.get(nodeId)?.result ?? (signature === undefined ? undefined : cache.get(signature))
    if (result) {
      results.set(nodeId, result)
      continue
    }
    needed.add(nodeId)
    for (const source of checked.graph.sourcesOf(nodeId)) {
      if (!seen.has(source)) {
        seen.add(source)
        open.push(source)
      }
    }
  }
  return checked.order.filter(nodeId => needed.has(nodeId))
}

/** Of nodes that need not run: what each would give, by name. */
export function idsOf(
  nodeIds: readonly string[],
  checked: CheckedPrompt,
  signatures: ReadonlyMap<string, string>,
  { cache }: ExecutorServices,
): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  for (const nodeId of nodeIds) {
    const signature = signatures.get(nodeId)
    const id =
      checked.frozen.get(nodeId)?.resultId ?? (signature === undefined ? undefined : cache.idOf?.(signature))
    if (id !== undefined) ids.set(nodeId, id)
  }
  return ids
}
