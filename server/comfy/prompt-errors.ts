import type { CheckedPrompt, Problem } from '../executor/index.ts'
import type { BridgeError } from '../shared/errors.ts'
import type { Prompt } from '../shared/prompt.ts'

/** ComfyUI's error objects of POST /prompt. */
export type ComfyError = {
  readonly type: string
  readonly message: string
  readonly details: string
  readonly extra_info: Readonly<Record<string, unknown>>
}

export type NodeErrors = Record<
  string,
  { errors: ComfyError[]; dependent_outputs: string[]; class_type: string }
>

/** Problems as node_errors, by node. What to do stands in extra_info.hint, which clients that do not know it ignore. */
export function nodeErrors(problems: readonly Problem[]): NodeErrors {
  const errors: NodeErrors = Object.create(null)
  for (const problem of problems) {
    const entry = errors[problem.nodeId] ?? {
      errors: [],
      dependent_outputs: [...problem.dependentOutputs],
      class_type: problem.nodeType,
    }
    entry.errors.push({
      type: problem.code,
      message: problem.message,
      details: problem.details,
      extra_info: { ...problem.extra, ...(problem.hint !== undefined && { hint: problem.hint }) },
    })
    errors[problem.nodeId] = entry
  }
  return errors
}

/** Why a checked prompt cannot run at all, or undefined when something of it can. */
export function refusal(checked: CheckedPrompt): ComfyError | undefined {
  if (checked.outputs.length > 0) return undefined
  const missing = checked.problems.find(problem => problem.code === 'missing_node_type')
  if (missing) {
    return {
      type: missing.code,
      message: missing.message,
      details: missing.details,
      extra_info: missing.extra,
    }
  }
  if (checked.failedOutputs.length === 0) return noOutputs
  const failed = new Set(checked.failedOutputs)
  const details = checked.problems
    .filter(problem => failed.has(problem.nodeId))
    .map(problem => `${problem.message}: ${problem.details}`)
    .join('\n')
  return {
    type: 'prompt_outputs_failed_validation',
    message: 'Prompt outputs failed validation',
    details,
    extra_info: {},
  }
}

/** A prompt of which nothing can run, and one of whose classes nobody knows here: that is why. */
export function unknownNode(prompt: Prompt, isKnown: (type: string) => boolean): ComfyError | undefined {
  for (const [nodeId, node] of Object.entries(prompt)) {
    if (isKnown(node.class_type)) continue
    const title = node._meta?.title ?? node.class_type
    return {
      type: 'missing_node_type',
      message: `Node '${title}' not found. The custom node may not be installed.`,
      details: `Node ID '#${nodeId}'`,
      extra_info: { node_id: nodeId, class_type: node.class_type, node_title: title },
    }
  }
  return undefined
}

/** Any other refusal of a request, as clients of POST /prompt read it. */
export function requestError(error: BridgeError): ComfyError {
  return { type: error.code, message: error.message, details: error.hint ?? '', extra_info: {} }
}

export const noPrompt: ComfyError = {
  type: 'no_prompt',
  message: 'No prompt provided',
  details: 'No prompt provided',
  extra_info: {},
}

const noOutputs: ComfyError = {
  type: 'prompt_no_outputs',
  message: 'Prompt has no outputs',
  details: '',
  extra_info: {},
}

/** A prompt that is no map of nodes: the first node without a class_type, or undefined when the form is right. */
export function formError(prompt: unknown): ComfyError | undefined {
  if (typeof prompt !== 'object' || prompt === null || Array.isArray(prompt)) return noPrompt
  if (Object.keys(prompt).length === 0) return noOutputs
  for (const [nodeId, node] of Object.entries(prompt as Prompt)) {
    const classType: unknown = typeof node === 'object' && node !== null ? node.class_type : undefined
    if (typeof classType === 'string') continue
    return {
      type: 'missing_node_type',
      message: `Node 'ID #${nodeId}' has no class_type. The workflow may be corrupted or a custom node is missing.`,
      details: `Node ID '#${nodeId}'`,
      extra_info: { node_id: nodeId, class_type: null, node_title: null },
    }
  }
  return undefined
}
