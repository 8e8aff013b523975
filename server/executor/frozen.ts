import type { NodeDefinition } from '../../nodes/define-node.ts'
import type { Prompt } from '../shared/prompt.ts'
import type { NodeProblem } from './problems.ts'
import type { Pinned, Pins } from './types.ts'

/** Which nodes are to be made anew: ids, or all of them. A frozen node is made anew only when it is named. */
export type Force = readonly string[] | true

/** The nodes of a prompt that give a pinned result whatever feeds them, and what is wrong with the others that should. */
export type Frozen = {
  readonly pinned: ReadonlyMap<string, Pinned>
  readonly problems: ReadonlyMap<string, NodeProblem>
}

/** Looks up what the frozen nodes of a prompt give; those that `force` names are no longer frozen in this run. */
export function readFrozen(
  prompt: Prompt,
  pins: Pins,
  definitionOf: (nodeId: string) => NodeDefinition | undefined,
  force: Force | undefined,
): Frozen {
  const thawed = new Set(force === true ? [] : force)
  const pinned = new Map<string, Pinned>()
  const problems = new Map<string, NodeProblem>()
  for (const [nodeId, node] of Object.entries(prompt)) {
    const pin = node._meta?.frozen
    const definition = pin === undefined ? undefined : definitionOf(nodeId)
    if (pin === undefined || !definition || thawed.has(nodeId)) continue
    const found = pins.find(pin)
    if (!found) problems.set(nodeId, gone(pin))
    else if (found.nodeType !== definition.type) problems.set(nodeId, ofAnother(pin, found.nodeType))
    else pinned.set(nodeId, found)
  }
  return { pinned, problems }
}

const wayOut = 'Unfreeze it, or run this node anew.'

function gone(pin: string): NodeProblem {
  return {
    code: 'frozen-gone',
    message: 'The frozen result is no longer there',
    details: pin,
    hint: `The frozen result of this node is no longer there. ${wayOut}`,
    extra: { pin },
  }
}

function ofAnother(pin: string, nodeType: string): NodeProblem {
  return {
    code: 'frozen-other-node',
    message: 'The frozen result is of another kind of node',
    details: `${pin}, of ${nodeType}`,
    hint: `The frozen result of this node was made by ${nodeType}. ${wayOut}`,
    extra: { pin, node_type: nodeType },
  }
}
