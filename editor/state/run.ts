import type { FileKind, ViewedFile } from '../api/index.ts'

/** One run as the editor follows it. Made of socket messages only; times are the editor's own clock. */
export type RunView = {
  readonly promptId: string
  readonly status: 'queued' | 'running' | 'success' | 'error' | 'interrupted'
  readonly nodes: Readonly<Record<string, NodeRun>>
  readonly outputs: Readonly<Record<string, NodeOutput>>
  readonly error?: RunError
  readonly nodesTotal: number
  readonly startedAt?: number
}

export type Progress = {
  readonly phase: string
  readonly done?: number
  readonly of?: number
  readonly label?: string
  readonly nodesDone?: number
  readonly nodesTotal?: number
  readonly bytes?: number
}

export type RunError = {
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly taskId?: string
  readonly nodeId?: string
}

export type NodeRun = {
  readonly state: 'running' | 'done' | 'cached' | 'failed' | 'skipped' | 'stopped'
  readonly since: number
  readonly progress?: Progress
  readonly durationMs?: number
  readonly taskId?: string
  readonly taskStatus?: string
  readonly coins?: string
  readonly money?: string
  readonly error?: RunError
  /** Of a stopped cloud task: cancelled there, done before and kept, or going on. */
  readonly outcome?: StopOutcome
}

export type StopOutcome = 'cancelled' | 'kept' | 'goes-on'

export type NodeOutput = { readonly files: readonly ResultItem[]; readonly texts: readonly string[] }
export type ResultItem = ViewedFile & { readonly kind: FileKind }

/** What a node ends with that somebody stopped while its run went on. */
export const stoppedCode = 'stopped'

type Message = { readonly type: string; readonly data: Readonly<Record<string, unknown>> }

export function startRun(promptId: string, nodesTotal: number): RunView {
  return { promptId, status: 'queued', nodes: {}, outputs: {}, nodesTotal }
}

/** What a message makes of a run. A message of another run, or of no interest, gives back the same object. */
export function reduceRun(run: RunView, { type, data }: Message, now: number): RunView {
  if (data.prompt_id !== run.promptId) return run
  const nodeId = typeof data.node === 'string' ? data.node : undefined
  switch (type) {
    case 'execution_start':
      return { ...run, status: 'running', startedAt: now }
    case 'execution_cached': {
      const ids = Array.isArray(data.nodes) ? data.nodes.filter(id => typeof id === 'string') : []
      return ids.reduce((next, id) => withNode(next, id, { state: 'cached', since: now }), run)
    }
    case 'executing':
      if (nodeId === undefined) return run
      return withNode({ ...run, status: 'running' }, nodeId, { state: 'running', since: now })
    case 'bridge.progress':
      return nodeId === undefined
        ? run
        : patchNode(run, nodeId, now, {
            state: 'running',
            progress: readProgress(data.progress, run.nodes[nodeId]),
          })
    case 'bridge.task':
      return nodeId === undefined ? run : patchNode(run, nodeId, now, readTask(data.task))
    case 'bridge.finished':
      if (nodeId === undefined) return run
      return patchNode(run, nodeId, now, {
        state: data.cached === true ? 'cached' : 'done',
        ...(typeof data.durationMs === 'number' && { durationMs: data.durationMs }),
      })
    case 'bridge.failed': {
      if (nodeId === undefined) return run
      const error = { ...readError(data.error), nodeId }
      // Somebody wanted it so: the node has not failed, though the run comes to no good end.
      const isStopped = error.code === stoppedCode
      if (isStopped)
        return { ...patchNode(run, nodeId, now, { state: 'stopped' }), error: run.error ?? error }
      return { ...patchNode(run, nodeId, now, { state: 'failed', error }), error: run.error ?? error }
    }
    case 'bridge.skipped':
      return nodeId === undefined ? run : patchNode(run, nodeId, now, { state: 'skipped' })
    case 'executed':
      if (nodeId === undefined) return run
      return { ...run, outputs: { ...run.outputs, [nodeId]: readOutput(data.output) } }
    case 'execution_success':
      return { ...run, status: 'success' }
    case 'execution_error': {
      const error: RunError = run.error ?? {
        code: text(data.exception_type)?.replace('rh_bridge.', '') ?? 'run-failed',
        message: text(data.exception_message)?.trim() ?? '',
        ...(typeof data.node_id === 'string' && { nodeId: data.node_id }),
      }
      return { ...stopRunning(run, now), status: 'error', error }
    }
    case 'execution_interrupted':
      return { ...stopRunning(run, now), status: 'interrupted' }
    default:
      return run
  }
}

export function isOver(run: RunView): boolean {
  return run.status === 'success' || run.status === 'error' || run.status === 'interrupted'
}

