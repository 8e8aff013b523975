import { type ApiGraph, executionOrder } from '../catalogue/graph.ts'
import type { Behaviour, FileSpec } from '../catalogue/special.ts'

export type SocketMessage = { type: string; data: Record<string, unknown> }

/** A message and when it is sent, in milliseconds at speed 1 since the run began. */
export type ScriptLine = { atMs: number; message: SocketMessage }

type ScriptFile = { nodeId: string; kind: FileSpec['kind']; name: string }

export type ScriptWish = {
  taskId: string
  graph: ApiGraph
  runMs: number
  /** Nodes that are done without running: what the machine still holds of the last run. */
  cached: readonly string[]
  files: readonly ScriptFile[]
  socket?: Behaviour['socket']
  /** The run ends at this node. */
  failsAt?: { nodeId: string; reason: Record<string, unknown> }
}

/** The messages of one run in ComfyUI's order (RunningHub: socket, messages), spread over its time by the weight of the nodes. */
export function scriptOf(wish: ScriptWish): ScriptLine[] {
  const { taskId, graph, runMs, cached, files, socket } = wish
  const lines: ScriptLine[] = []
  let atMs = 0
  const say = (type: string, data: Record<string, unknown>) =>
    lines.push({ atMs, message: { type, data: { ...data, prompt_id: taskId } } })

  say('execution_start', {})
  if (socket === 'success-early') say('execution_success', {})
  say('execution_cached', { nodes: cached })
  const running = executionOrder(graph).filter(nodeId => !cached.includes(nodeId))
  const classOf = (nodeId: string) => graph[nodeId]?.class_type ?? ''
  const total = running.reduce((sum, nodeId) => sum + weightOf(classOf(nodeId)), 0)
  for (const nodeId of running) {
    const nodeMs = (runMs * weightOf(classOf(nodeId))) / total
    const beganMs = atMs
    say('executing', { node: nodeId })
    const steps = stepsOf(classOf(nodeId), graph[nodeId]?.inputs.steps)
    for (let step = 1; step <= steps; step++) {
      atMs = beganMs + (nodeMs * step) / (steps + 1)
      say('progress', { node: nodeId, value: step, max: steps })
    }
    atMs = beganMs + nodeMs
    if (wish.failsAt?.nodeId === nodeId) {
      say('execution_error', { ...wish.failsAt.reason, node_id: nodeId })
      return lines
    }
    const own = files.filter(file => file.nodeId === nodeId)
    if (own.length > 0) say('executed', { node: nodeId, output: outputOf(own) })
    if (socket === 'success-per-node') say('execution_success', { node: nodeId })
  }
  atMs = runMs
  say('executing', { node: null })
  if (socket !== 'success-early') say('execution_success', {})
  return lines
}

/** Loaders are what a machine keeps in memory from one run of a workflow to the next. */
export function cacheable(graph: ApiGraph): string[] {
  return executionOrder(graph).filter(nodeId =>
    /(UNET|CLIP|VAE|Checkpoint|Model|CLIPVision)Loader/.test(graph[nodeId]?.class_type ?? ''),
  )
}

function weightOf(classType: string): number {
  if (/sampler(?!select)/i.test(classType) || classType.startsWith('RH_')) return 20
  if (/decode|combine/i.test(classType)) return 4
  if (/loader/i.test(classType)) return 3
  return 1
}

function stepsOf(classType: string, steps: unknown): number {
  if (weightOf(classType) < 20) return 0
  return typeof steps === 'number' && steps >= 1 ? Math.min(50, Math.round(steps)) : 10
}

const outputKeys: Partial<Record<FileSpec['kind'], string>> = {
  video: 'gifs',
  audio: 'audio',
  glb: '3d',
  latent: 'latents',
}

function outputOf(files: readonly ScriptFile[]): Record<string, unknown[]> {
  const output: Record<string, unknown[]> = {}
  for (const { kind, name } of files) {
    const key = outputKeys[kind] ?? 'images'
    output[key] ??= []
    output[key].push({ filename: name, subfolder: '', type: 'output' })
  }
  return output
}
