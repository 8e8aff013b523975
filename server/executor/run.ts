import { NodeError, type RemoteTask } from '../../nodes/context.ts'
import type { Ui } from '../../nodes/define-node.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'
import { isPromptLink, type PromptNode } from '../shared/prompt.ts'
import { callNode, collectInputs, neededInputs } from './call-node.ts'
import { createProgressGate } from './progress.ts'
import { lazySources, runSchedule } from './schedule.ts'
import { signaturesOf } from './signature.ts'
import { createStop } from './stop.ts'
import type { ErrorReport, ExecutorServices, NodeResult, RunEvent, RunNews, RunResult } from './types.ts'
import type { CheckedPrompt } from './validate.ts'

export type RunOptions = {
  readonly runId: string
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
  /** Makes everything anew; results still go into the cache. */
  readonly ignoreCache?: boolean
}

/**
 * Runs what the good outputs of a checked prompt need. Every node starts as soon as its inputs are there, so independent
 * branches run side by side; a failed node stops only what depends on it. When the signal is aborted the run ends at once: nodes
 * have the signal too and clean up on their own. Never rejects for what a node did.
 */
export async function runPrompt(
  checked: CheckedPrompt,
  services: ExecutorServices,
  options: RunOptions,
): Promise<RunResult> {
  const { runId, signal, onEvent } = options
  const { clock } = services
  const startedAt = clock.now()
  const emit = (event: RunNews) => {
    onEvent({ ...event, runId, at: clock.now() })
  }
  const signatures = await signaturesOf(checked, services)
  const results = new Map<string, NodeResult>()
  const toRun = options.ignoreCache
    ? checked.order
    : takeFromCache(checked, signatures, services.cache, results)
  const run = createRun(checked, services, options, { signatures, results, emit })

  emit({ type: 'run-started', nodeIds: checked.order })
  const running = new Set(toRun)
  const cached = checked.order.filter(nodeId => !running.has(nodeId))
  emit({ type: 'nodes-cached', nodeIds: cached })
  for (const nodeId of checked.outputs) {
    const result = running.has(nodeId) ? undefined : results.get(nodeId)
    if (result) run.finish(nodeId, result, { cached: true, durationMs: 0 })
  }
  await run.all(toRun)
  run.release()

  const status = signal.aborted
    ? 'interrupted'
    : run.errors.length > 0 || checked.failedOutputs.length > 0
      ? 'error'
      : 'success'
  const durationMs = clock.now() - startedAt
  emit({ type: 'run-finished', status, durationMs })
  const outputs = new Map<string, Ui>()
  for (const nodeId of checked.outputs) {
    const ui = run.finished.has(nodeId) ? results.get(nodeId)?.ui : undefined
    if (ui) outputs.set(nodeId, ui)
  }
  return { runId, status, durationMs, outputs, errors: run.errors, tasks: [...run.tasks.values()] }
}

