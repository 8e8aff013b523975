import { BridgeError } from '../shared/errors.ts'
import { type JsonValue, parseJson } from '../shared/lossless-json.ts'
import type { WireNodeInfo } from './create-request.ts'

const whatToSend = 'It takes the API format: in ComfyUI choose Workflow > Export (API).'

/**
 * A graph to be sent along with a create: the API format as JSON text, bare or under `prompt`, with the values of `infos` set
 * in it, because the cloud ignores nodeInfoList then. Throws `bad-inline-workflow` or `bad-node-info`.
 */
export function readInlineGraph(text: string, infos: readonly WireNodeInfo[]): JsonValue {
  const graph = structuredClone(nodesOf(text))
  for (const { nodeId, fieldName, fieldValue } of infos) {
    const inputs = graph[nodeId]?.inputs
    if (inputs === undefined || isLink(inputs[fieldName])) {
      const why =
        inputs === undefined ? `has no node ${nodeId}` : `feeds ${fieldName} of node ${nodeId} by a link`
      throw new BridgeError(`"${fieldName}" of node ${nodeId} cannot be set: the workflow ${why}.`, {
        code: 'bad-node-info',
        hint: `It has the nodes ${Object.keys(graph).slice(0, 20).join(', ')}.`,
      })
    }
    // Node infos come out of a run: plain values.
    inputs[fieldName] = fieldValue as JsonValue
  }
  return graph as JsonValue
}

type Inputs = { [name: string]: JsonValue }
type Graph = { [nodeId: string]: { inputs: Inputs } & { [key: string]: JsonValue } }

function nodesOf(text: string): Graph {
  let value: JsonValue
  try {
    value = parseJson(text)
    if (isRecord(value) && 'prompt' in value && !('class_type' in value)) {
      value = typeof value.prompt === 'string' ? parseJson(value.prompt) : (value.prompt ?? null)
    }
  } catch (cause) {
    throw bad(
      `The workflow cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      cause,
    )
  }
  if (isRecord(value) && Array.isArray(value.nodes)) {
    throw bad('The workflow is in the format the editor saves, which the cloud does not take here.')
  }
  const nodes = isRecord(value) ? Object.entries(value) : []
  const isGraph = nodes.every(([, node]) => isRecord(node) && typeof node.class_type === 'string')
  if (nodes.length === 0 || !isGraph) throw bad('The workflow is no graph in API format.')
  // Checked above; a node without inputs is one that needs none.
  return Object.fromEntries(nodes.map(([id, node]) => [id, { inputs: {}, ...(node as object) }])) as Graph
}

function isRecord(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A link is `["7", 0]`: the node it comes from and its slot. */
function isLink(value: JsonValue | undefined): boolean {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number'
  )
}

function bad(message: string, cause?: unknown): BridgeError {
  return new BridgeError(message, { code: 'bad-inline-workflow', hint: whatToSend, cause })
}
