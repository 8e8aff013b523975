import type { NodeDefinition } from '../../nodes/define-node.ts'
import { isPromptLink } from '../shared/prompt.ts'
import type { CheckedPrompt } from './validate.ts'

/**
 * The nodes that are called once for each item of a list, and whose items all end in a node that leaves out those that failed: there a
 * failure ends its item, not the node. Linear in nodes and links.
 */
export function nodesInLoops(
  checked: CheckedPrompt,
  definitionOf: (nodeId: string) => NodeDefinition | undefined,
): ReadonlySet<string> {
  const leavesOut = (nodeId: string) =>
    definitionOf(nodeId)?.leavesOutFailed?.(checked.literals.get(nodeId) ?? {}) === true
  const before = new Set<string>()
  const open = checked.order.filter(leavesOut)
  for (let nodeId = open.pop(); nodeId !== undefined; nodeId = open.pop()) {
    for (const source of checked.graph.sourcesOf(nodeId)) {
      if (before.has(source)) continue
      before.add(source)
      open.push(source)
    }
  }
  if (before.size === 0) return before
  const gives = new Map<string, 'a list' | 'one'>()
  const inLoops = new Set<string>()
  for (const nodeId of checked.order) {
    const definition = definitionOf(nodeId)
    const isCalledPerItem =
      definition?.inputIsList === false &&
      Object.values(checked.prompt[nodeId]?.inputs ?? {}).some(
        value => isPromptLink(value) && givesList(value[0], value[1]),
      )
    gives.set(nodeId, isCalledPerItem ? 'a list' : 'one')
    if (isCalledPerItem && before.has(nodeId)) inLoops.add(nodeId)
  }
  return inLoops

  function givesList(nodeId: string, slot: number): boolean {
    return gives.get(nodeId) === 'a list' || definitionOf(nodeId)?.outputs[slot]?.isList === true
  }
}
