import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { SavedFile } from '../../nodes/context.ts'
import type { Language } from '../../words/index.ts'
import { kindOf } from '../assets/index.ts'
import { comfyUi } from '../comfy/ui.ts'
import type { EndedRun } from '../notifications.ts'
import type { StoredRun } from '../queue/index.ts'
import { writeJson } from '../shared/lossless-json.ts'
import type { TaskReport } from '../wiring/index.ts'
import type { runSchema, runSummarySchema } from './bridge-schemas.ts'
import { told } from './language.ts'

/** One line of /bridge/runs. */
export function runSummary(run: StoredRun): z.infer<typeof runSummarySchema> {
  return {
    id: run.id,
    status: run.state === 'done' ? (run.status ?? 'error') : run.state,
    number: run.number,
    name: nameOf(run),
    shape: shapeOf(run.prompt),
    createdAt: run.createdAt,
    startedAt: run.startedAt ?? null,
    finishedAt: run.finishedAt ?? null,
    files: Object.entries(run.outputs ?? {}).flatMap(([nodeId, ui]) =>
      Object.values(ui).flatMap(items => items.filter(isFile).map(file => describeFile(nodeId, file))),
    ),
    tasks: (run.tasks ?? []).map(task => ({ ...task })),
  }
}

/** /bridge/runs/{id}: with nodes, texts, errors and the graph. */
export function runDetails(
  run: StoredRun,
  reports: readonly TaskReport[],
  language: Language,
): z.infer<typeof runSchema> {
  const cached = new Set(run.cachedNodes ?? [])
  const executed = new Set(run.executedNodes ?? [])
  const failed = new Set((run.errors ?? []).map(error => error.nodeId))
  const skipped = new Set(run.skippedNodes ?? [])
  const info = run.extra.extra_pnginfo
  const state = (nodeId: string) => {
    if (failed.has(nodeId)) return 'failed' as const
    if (executed.has(nodeId)) return 'done' as const
    if (cached.has(nodeId)) return 'cached' as const
    if (run.atWork?.has(nodeId)) return 'running' as const
    return run.state === 'done' || skipped.has(nodeId) ? ('not run' as const) : ('waiting' as const)
  }
  return {
    ...runSummary(run),
    nodes: Object.entries(run.prompt).map(([nodeId, node]) => ({
      nodeId,
      type: node.class_type,
      title: node._meta?.title ?? null,
      state: state(nodeId),
      ...run.atWork?.get(nodeId),
      frozen: node._meta?.frozen !== undefined && state(nodeId) === 'cached',
    })),
    texts: Object.entries(run.outputs ?? {}).flatMap(([nodeId, ui]) =>
      Object.values(comfyUi(ui)).flatMap(items =>
        items.flatMap(item => (typeof item === 'string' ? [{ nodeId, text: item }] : [])),
      ),
    ),
    errors: (run.errors ?? []).map(error => ({
      nodeId: error.nodeId,
      nodeType: error.nodeType,
      ...told(error, language),
      taskId: error.taskId ?? null,
    })),
    journal: reports.map(report => ({ ...report, events: [...report.events] })),
    cached: [...cached],
    prompt: run.prompt,
    workflow:
      typeof info === 'object' && info !== null && !Array.isArray(info) ? (info.workflow ?? null) : null,
  }
}

/** What is told of a run at its end (--notify-url). */
export function endOfRun(run: StoredRun): EndedRun {
  const { id, name, status, startedAt, finishedAt, files, tasks } = runSummary(run)
  return {
    ...{ id, name, status },
    durationMs: startedAt === null || finishedAt === null ? null : finishedAt - startedAt,
    outputs: files
      .filter(({ type }) => type === 'output')
      .map(({ nodeId, filename, subfolder, kind, bytes, sha256 }) => ({
        ...{ nodeId, filename, subfolder, kind, bytes, sha256 },
      })),
    errors: (run.errors ?? []).map(({ nodeId, nodeType, code, message, hint = null, taskId = null }) => ({
      ...{ nodeId, nodeType, code, message, hint, taskId },
    })),
    tasks: tasks.map(task => ({
      ...{ nodeId: task.nodeId, taskId: task.taskId, status: task.status },
      ...{ coins: task.coins, money: task.money },
    })),
  }
}

const longestName = 200

/** What the client calls the workflow: `extra_data.bridge.name`. */
function nameOf({ extra }: StoredRun): string | null {
  const own = extra.bridge
  const name = typeof own === 'object' && own !== null && !Array.isArray(own) ? own.name : undefined
  return typeof name === 'string' && name.trim() !== '' ? name.trim().slice(0, longestName) : null
}

/**
 * What runs that take about as long have in common: the same nodes calling the same cloud workflows. Short, and says nothing of what
 * the graph holds.
 */
function shapeOf(prompt: StoredRun['prompt']): string {
  const nodes = Object.entries(prompt)
    .map(([id, { class_type, inputs }]) => [
      id,
      class_type,
      ...Object.values(inputs).filter(value => typeof value === 'string' && /^\d{16,20}$/.test(value)),
    ])
    .sort(([a = ''], [b = '']) => (String(a) < String(b) ? -1 : 1))
  return createHash('sha256').update(writeJson(nodes)).digest('base64url').slice(0, 12)
}

function isFile(item: unknown): item is SavedFile {
  return typeof item === 'object' && item !== null && 'asset' in item
}

function describeFile(nodeId: string, file: SavedFile) {
  const { filename, subfolder, type, asset } = file
  return {
    nodeId,
    filename,
    subfolder,
    type,
    kind: kindOf(asset),
    bytes: asset.sizeBytes,
    sha256: asset.sha256,
    path: asset.path,
  }
}
