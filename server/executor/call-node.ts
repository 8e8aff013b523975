import { type NodeContext, NodeError } from '../../nodes/context.ts'
import { inputsFor, type NodeDefinition, type Ui } from '../../nodes/define-node.ts'
import { type Failed, isAbsent, isFailed } from '../../nodes/values.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'
import { isPromptLink, type PromptNode } from '../shared/prompt.ts'
import type { NodeResult } from './types.ts'

/** The values of a node's inputs: a list each, one item unless the source is a list (ComfyUI: map_node_over_list). */
export type InputLists = ReadonlyMap<string, readonly unknown[]>

/** Collects a node's inputs from literals and from what its sources gave. An absent value fails a required input, and leaves out an optional one. */
export function collectInputs(
  node: PromptNode,
  definition: NodeDefinition,
  literals: Readonly<Record<string, unknown>>,
  resultOf: (nodeId: string) => NodeResult | undefined,
): InputLists {
  const lists = new Map<string, readonly unknown[]>()
  for (const [name, input] of inputsFor(definition, node.inputs)) {
    const value = node.inputs[name]
    if (value === undefined) continue
    if (!isPromptLink(value)) {
      lists.set(name, [literals[name]])
      continue
    }
    const result = resultOf(value[0])
    // Not asked for: its source did not run.
    if (!result && input.options.lazy) continue
    const list = result?.outputs[value[1]] ?? []
    const missing = list.find(isAbsent)
    if (!missing) lists.set(name, list)
    else if (!input.optional) {
      throw new BridgeError(missing.reason, {
        code: 'output-absent',
        hint: `"${name}" needs it. Choose another output, or change the cloud workflow so that it saves one.`,
      })
    }
  }
  return lists
}

/** The lazy inputs a node needs, in any of its calls; `lists` holds the others. */
export function neededInputs(
  node: PromptNode,
  definition: NodeDefinition,
  lists: InputLists,
): ReadonlySet<string> {
  const lazy = [...definition.inputs].filter(
    ([name, { options }]) => options.lazy && isPromptLink(node.inputs[name]),
  )
  const linked = new Set(lazy.map(([name]) => name))
  if (!definition.needs) return linked
  const { needs } = definition
  return new Set(callsOf(lists).flatMap(inputs => needs(inputs, linked)))
}

/** The inputs of each call over lists; none when one of them is empty. */
function callsOf(lists: InputLists): Record<string, unknown>[] {
  const lengths = [...lists.values()].map(list => list.length)
  const calls = lengths.includes(0) ? 0 : Math.max(1, ...lengths)
  return Array.from({ length: calls }, (_, index) => {
    const inputs: Record<string, unknown> = {}
    for (const [name, list] of lists) inputs[name] = list[Math.min(index, list.length - 1)]
    return inputs
  })
}

/** So many items of a list are worked on at a time: a list may be as long as a folder. */
const mostAtOnce = 100

/**
 * Calls a node: once with lists if it takes lists, else once per item, side by side, shorter lists repeating their last item.
 * Results come in the order of the items; UI outputs are joined per key. In a loop (`each.ts`) an item that fails is marked, and what
 * follows does not see it; only when all fail, so does the node.
 */
export async function callNode(
  definition: NodeDefinition,
  lists: InputLists,
  context: NodeContext,
  how: {
    readonly isInLoop?: boolean
    /** The signature of a call by its inputs, where the node's own does not tell calls apart from those of other runs. */
    readonly signatureOf?: (inputs: Readonly<Record<string, unknown>>) => string
  } = {},
): Promise<NodeResult> {
  const { isInLoop = false, signatureOf = () => context.work.signature } = how
  const call = (inputs: Record<string, unknown>, index: number) =>
    definition.execute({
      ...split(definition, inputs),
      ...context,
      work: { ...context.work, call: index, signature: signatureOf(inputs) },
    })
  if (definition.inputIsList) {
    const whole = definition.leavesOutFailed ? lists : withoutFailed(lists)
    return joinCalls(definition, [await call(Object.fromEntries(whole), 0)])
  }
  const calls = callsOf(lists)
  const [only] = calls
  if (only && calls.length === 1 && !isInLoop && !failedIn(only)) {
    return joinCalls(definition, [await call(only, 0)])
  }
  // A call that fails does not end the others, which may be paid for: the node is over when all its calls are.
  const settled = await settleAll(calls, async (inputs, index) => failedIn(inputs) ?? call(inputs, index))
  const given = settled.map(done => {
    if (done.status === 'fulfilled') return done.value
    if (!isInLoop || context.signal.aborted) throw done.reason
    return asFailed(done.reason)
  })
  const [first] = given
  if (isFailed(first) && given.every(isFailed)) {
    const rejected = settled.find(done => done.status === 'rejected')
    throw rejected?.reason ?? new BridgeError(first.reason, { code: first.code })
  }
  return joinCalls(definition, given)
}

function asFailed(error: unknown): Failed {
  const isOurs = error instanceof BridgeError || error instanceof NodeError
  return { kind: 'failed', reason: messageOf(error), code: isOurs ? error.code : 'node-failed' }
}

function failedIn(inputs: Readonly<Record<string, unknown>>): Failed | undefined {
  return Object.values(inputs).find(isFailed)
}

function withoutFailed(lists: InputLists): InputLists {
  return new Map([...lists].map(([name, list]) => [name, list.filter(item => !isFailed(item))]))
}

async function settleAll<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  const settled: PromiseSettledResult<R>[] = []
  let next = 0
  const goOn = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const [result] = await Promise.allSettled([work(items[index] as T, index)])
      settled[index] = result
    }
  }
  await Promise.all(Array.from({ length: Math.min(mostAtOnce, items.length) }, goOn))
  return settled
}

/** The declared inputs apart from those a node takes besides. */
function split(definition: NodeDefinition, values: Record<string, unknown>) {
  if (!definition.moreInputs) return { inputs: values, more: {} }
  const isDeclared = ([name]: [string, unknown]) => definition.inputs.has(name)
  const all = Object.entries(values)
  return {
    inputs: Object.fromEntries(all.filter(isDeclared)),
    more: Object.fromEntries(all.filter(entry => !isDeclared(entry))),
  }
}

type Given = Awaited<ReturnType<NodeDefinition['execute']>>

function joinCalls(definition: NodeDefinition, all: readonly (Given | Failed)[]): NodeResult {
  const outputs = definition.outputs.map(({ name, isList }) =>
    all.flatMap(call => {
      if (isFailed(call)) return [call]
      return isList && Array.isArray(call[name]) ? call[name] : [call[name]]
    }),
  )
  const given = all.filter((call): call is Given => !isFailed(call))
  const isForOnce = given.some(call => call.isKept === false)
  const kept = {
    ...((isForOnce || given.length < all.length) && { isKept: false }),
    ...(isForOnce && { isForOnce }),
  }
  const uis = given.flatMap(call => (call.ui ? [call.ui] : []))
  const [first] = uis
  if (!first) return { outputs, ...kept }
  if (uis.length === 1) return { outputs, ui: first, ...kept }
  const joined: Record<string, Ui[string][number][]> = {}
  for (const ui of uis) {
    for (const [key, items] of Object.entries(ui)) {
      joined[key] = [...(joined[key] ?? []), ...items]
    }
  }
  return { outputs, ui: joined, ...kept }
}
