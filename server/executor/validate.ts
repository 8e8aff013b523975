import type { AssetAccess } from '../../nodes/context.ts'
import { type Input, inputsFor, type NodeDefinition } from '../../nodes/define-node.ts'
import { needsGpu } from '../shared/gpu-nodes.ts'
import { isPromptLink, type Prompt } from '../shared/prompt.ts'
import { type Force, readFrozen } from './frozen.ts'
import { type Graph, readGraph } from './graph.ts'
import { checkLiteral, inputConfig } from './literals.ts'
import type { NodeProblem, Problem } from './problems.ts'
import type { Catalogue, Pinned, Pins } from './types.ts'

/** A prompt that was looked at whole: what is wrong, and what can run all the same. */
export type CheckedPrompt = {
  readonly prompt: Prompt
  readonly graph: Graph
  readonly problems: readonly Problem[]
  /** What may go wrong and holds up nothing. */
  readonly warnings: readonly Problem[]
  /** Output nodes that can run. */
  readonly outputs: readonly string[]
  /** Output nodes that cannot, and unknown nodes at the end of a branch: something the file asks for and will not get. */
  readonly failedOutputs: readonly string[]
  /** What the good outputs need, sources first. */
  readonly order: readonly string[]
  /** Nodes that give a pinned result: nothing feeds them. */
  readonly frozen: ReadonlyMap<string, Pinned>
  /** Nodes that are made anew, results of earlier runs or not: those asked for, and all that depend on them. */
  readonly forced: ReadonlySet<string>
  /** Literal inputs after ComfyUI's casts, by node and name. */
  readonly literals: ReadonlyMap<string, Readonly<Record<string, unknown>>>
}

/** Looks at what a prompt will send elsewhere, and tells by node what would be refused there. Never throws. */
export type Foretell = (
  facts: Pick<CheckedPrompt, 'prompt' | 'order' | 'literals'>,
) => Promise<ReadonlyMap<string, readonly NodeProblem[]>>

export type CheckOptions = {
  /** Keeps only those output nodes (ComfyUI: partial_execution_targets). */
  readonly targets?: readonly string[] | undefined
  readonly force?: Force | undefined
}

/** Checks everything the output nodes need and gives all problems at once. Linear in the size of the graph. */
export async function validatePrompt(
  prompt: Prompt,
  services: { catalogue: Catalogue; assets: AssetAccess; pins: Pins; foretell?: Foretell },
  options: CheckOptions = {},
): Promise<CheckedPrompt> {
  const definitionOf = (nodeId: string) =>
    services.catalogue.find(prompt[nodeId]?.class_type ?? '')?.definition
  const frozen = readFrozen(prompt, services.pins, definitionOf, options.force)
  const isFrozen = (nodeId: string) => frozen.pinned.has(nodeId) || frozen.problems.has(nodeId)
  const graph = readGraph(prompt, isFrozen)
  const targeted = options.targets && new Set(options.targets)
  const wanted = (nodeId: string) => targeted?.has(nodeId) ?? true
  const ids = Object.keys(prompt)
  const outputs = ids.filter(nodeId => wanted(nodeId) && definitionOf(nodeId)?.isOutput)
  // A node nobody knows, fed by others and feeding none, is almost surely an output (a saver of some other pack).
  const strangers = ids.filter(
    nodeId =>
      wanted(nodeId) &&
      !definitionOf(nodeId) &&
      graph.consumersOf(nodeId).length === 0 &&
      graph.sourcesOf(nodeId).length > 0,
  )

  const roots = [...outputs, ...strangers]
  const { order, cycles } = graph.sorted(roots)
  const literals = new Map<string, Record<string, unknown>>()
  const found = new Map<string, NodeProblem[]>()
  const warnings: Problem[] = []
  const add = (nodeId: string, problem: NodeProblem) => {
    const list = found.get(nodeId)
    if (list) list.push(problem)
    else found.set(nodeId, [problem])
  }

  for (const cycle of cycles) reportCycle(prompt, cycle, add)
  const pending: Promise<void>[] = []
  for (const nodeId of order) {
    const definition = definitionOf(nodeId)
    const notThawed = frozen.problems.get(nodeId)
    if (notThawed) add(nodeId, notThawed)
    else if (isFrozen(nodeId)) continue
    else if (definition) {
      const values: Record<string, unknown> = {}
      literals.set(nodeId, values)
      checkInputs(prompt, nodeId, definition, definitionOf, values, problem => add(nodeId, problem))
      for (const [name, validate] of definition.validate) {
        if (!Object.hasOwn(values, name)) continue
        const input = definition.inputs.get(name)
        pending.push(
          validate(values[name], services).then(wrong => {
            if (wrong) add(nodeId, customProblem(name, input, values[name], wrong))
          }),
        )
      }
    } else add(nodeId, unknownType(prompt, nodeId))
  }
  await Promise.all(pending)
  const sending = frozen.pinned.size > 0 ? order.filter(nodeId => !isFrozen(nodeId)) : order
  for (const [nodeId, problems] of (await services.foretell?.({ prompt, order: sending, literals })) ?? []) {
    for (const problem of problems) {
      if (!problem.isWarning) add(nodeId, problem)
      else
        warnings.push({
          ...problem,
          nodeId,
          nodeType: prompt[nodeId]?.class_type ?? '',
          dependentOutputs: [],
        })
    }
  }

  const bad = new Set<string>(cycles.flat())
  for (const nodeId of order) {
    if (found.has(nodeId) || graph.sourcesOf(nodeId).some(source => bad.has(source))) bad.add(nodeId)
  }
  const good = outputs.filter(nodeId => !bad.has(nodeId))
  const rootsBehind = found.size > 0 ? findRootsBehind(graph, roots, order, cycles) : undefined
  const problems = [...found].flatMap(([nodeId, list]) => {
    const dependentOutputs = rootsBehind?.(nodeId) ?? []
    const nodeType = prompt[nodeId]?.class_type ?? ''
    return list.map((problem): Problem => ({ ...problem, nodeId, nodeType, dependentOutputs }))
  })
  return {
    prompt,
    graph,
    problems,
    warnings,
    outputs: good,
    failedOutputs: [...outputs.filter(nodeId => bad.has(nodeId)), ...strangers],
    order: good.length === outputs.length && strangers.length === 0 ? order : graph.sorted(good).order,
    frozen: frozen.pinned,
    forced: forcedNodes(options.force, graph, ids, frozen.pinned),
    literals,
  }
}

