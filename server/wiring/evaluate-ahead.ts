import type { NodeContext } from '../../nodes/context.ts'
import { type ForetoldTask, inputsFor, type NodeDefinition, notYetKnown } from '../../nodes/define-node.ts'
import type { NodeInfo, RunningHubSettings } from '../../nodes/values.ts'
import { isPromptLink, type Prompt } from '../shared/prompt.ts'

export type Facts = {
  readonly prompt: Prompt
  readonly order: readonly string[]
  readonly literals: ReadonlyMap<string, Readonly<Record<string, unknown>>>
}

/** Runs a prompt's pure nodes before it runs, and collects the tasks that the graph will come to and which node made each item. */
export async function evaluateAhead(
  facts: Facts,
  definitionOf: (nodeId: string) => NodeDefinition | undefined,
) {
  const outputs = new Map<string, readonly unknown[]>()
  const tasks = new Map<string, ForetoldTask>()
  const makers = new Map<NodeInfo | RunningHubSettings, string>()
  for (const nodeId of facts.order) {
    const node = facts.prompt[nodeId]
    const definition = definitionOf(nodeId)
    if (!node || !definition || !(definition.isPure || definition.foretell)) continue
    const call: { inputs: Record<string, unknown>; more: Record<string, unknown> } = { inputs: {}, more: {} }
    for (const name of inputsFor(definition, node.inputs).keys()) {
      const value = node.inputs[name]
      if (value === undefined) continue
      const known = isPromptLink(value)
        ? (outputs.get(value[0])?.[value[1]] ?? notYetKnown)
        : facts.literals.get(nodeId)?.[name]
      call[definition.inputs.has(name) ? 'inputs' : 'more'][name] = known
    }
    try {
      if (definition.isPure) {
        const given = await definition.execute({ ...call, ...noContext(nodeId) })
        const values = definition.outputs.map(({ name, isList }) => (isList ? notYetKnown : given[name]))
        outputs.set(nodeId, values)
        for (const item of values.flat()) {
          if ((isNodeInfo(item) || isSettings(item)) && !makers.has(item)) makers.set(item, nodeId)
        }
      }
      const task = definition.foretell?.(call)
      if (task && isWhole(task)) tasks.set(nodeId, task)
    } catch {
      // It depends on what only a run will tell.
    }
  }
  return { tasks, makers }
}

function isWhole(task: ForetoldTask): boolean {
  if (!isSettings(task.settings)) return false
  if (task.kind === 'model') return true
  return Array.isArray(task.nodeInfoList) && task.nodeInfoList.every(isNodeInfo)
}

function isSettings(value: unknown): value is RunningHubSettings {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as RunningHubSettings).targetId === 'string' &&
    typeof (value as RunningHubSettings).apiKey === 'string'
  )
}

function isNodeInfo(value: unknown): value is NodeInfo {
  return typeof value === 'object' && value !== null && 'fieldName' in value && 'nodeId' in value
}

/** A pure node uses none of it; one that does is not pure, and its throwing leaves it unknown. */
function noContext(nodeId: string): NodeContext {
  const none = new Proxy({}, { get: () => () => Promise.reject(new Error('not while checking')) })
  return {
    nodeId,
    work: { runId: '', signature: undefined, call: 0, isForced: false },
    signal: new AbortController().signal,
    report() {},
    preview() {},
    reportTask() {},
    linkedType: () => undefined,
    isTaken: () => true,
    assets: none as NodeContext['assets'],
    cloud: none as NodeContext['cloud'],
  }
}
