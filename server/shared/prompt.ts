import type { JsonValue } from './lossless-json.ts'

/**
 * The graph as the executor runs it (ComfyUI: API format). Node ids are any text; inside subgraphs `57:27`.
 * Made without a prototype, because ids come from files.
 */
export type Prompt = { readonly [nodeId: string]: PromptNode }

export type PromptNode = {
  readonly class_type: string
  readonly inputs: { readonly [input: string]: JsonValue }
  /** `frozen`: the name of the pin whose result the node gives. */
  readonly _meta?: { readonly title?: string; readonly frozen?: string }
}

/** A link inside a prompt: the id of the source node and the number of its output. */
export type PromptLink = readonly [nodeId: string, output: number]

/** ComfyUI's own test: a pair of a text and a whole number. Any other array is a literal. */
export function isPromptLink(value: unknown): value is PromptLink {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === 'string' &&
    typeof value[1] === 'number' &&
    Number.isInteger(value[1])
  )
}
