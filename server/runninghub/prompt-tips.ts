import { z } from 'zod'
import { BridgeError } from '../shared/errors.ts'
import { type JsonValue, parseJson } from '../shared/lossless-json.ts'
import { wireText } from './wire.ts'

const nodeError = z.object({
  class_type: wireText,
  errors: z.array(z.object({ message: wireText, details: wireText })).catch([]),
})
const tipsSchema = z.object({
  result: z.unknown(),
  node_errors: z.record(z.string(), nodeError.catch({ class_type: '', errors: [] })).catch({}),
})

/**
 * What ComfyUI said of the graph when the task was created (RunningHub: create, promptTips is JSON in a string). With `result: false` or
 * errors of nodes the task exists and cannot run: throws BridgeError `cloud-433`, one line a node after the first.
 */
export function refuseBadTips(promptTips: string): void {
  const tips = tipsSchema.safeParse(parsed(promptTips))
  if (!tips.success) return
  const nodes = Object.entries(tips.data.node_errors)
  if (tips.data.result !== false && nodes.length === 0) return
  const lines = nodes.map(([nodeId, { class_type, errors }]) => {
    const what = errors.map(({ message, details }) => [message, details].filter(Boolean).join(': '))
    return `node ${nodeId} (${class_type || '?'})${what.length > 0 ? `: ${what.join('; ')}` : ''}`
  })
  const [only] = lines
  const message =
    lines.length > 1
      ? `RunningHub took the task but its graph cannot run: ${lines.length} nodes have errors\n${lines.join('\n')}`
      : `RunningHub took the task but its graph cannot run${only === undefined ? '.' : `: ${only}`}`
  throw new BridgeError(message, { code: 'cloud-433', hint: 'Check the values sent to these nodes.' })
}

/** Often empty, now and then free text: it says nothing then. */
function parsed(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}
