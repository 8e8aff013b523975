import { type NodeContext, NodeError, type RemoteTask } from '../../nodes/context.ts'
import type { Ui } from '../../nodes/define-node.ts'
import { InterruptedError } from '../shared/abort.ts'
import { BridgeError, diskError, messageOf } from '../shared/errors.ts'
import { isPromptLink, type PromptNode } from '../shared/prompt.ts'
import { callNode, collectInputs, neededInputs } from './call-node.ts'
import { nodesInLoops } from './each.ts'
import { idsOf, takeFromCache } from './from-cache.ts'
import { createProgressGate } from './progress.ts'
import { lazySources, runSchedule } from './schedule.ts'
import { signatureOfCall, signaturesOf } from './signature.ts'
import { createStops } from './stop.ts'
import type {
  ErrorReport,
  ExecutorServices,
  NodeResult,
  RunControl,
  RunEvent,
  RunNews,
  RunResult,
} from './types.ts'
import type { CheckedPrompt } from './validate.ts'

export type RunOptions = {
  readonly runId: string
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
  /** Hands over what can be done to the run while it goes on. */
  readonly onStart?: (control: RunControl) => void
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
  const startedAt = clock.ticks()
  const emit = (event: RunNews) => {
    onEvent({ ...event, runId, at: clock.now() })
  }
  const signatures = await signaturesOf(checked, services, runId)
  const results = new Map<string, NodeResult>()
  const toRun = takeFromCache(checked, signatures, services.cache, results)
  const run = createRun(checked, services, options, { signatures, results, emit })

  emit({ type: 'run-started', nodeIds: checked.order })
  const running = new Set(toRun)
  const cached = checked.order.filter(nodeId => !running.has(nodeId))
  emit({ type: 'nodes-cached', nodeIds: cached, resultIds: idsOf(cached, checked, signatures, services) })
  for (const nodeId of checked.outputs) {
    const result = running.has(nodeId) ? undefined : results.get(nodeId)
    const frozen = checked.frozen.has(nodeId)
    if (result) run.finish(nodeId, result, { cached: true, frozen, durationMs: 0 })
  }
  await run.all(toRun)
  run.release()

  const status = signal.aborted
    ? 'interrupted'
    : run.errors.length > 0 || checked.failedOutputs.length > 0
      ? 'error'
      : 'success'
  const durationMs = Math.round(clock.ticks() - startedAt)
  emit({ type: 'run-finished', status, durationMs })
  const outputs = new Map<string, Ui>()
  // Also of nodes that are no outputs but left files or words (ComfyUI: history holds every node's ui).
  for (const nodeId of checked.order) {
    const ui = run.finished.has(nodeId) ? results.get(nodeId)?.ui : undefined
    if (ui) outputs.set(nodeId, ui)
  }
  return { runId, status, durationMs, outputs, errors: run.errors, tasks: [...run.tasks.values()] }
}

type Ending = { cached: boolean; frozen: boolean; durationMs: number; resultId?: string }

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
  const stops = createStops(signal)
  const loose = new Set<string>()
  /** Of these, what gave something else than it will give for the same inputs another time, and what is made of that. */
  const once = new Set<string>()

  function finish(nodeId: string, result: NodeResult, how: Ending): void {
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
    const startedAt = services.clock.ticks()
    emit({ type: 'node-started', nodeId })
    let isOver = false
    try {
      const lists = collectInputs(node, definition, checked.literals.get(nodeId) ?? {}, id => results.get(id))
      const signature = parts.signatures.get(nodeId)
      const isForced = checked.forced.has(nodeId)
      const sources = checked.graph.sourcesOf(nodeId)
      const isFedOnce = sources.some(source => once.has(source))
      const context: Omit<NodeContext, 'signal'> = {
        nodeId,
        work: { runId: options.runId, signature, call: 0, isForced },
        report: createProgressGate(services.clock, progress => {
          // A node that goes on after a stop, or in a call beside a failed one, is no longer news.
          if (!isOver) emit({ type: 'node-progressed', nodeId, progress })
        }),
        preview: picture => {
          if (!isOver) emit({ type: 'node-previewed', nodeId, picture })
        },
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
      }
      // A node that does not hear the signal must not hold up the stop.
      const result = await stops.race(nodeId, stop =>
        callNode(
          definition,
          lists,
          { ...context, signal: stop },
          {
            isInLoop: inLoops.has(nodeId),
            ...(isFedOnce &&
              signature !== undefined && {
                signatureOf: given => signatureOfCall(signature, node, definition, given),
              }),
          },
        ),
      )
      // Without a signature, or of no use for another run, or made of such: never used again by itself, only by whoever freezes it.
      const isLoose =
        signature === undefined || result.isKept === false || sources.some(source => loose.has(source))
      if (result.isForOnce || isFedOnce) once.add(nodeId)
      if (isLoose) loose.add(nodeId)
      const [name, keepMs] = isLoose ? [`${options.runId}/${nodeId}`, 0] : [signature, definition.cacheForMs]
      services.cache.set(name, result, keepMs)
      const resultId = services.cache.idOf?.(name)
      const durationMs = Math.round(services.clock.ticks() - startedAt)
      finish(nodeId, result, {
        ...{ cached: false, frozen: false, durationMs },
        ...(resultId !== undefined && { resultId }),
      })
      return true
    } catch (error) {
      // Stopping the run is not failing; a paid task stands in the tasks.
      if (!signal.aborted) fail(nodeId, error instanceof NodeStopped ? stoppedByPerson(nodeId) : error)
      return false
    } finally {
      isOver = true
    }
  }

  function stoppedByPerson(nodeId: string): BridgeError {
    const own = [...tasks.values()].filter(task => task.nodeId === nodeId)
    const [task, ...others] = own
    return new BridgeError('Stopped by you.', {
      code: 'stopped',
      hint: task
        ? 'RunningHub is told to end its task. Should it be done already, its result is kept. Run again to go on.'
        : 'Run again to go on.',
      ...(task && others.length === 0 && { taskId: task.taskId }),
    })
  }

  const definitionOf = (nodeId: string) =>
    services.catalogue.find(checked.prompt[nodeId]?.class_type ?? '')?.definition

  const inLoops = nodesInLoops(checked, definitionOf)

  async function all(toRun: readonly string[]): Promise<void> {
    const schedule = runSchedule({
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
    options.onStart?.({
      stopNode(nodeId) {
        if (signal.aborted) return false
        if (stops.stop(nodeId, new NodeStopped())) return true
        return schedule.drop(nodeId, () => fail(nodeId, stoppedByPerson(nodeId)))
      },
    })
    await schedule.over
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

  return { all, finish, release: stops.release, errors, tasks, finished }
}

/** Why a single node ends when somebody stops it. */
class NodeStopped extends InterruptedError {}

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
function reportOf(nodeId: string, nodeType: string, thrown: unknown): ErrorReport {
  const error =
    thrown instanceof BridgeError || thrown instanceof NodeError ? thrown : (diskError(thrown) ?? thrown)
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