/** What became of a stopped node's task, known only after the run. */
export function withOutcome(run: RunView, nodeId: string, outcome: StopOutcome): RunView {
  const node = run.nodes[nodeId]
  return node?.state === 'stopped' ? withNode(run, nodeId, { ...node, outcome }) : run
}

/** The share of a run that is done, between 0 and 1; nodes count alike, what a cloud node has done counts in part. */
export function shareOf(run: RunView): number {
  if (run.nodesTotal === 0) return 0
  const done = Object.values(run.nodes).reduce((sum, node) => {
    if (node.state !== 'running') return sum + 1
    return sum + (nodeShare(node.progress) ?? 0) * 0.9
  }, 0)
  return Math.min(1, done / run.nodesTotal)
}

export function nodeShare(progress: Progress | undefined): number | undefined {
  if (!progress) return undefined
  const { done, of, nodesDone = 0, nodesTotal } = progress
  const inside = done !== undefined && of ? Math.min(1, done / of) : undefined
  if (nodesTotal) return Math.min(1, (nodesDone + (inside ?? 0)) / nodesTotal)
  return inside
}

function stopRunning(run: RunView, now: number): RunView {
  const nodes = Object.fromEntries(
    Object.entries(run.nodes).map(([id, node]): [string, NodeRun] => [
      id,
      node.state === 'running' ? { ...node, state: 'stopped', durationMs: now - node.since } : node,
    ]),
  )
  return { ...run, nodes }
}

function withNode(run: RunView, nodeId: string, node: NodeRun): RunView {
  return { ...run, nodes: { ...run.nodes, [nodeId]: node } }
}

function patchNode(run: RunView, nodeId: string, now: number, patch: Partial<NodeRun>): RunView {
  const known = run.nodes[nodeId] ?? { state: 'running' as const, since: now }
  return withNode(run, nodeId, { ...known, ...patch })
}

/** A step's count belongs to that step: a new label starts its own, what is known of the whole stays. */
function readProgress(value: unknown, node: NodeRun | undefined): Progress {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const last = node?.progress
  const kept =
    last?.phase === given.phase && last?.nodesTotal !== undefined ? { nodesTotal: last.nodesTotal } : {}
  const numbers = Object.fromEntries(
    ['done', 'of', 'nodesDone', 'nodesTotal', 'bytes'].flatMap(key =>
      typeof given[key] === 'number' ? [[key, given[key]]] : [],
    ),
  )
  return {
    phase: text(given.phase) ?? 'working',
    ...kept,
    ...numbers,
    ...(typeof given.label === 'string' && { label: given.label }),
  }
}

function readTask(value: unknown): Partial<NodeRun> {
  const task = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  return {
    ...(typeof task.taskId === 'string' && { taskId: task.taskId }),
    ...(typeof task.status === 'string' && { taskStatus: task.status }),
    ...(typeof task.coins === 'string' && { coins: task.coins }),
    ...(typeof task.money === 'string' && { money: task.money }),
  }
}

function readError(value: unknown): RunError {
  const error = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  return {
    code: text(error.code) ?? 'failed',
    message: text(error.message) ?? '',
    ...(typeof error.hint === 'string' && { hint: error.hint }),
    ...(typeof error.taskId === 'string' && { taskId: error.taskId }),
  }
}

/** UI outputs under ComfyUI's keys -> files and texts. */
export function readOutput(value: unknown): NodeOutput {
  const groups = typeof value === 'object' && value !== null ? Object.values(value) : []
  const items = groups.flatMap((group): unknown[] => (Array.isArray(group) ? group : []))
  const files = items.flatMap((item): ResultItem[] => {
    if (typeof item !== 'object' || item === null || !('filename' in item)) return []
    const { filename, subfolder, type } = item as Record<string, unknown>
    if (typeof filename !== 'string') return []
    return [
      { filename, subfolder: text(subfolder) ?? '', type: text(type) ?? 'output', kind: kindOf(filename) },
    ]
  })
  return { files, texts: items.filter(item => typeof item === 'string') }
}

/** By its name alone; what the server lists comes with the kind it found by looking. */
export function kindOf(filename: string): FileKind {
  const extension = filename.split('.').at(-1)?.toLowerCase() ?? ''
  if (['png', 'jpg', 'jpeg', 'webp', 'gif', 'avif', 'bmp', 'tiff'].includes(extension)) return 'image'
  if (['mp4', 'webm', 'mov', 'mkv', 'm4v'].includes(extension)) return 'video'
  if (['mp3', 'wav', 'flac', 'ogg', 'opus', 'm4a', 'aac'].includes(extension)) return 'audio'
  if (['glb', 'gltf', 'obj', 'fbx', 'stl', 'ply', 'usdz'].includes(extension)) return 'model3d'
  if (['txt', 'md', 'json', 'csv', 'srt', 'vtt'].includes(extension)) return 'text'
  return extension === 'latent' ? 'latent' : 'file'
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
