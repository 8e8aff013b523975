import type { RunEvent } from '../executor/index.ts'

type Previewed = Extract<RunEvent, { type: 'node-previewed' }>

/**
 * ComfyUI's binary frames of a picture (its reference, 6.3), in big-endian words: 1 and the format (1 JPEG, 2 PNG) before the picture; or,
 * for clients that asked for it, 4 and a JSON text that says whose it is.
 */
export function previewFrame(runId: string, { nodeId, picture }: Previewed, isDetailed: boolean): Uint8Array {
  if (!isDetailed) return Buffer.concat([words(1, picture.mediaType === 'image/png' ? 2 : 1), picture.bytes])
  const facts = Buffer.from(
    JSON.stringify({
      node_id: nodeId,
      prompt_id: runId,
      display_node_id: nodeId,
      parent_node_id: null,
      real_node_id: nodeId,
      image_type: picture.mediaType,
    }),
  )
  return Buffer.concat([words(4, facts.length), facts, picture.bytes])
}

function words(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4)
  for (const [at, value] of values.entries()) buffer.writeUInt32BE(value, at * 4)
  return buffer
}
