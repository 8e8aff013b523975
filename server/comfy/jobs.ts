import type { StoredRun } from '../queue/index.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { historyMessages } from './status.ts'
import { comfyUi } from './ui.ts'

/** A queue item (ComfyUI: GET /queue) as JSON text: number, id, prompt, extra_data, outputs. Prompt and workflow are passed on as they are kept. */
export function queueItemText(run: StoredRun): string {
  const prompt = run.texts?.prompt ?? writeJson(run.prompt)
  const number = writeJson(run.number)
  return `[${number},${writeJson(run.id)},${prompt},${extraText(run)},${writeJson(run.outputsToRun)}]`
}

/** A history entry (ComfyUI: GET /history) as JSON text. */
export function historyEntryText(run: StoredRun): string {
  const meta = Object.keys(run.outputs ?? {}).map(nodeId => [
    nodeId,
    { node_id: nodeId, display_node: nodeId, parent_node: null, real_node_id: nodeId },
  ])
  const rest = { outputs: outputsOf(run), status: executionStatus(run), meta: Object.fromEntries(meta) }
  return `{"prompt":${queueItemText(run)},${writeJson(rest).slice(1)}`
}

function outputsOf(run: StoredRun): Record<string, unknown> {
  return Object.fromEntries(Object.entries(run.outputs ?? {}).map(([nodeId, ui]) => [nodeId, comfyUi(ui)]))
}

/** extra_data with what the server adds to it; what was sent under those names was dropped when the prompt came in. */
function extraText(run: StoredRun): string {
  const sent = run.texts?.extra ?? writeJson(run.extra)
  const added = writeJson({
    ...(run.clientId !== undefined && { client_id: run.clientId }),
    create_time: run.createdAt,
  })
  return sent === '{}' ? added : `${sent.slice(0, -1)},${added.slice(1)}`
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
        exception_message: error.message.split('\n')[0] ?? '',
        exception_type: `rh_bridge.${error.code}`,
        traceback: error.message
          .split('\n')
          .slice(1)
          .map(line => `${line}\n`),
      },
    }),
    outputs_count: files.length,
    ...(preview && { preview_output: preview }),
    ...(run.workflowId !== undefined && { workflow_id: run.workflowId }),
  }
}

/** GET /api/jobs/{id}, as JSON text. */
export function jobDetailsText(run: StoredRun): string {
  const details = writeJson({
    ...jobSummary(run),
    outputs: outputsOf(run),
    ...(run.state === 'done' && { execution_status: executionStatus(run) }),
  })
  const prompt = run.texts?.prompt ?? writeJson(run.prompt)
  return `${details.slice(0, -1)},"workflow":{"prompt":${prompt},"extra_data":${extraText(run)}}}`
}

export type JobStatus = 'pending' | 'in_progress' | 'completed' | 'failed' | 'cancelled'

export function jobStatus(run: StoredRun): JobStatus {
  if (run.state === 'waiting') return 'pending'
  if (run.state === 'running') return 'in_progress'
  return run.status === 'success' ? 'completed' : run.status === 'interrupted' ? 'cancelled' : 'failed'
}

function executionStatus(run: StoredRun): Record<string, unknown> {
  return {
    status_str: run.status === 'success' ? 'success' : 'error',
    completed: run.status === 'success',
    messages: historyMessages(run),
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