function forcedNodes(
  force: Force | undefined,
  graph: Graph,
  ids: readonly string[],
  frozen: ReadonlyMap<string, Pinned>,
): ReadonlySet<string> {
  if (force === undefined) return new Set()
  const known = new Set(ids)
  const asked = force === true ? ids.filter(nodeId => !frozen.has(nodeId)) : force.filter(id => known.has(id))
  return graph.dependents(asked)
}

/**
 * Answers which of `roots` depend on a node. Each node takes over what its consumers found, and along a chain all share one set: a walk
 * from every bad node would grow with the square.
 */
function findRootsBehind(
  graph: Graph,
  roots: readonly string[],
  order: readonly string[],
  cycles: readonly (readonly string[])[],
): (nodeId: string) => readonly string[] {
  const position = new Map(roots.map((nodeId, index) => [nodeId, index]))
  const onCycle = new Set(cycles.flat())
  const behind = new Map<string, ReadonlySet<string>>()
  for (const nodeId of order.toReversed()) {
    // On a cycle no order is right; there it is walked.
    const consumers = onCycle.has(nodeId) ? [] : graph.consumersOf(nodeId)
    const sets = new Set(consumers.flatMap(consumer => behind.get(consumer) ?? []))
    const own = onCycle.has(nodeId) ? graph.dependents([nodeId]) : [nodeId]
    for (const id of own) if (position.has(id)) sets.add(new Set([id]))
    const [first = new Set<string>(), ...others] = sets
    behind.set(nodeId, others.length === 0 ? first : new Set([first, ...others].flatMap(set => [...set])))
  }
  const placeOf = (nodeId: string) => position.get(nodeId) ?? 0
  return nodeId => [...(behind.get(nodeId) ?? [])].sort((a, b) => placeOf(a) - placeOf(b))
}

function checkInputs(
  prompt: Prompt,
  nodeId: string,
  definition: NodeDefinition,
  definitionOf: (nodeId: string) => NodeDefinition | undefined,
  values: Record<string, unknown>,
  add: (problem: NodeProblem) => void,
): void {
  const given = prompt[nodeId]?.inputs ?? {}
  for (const [name, input] of inputsFor(definition, given)) {
    if (!Object.hasOwn(given, name)) {
      if (!input.optional) add(missingInput(name))
      continue
    }
    const value = given[name]
    if (Array.isArray(value)) {
      const problem = checkLink(prompt, name, input, value, definitionOf)
      if (problem) add(problem)
      continue
    }
    const checked = checkLiteral(name, input, value, { checkList: !definition.validate.has(name) })
    if ('problem' in checked) add(checked.problem)
    else values[name] = checked.value
  }
}

