import type { ErrorReport } from '../executor/index.ts'
import type { StoredRun } from '../queue/index.ts'
import { isPromptLink } from '../shared/prompt.ts'

/** A ComfyUI message: its type and its data. */
export type ComfyMessage = readonly [type: string, data: Readonly<Record<string, unknown>>]

export function executionStart(run: StoredRun): ComfyMessage {
  return ['execution_start', { prompt_id: run.id, timestamp: run.startedAt ?? run.createdAt }]
}

export function executionCached(run: StoredRun, nodes: readonly string[], timestamp: number): ComfyMessage {
  return ['execution_cached', { nodes, prompt_id: run.id, timestamp }]
}

/** How a run ended (ComfyUI: execution_success, execution_error, execution_interrupted). */
export function executionEnd(run: StoredRun): ComfyMessage {
  const timestamp = run.finishedAt ?? run.createdAt
  const executed = [...(run.cachedNodes ?? []), ...(run.executedNodes ?? [])]
  if (run.status === 'success') return ['execution_success', { prompt_id: run.id, timestamp }]
  if (run.status === 'interrupted') {
    const nodeId = runningNode(run, new Set(executed)) ?? null
    return [
      'execution_interrupted',
      {
        prompt_id: run.id,
        node_id: nodeId,
        node_type: nodeId === null ? null : (run.prompt[nodeId]?.class_type ?? null),
        executed,
        timestamp,
      },
    ]
  }
  const [error] = run.errors ?? []
  return ['execution_error', { ...errorData(run, error), executed, timestamp }]
}

/** All status messages of a finished run, as its history entry keeps them. */
export function historyMessages(run: StoredRun): readonly ComfyMessage[] {
  return [
    executionStart(run),
    executionCached(run, run.cachedNodes ?? [], run.startedAt ?? run.createdAt),
    executionEnd(run),
  ]
}

/**
 * The node a stopped run was at: one that an output needs and whose sources were all there, since every such node is started at once.
 */
function runningNode(run: StoredRun, executed: ReadonlySet<string>): string | undefined {
  const seen = new Set<string>(run.outputsToRun)
  const open = [...run.outputsToRun]
  for (let nodeId = open.pop(); nodeId !== undefined; nodeId = open.pop()) {
    if (executed.has(nodeId)) continue
    const missing = Object.values(run.prompt[nodeId]?.inputs ?? {}).flatMap(value =>
      isPromptLink(value) && !executed.has(value[0]) ? [value[0]] : [],
    )
    if (missing.length === 0) return nodeId
    for (const source of missing) {
      if (seen.has(source)) continue
      seen.add(source)
      open.push(source)
    }
  }
  return undefined
}

function errorData(run: StoredRun, error: ErrorReport | undefined): Record<string, unknown> {
  const nodeId = error?.nodeId || null
  const advice = error?.hint === undefined ? '' : `\n${error.hint}`
  const task = error?.taskId === undefined ? '' : `\nRunningHub task ${error.taskId}`
  const [message = '', ...traceback] = (error?.message ?? 'The run failed.').split('\n')
  return {
    prompt_id: run.id,
    node_id: nodeId,
    node_type: error?.nodeType ?? '',
    // Clients expect a trailing newline and a dotted class name (ComfyUI: messages).
    exception_message: `${message}${advice}${task}\n`,
    exception_type: `rh_bridge.${error?.code ?? 'run-failed'}`,
    traceback: traceback.map(line => `${line}\n`),
    current_inputs: {},
    current_outputs: [],
  }
}
