import { type ComfyMessage, executionCached, executionStart } from '../comfy/status.ts'
import { comfyUi } from '../comfy/ui.ts'
import type { RunEvent } from '../executor/index.ts'
import type { StoredRun } from '../queue/index.ts'
import { assertNever } from '../shared/errors.ts'

type NodeState = { value: number; max: number; state: 'pending' | 'running' | 'finished' | 'error' }

/**
 * Turns a run's events into ComfyUI's messages, in ComfyUI's order. Pure: what was sent stands in the returned lists, the states of
 * all nodes in `progressState`, which the hub sends as often as is useful.
 */
export function createTranslator(run: StoredRun) {
  const states = new Map<string, NodeState>()
  let lastNode: string | undefined
  const executing = (node: string): ComfyMessage => {
    lastNode = node
    return ['executing', { node, display_node: node, prompt_id: run.id }]
  }
  return {
    /** The node named last, for a client that comes back. */
    lastNode: () => lastNode,
    progressState(): ComfyMessage {
      const nodes = Object.fromEntries(
        [...states].map(([id, state]) => [
          id,
          {
            ...state,
            node_id: id,
            prompt_id: run.id,
            display_node_id: id,
            parent_node_id: null,
            real_node_id: id,
          },
        ]),
      )
      return ['progress_state', { prompt_id: run.id, nodes }]
    },
    messages(event: RunEvent): readonly ComfyMessage[] {
      switch (event.type) {
        case 'run-started':
          return [executionStart(run)]
        case 'nodes-cached':
          return [executionCached(run, event.nodeIds, event.at)]
        case 'node-started':
          states.set(event.nodeId, { value: 0, max: 1, state: 'running' })
          return [executing(event.nodeId)]
        case 'node-progressed': {
          const share = shareOf(event.progress)
          const news: ComfyMessage = [
            'bridge.progress',
            { prompt_id: run.id, node: event.nodeId, progress: event.progress },
          ]
          if (!share) return [news]
          states.set(event.nodeId, { ...share, state: 'running' })
          return [['progress', { ...share, prompt_id: run.id, node: event.nodeId }], news]
        }
        case 'node-previewed':
          // A binary frame, see previewFrame.
          return []
        case 'node-task-changed':
          return [['bridge.task', { prompt_id: run.id, node: event.nodeId, task: event.task }]]
        case 'node-finished': {
          states.set(event.nodeId, { value: 1, max: 1, state: 'finished' })
          const { nodeId, ui, cached, frozen, durationMs } = event
          const output = ui ? comfyUi(ui) : null
          const executed: ComfyMessage = [
            'executed',
            { node: nodeId, display_node: nodeId, output, prompt_id: run.id },
          ]
          const news: ComfyMessage = [
            'bridge.finished',
            { prompt_id: run.id, node: nodeId, cached, frozen, durationMs },
          ]
          // Only nodes with something to show; cached output nodes are told of again (ComfyUI: cached runs).
          return ui || cached ? [executed, news] : [news]
        }
        case 'node-failed':
          states.set(event.nodeId, { value: 0, max: 1, state: 'error' })
          return [['bridge.failed', { prompt_id: run.id, node: event.nodeId, error: event.error }]]
        case 'node-skipped':
          return [['bridge.skipped', { prompt_id: run.id, node: event.nodeId, because: event.failedNodeId }]]
        case 'run-finished':
          // Said by the queue, once the history entry can be read.
          return []
        default:
          return assertNever(event)
      }
    },
  }
}

/** Progress as ComfyUI's value and max: of the whole node in hundredths where that is known, else of its current step. */
function shareOf(progress: {
  done?: number
  of?: number
  nodesDone?: number
  nodesTotal?: number
}): { value: number; max: number } | undefined {
  const { done, of, nodesDone = 0, nodesTotal } = progress
  const inside = done !== undefined && of ? done / of : 0
  if (nodesTotal)
    return { value: Math.min(99, Math.floor(((nodesDone + inside) / nodesTotal) * 100)), max: 100 }
  return done !== undefined && of ? { value: done, max: of } : undefined
}
