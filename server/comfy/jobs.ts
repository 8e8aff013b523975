import type { StoredRun } from '../queue/index.ts'
import { historyMessages } from './status.ts'
import { comfyUi } from './ui.ts'

/** A queue item (ComfyUI: GET /queue): number, id, prompt, extra_data, outputs. */
export function queueItem(run: StoredRun): readonly unknown[] {
  return [run.number, run.id, run.prompt, extraData(run), run.outputsToRun]
}

/** A history entry (ComfyUI: GET /history). */
export function historyEntry(run: StoredRun): Record<string, unknown> {
  const outputs = Object.entries(run.outputs ?? {})
  return {
    prompt: queueItem(run),
    outputs: Object.fromEntries(outputs.map(([nodeId, ui]) => [nodeId, comfyUi(ui)])),
    status: executionStatus(run),
    meta: Object.fromEntries(
      outputs.map(([nodeId]) => [
        nodeId,
        { node_id: nodeId, display_node: nodeId, parent_node: null, real_node_id: nodeId },
      ]),
    ),
  }
}

/** One line of GET /api/jobs (ComfyUI: jobs). Null fields are left out. */
export function jobSummary(run: StoredRun): Record<string, unknown> {
  const [error] = run.errors ?? []
  const files = jobFiles(run)
  const preview = files.find(file => file.type === 'output') ?? files[0]
  return {
    id: run.id,
    status: jobStatus(run),
    priority: run.number,
    create_time: run.createdAt,
    ...(run.startedAt !== undefined && { execution_start_time: run.startedAt }),
    ...(run.finishedAt !== undefined && { execution_end_time: run.finishedAt }),
    ...(error && {
      execution_error: {
        node_id: error.nodeId,
        node_type: error.nodeType,
        exception_message: error.message,
        exception_type: `rh_bridge.${error.code}`,
        traceback: [],
      },
    }),
    outputs_count: files.length,
    ...(preview && { preview_output: preview }),
    ...(workflowId(run) !== undefined && { workflow_id: workflowId(run) }),
  }
}

/** GET /api/jobs/{id}. */
export function jobDetails(run: StoredRun): Record<string, unknown> {
  const { outputs } = historyEntry(run)
  return {
    ...jobSummary(run),
    outputs,
    ...(run.state === 'done' && { execution_status: executionStatus(run) }),
    workflow: { prompt: run.prompt, extra_data: extraData(run) },
  }
}

export type JobStatus = 'pending' | 'in_progress' | 'completed' | 'failed' | 'cancelled'

export function jobStatus(run: StoredRun): JobStatus {
  if (run.state === 'waiting') return 'pending'
  if (run.state === 'running') return 'in_progress'
  return run.status === 'success' ? 'completed' : run.status === 'interrupted' ? 'cancelled' : 'failed'
}

export function workflowId(run: StoredRun): string | undefined {
  const info = run.extra.extra_pnginfo
  const workflow =
    typeof info === 'object' && info !== null && !Array.isArray(info) ? info.workflow : undefined
  const id =
    typeof workflow === 'object' && workflow !== null && !Array.isArray(workflow) ? workflow.id : undefined
  return typeof id === 'string' ? id : undefined
}

function executionStatus(run: StoredRun): Record<string, unknown> {
  return {
    status_str: run.status === 'success' ? 'success' : 'error',
    completed: run.status === 'success',
    messages: historyMessages(run),
  }
}

function extraData(run: StoredRun): Record<string, unknown> {
  return {
    ...run.extra,
    ...(run.clientId !== undefined && { client_id: run.clientId }),
    create_time: run.createdAt,
  }
}

type JobFile = { type: string; nodeId: string; mediaType: string; [key: string]: unknown }

function jobFiles(run: StoredRun): JobFile[] {
  return Object.entries(run.outputs ?? {}).flatMap(([nodeId, ui]) =>
    Object.entries(comfyUi(ui)).flatMap(([mediaType, items]) =>
      items.flatMap((item): JobFile[] => {
        if (typeof item === 'string') {
          const content = item.slice(0, 1024)
          return [
            {
              content,
              nodeId,
              mediaType: 'text',
              type: 'text',
              ...(item.length > 1024 && { truncated: true }),
            },
          ]
        }
        return typeof item === 'object' && item !== null
          ? [{ ...(item as { type: string }), nodeId, mediaType }]
          : []
      }),
    ),
  )
}