function checkLink(
  prompt: Prompt,
  name: string,
  input: Input<unknown>,
  value: unknown,
  definitionOf: (nodeId: string) => NodeDefinition | undefined,
): NodeProblem | undefined {
  const extra = { input_name: name, input_config: inputConfig(input) }
  if (!isPromptLink(value)) {
    return {
      code: 'bad_linked_input',
      message: 'Bad linked input, must be a length-2 list of [node_id, slot_index]',
      details: name,
      input: name,
      extra: { ...extra, received_value: value },
    }
  }
  const [sourceId, slot] = value
  const during = (details: string, type: string, hint: string): NodeProblem => ({
    code: 'exception_during_validation',
    message: 'Exception when validating node',
    details,
    input: name,
    hint,
    extra: { exception_type: type, traceback: [] },
  })
  if (!Object.hasOwn(prompt, sourceId)) {
    return during(`'${sourceId}'`, 'KeyError', `"${name}" is linked to node ${sourceId}, which is not there.`)
  }
  const source = definitionOf(sourceId)
  if (!source) return undefined
  const output = source.outputs[slot]
  if (!output) {
    return during(
      'tuple index out of range',
      'IndexError',
      `"${name}" is linked to output ${slot} of node ${sourceId} (${source.type}), which has only ${source.outputs.length}.`,
    )
  }
  if (typesMatch(output.type, input)) return undefined
  const wanted = typeof input.spec === 'string' ? input.spec : 'COMBO'
  return {
    code: 'return_type_mismatch',
    message: 'Return type mismatch between linked nodes',
    details: `${name}, received_type(${output.type}) mismatch input_type(${wanted})`,
    input: name,
    extra: { ...extra, received_type: output.type, linked_node: value },
    hint: `"${name}" takes ${wanted}; output "${output.name}" of node ${sourceId} (${source.type}) gives ${output.type}.`,
  }
}

/** Equal, either any, or a common member of comma lists (ComfyUI: validate_node_input). */
function typesMatch(received: string, input: Input<unknown>): boolean {
  if (typeof input.spec !== 'string') return ['*', 'COMBO', ...input.acceptsLinks].includes(received)
  if (received === '*' || input.spec === '*' || received === input.spec) return true
  const taken = [...input.spec.split(','), ...input.acceptsLinks].map(type => type.trim())
  return received.split(',').some(type => taken.includes(type.trim()))
}

function missingInput(name: string): NodeProblem {
  return {
    code: 'required_input_missing',
    message: 'Required input is missing',
    details: name,
    input: name,
    hint: `Connect something to "${name}", or give it a value.`,
    extra: { input_name: name },
  }
}

function customProblem(
  name: string,
  input: Input<unknown> | undefined,
  value: unknown,
  wrong: { message: string; hint?: string },
): NodeProblem {
  return {
    code: 'custom_validation_failed',
    message: 'Custom validation failed for node',
    details: `${name} - ${wrong.message}`,
    input: name,
    ...(wrong.hint !== undefined && { hint: wrong.hint }),
    extra: { input_name: name, input_config: input ? inputConfig(input) : null, received_value: value },
  }
}

function unknownType(prompt: Prompt, nodeId: string): NodeProblem {
  const node = prompt[nodeId]
  const type = node?.class_type ?? ''
  const title = node?._meta?.title ?? type
  return {
    code: 'missing_node_type',
    message: `Node '${title}' not found. The custom node may not be installed.`,
    details: `Node ID '#${nodeId}'`,
    hint: needsGpu(type)
      ? `"${type}" needs a GPU: run it in the cloud workflow. Everything that does not need it still runs.`
      : `"${type}" cannot run here. Everything that does not need it still runs. ${importHint(type)}`.trimEnd(),
    extra: { node_id: nodeId, class_type: node?.class_type ?? null, node_title: title },
  }
}

/** Nodes of ComfyUI_RH_OpenAPI are made of a registry, which its owner can bring. */
function importHint(type: string): string {
  return /^RH_[A-Z]/.test(type)
    ? 'Should it be a standard model, add its registry with "rh-bridge models import FILE|URL" or in the settings.'
    : ''
}

function reportCycle(
  prompt: Prompt,
  cycle: readonly string[],
  add: (nodeId: string, problem: NodeProblem) => void,
): void {
  const [first] = cycle
  if (first === undefined) return
  const name = (nodeId: string) => `${nodeId} (${prompt[nodeId]?.class_type ?? ''})`
  add(first, {
    code: 'dependency_cycle',
    message: 'Dependency cycle detected',
    details: [...cycle, first].map(name).join(' -> '),
    hint: 'These nodes feed each other in a circle: cut one of the links.',
    extra: { node_id: first, cycle_nodes: [...cycle, first] },
  })
}