/** Walks from the outputs up and stops at whatever the cache knows. Gives the nodes that have to run, sources first. */
function takeFromCache(
  checked: CheckedPrompt,
  signatures: ReadonlyMap<string, string>,
  cache: ExecutorServices['cache'],
  results: Map<string, NodeResult>,
): readonly string[] {
  const needed = new Set<string>()
  const seen = new Set<string>(checked.outputs)
  const open = [...checked.outputs]
  for (let nodeId = open.pop(); nodeId !== undefined; nodeId = open.pop()) {
    const signature = signatures.get(nodeId)
    const result = signature === undefined ? undefined : cache.get(signature)
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

const nothing: ReadonlySet<string> = new Set()

type RunParts = {
  readonly signatures: ReadonlyMap<string, string>
  readonly results: Map<string, NodeResult>
  readonly emit: (event: RunNews) => void
}

function createRun(checked: CheckedPrompt, services: ExecutorServices, options: RunOptions, parts: RunParts) {
  const { results, emit } = parts
  const { signal } = options
  const errors: ErrorReport[] = []
  const tasks = new Map<string, RemoteTask & { nodeId: string }>()
  const finished = new Set<string>()
  const inRun = new Set(checked.order)
  const stop = createStop(signal)

  function finish(nodeId: string, result: NodeResult, how: { cached: boolean; durationMs: number }): void {
    results.set(nodeId, result)
    finished.add(nodeId)
    emit({ type: 'node-finished', nodeId, ...(result.ui && { ui: result.ui }), ...how })
  }

  function fail(nodeId: string, error: unknown): void {
    const report = reportOf(nodeId, checked.prompt[nodeId]?.class_type ?? '', error)
    errors.push(report)
    emit({ type: 'node-failed', nodeId, error: report })
  }

  async function runNode(nodeId: string): Promise<boolean> {
    const node = checked.prompt[nodeId]
    const definition = definitionOf(nodeId)
    if (!node || !definition) return false
    const startedAt = services.clock.now()
    emit({ type: 'node-started', nodeId })
    let isOver = false
    try {
      const lists = collectInputs(node, definition, checked.literals.get(nodeId) ?? {}, id => results.get(id))
      const work = callNode(definition, lists, {
        nodeId,
        work: {
          runId: options.runId,
          signature: parts.signatures.get(nodeId),
          call: 0,
          isForced: options.ignoreCache ?? false,
        },
        signal,
        report: createProgressGate(services.clock, progress => {
          // A node that goes on after a stop, or in a call beside a failed one, is no longer news.
          if (!isOver) emit({ type: 'node-progressed', nodeId, progress })
        }),
        reportTask: task => {
          tasks.set(task.taskId, { ...task, nodeId })
          emit({ type: 'node-task-changed', nodeId, task })
        },
        linkedType: input => typeOfSource(checked, services, node, input),
        isTaken: output =>
          isTaken(
            checked,
            inRun,
            nodeId,
            definition.outputs.findIndex(o => o.name === output),
          ),
        assets: services.assets,
        cloud: services.cloud,
      })
      // A node that does not hear the signal must not hold up the stop.
      const result = await stop.race(work)
      finish(nodeId, result, { cached: false, durationMs: services.clock.now() - startedAt })
      const signature = parts.signatures.get(nodeId)
      if (signature !== undefined) services.cache.set(signature, result, definition.cacheForMs)
      return true
    } catch (error) {
      // Stopping is not failing; a paid task stands in the tasks.
      if (!signal.aborted) fail(nodeId, error)
      return false
    } finally {
      isOver = true
    }
  }

  const definitionOf = (nodeId: string) =>
    services.catalogue.find(checked.prompt[nodeId]?.class_type ?? '')?.definition

  async function all(toRun: readonly string[]): Promise<void> {
    await runSchedule({
      graph: checked.graph,
      toRun,
      wanted: checked.outputs,
      lazySourcesOf(nodeId) {
        const node = checked.prompt[nodeId]
        const definition = definitionOf(nodeId)
        if (!node || !definition?.hasLazyInputs) return nothing
        return lazySources(node, input => definition.inputs.get(input)?.options.lazy === true)
      },
      asksFor: nodeId => askedSources(nodeId),
      run: runNode,
      skip: (nodeId, failedNodeId) => emit({ type: 'node-skipped', nodeId, failedNodeId }),
      isStopped: () => signal.aborted,
    })
  }

  function askedSources(nodeId: string): readonly string[] {
    const node = checked.prompt[nodeId]
    const definition = definitionOf(nodeId)
    if (!node || !definition) return []
    try {
      const lists = collectInputs(node, definition, checked.literals.get(nodeId) ?? {}, id => results.get(id))
      return [...neededInputs(node, definition, lists)].flatMap(input => {
        const value = node.inputs[input]
        return isPromptLink(value) ? [value[0]] : []
      })
    } catch {
      // What is wrong with its inputs the node says itself, when it runs.
      return []
    }
  }

  return { all, finish, release: stop.release, errors, tasks, finished }
}

function typeOfSource(
  checked: CheckedPrompt,
  services: ExecutorServices,
  node: PromptNode,
  input: string,
): string | undefined {
  const value = node.inputs[input]
  if (!isPromptLink(value)) return undefined
  const source = checked.prompt[value[0]]
  return source && services.catalogue.find(source.class_type)?.definition.outputs[value[1]]?.type
}

function isTaken(checked: CheckedPrompt, inRun: ReadonlySet<string>, nodeId: string, slot: number): boolean {
  return checked.graph
    .consumersOf(nodeId)
    .some(
      consumer =>
        inRun.has(consumer) &&
        Object.values(checked.prompt[consumer]?.inputs ?? {}).some(
          value => isPromptLink(value) && value[0] === nodeId && value[1] === slot,
        ),
    )
}

/** What is told of anything thrown: the product's own errors whole, everything else as an internal failure of that node. */
function reportOf(nodeId: string, nodeType: string, error: unknown): ErrorReport {
  if (error instanceof BridgeError || error instanceof NodeError) {
    return {
      nodeId,
      nodeType,
      code: error.code,
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
      ...('taskId' in error && error.taskId !== undefined && { taskId: error.taskId }),
    }
  }
  return {
    nodeId,
    nodeType,
    code: 'node-failed',
    message: messageOf(error),
    hint: 'This is not expected. Run again; if it stays, report it with the workflow file.',
  }
}
