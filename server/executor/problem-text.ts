import type { Problem } from './problems.ts'
import type { ErrorReport } from './types.ts'

/** A problem as a person would say it: one sentence, and what to do where the sentence does not say it already. */
export function sayProblem(problem: Problem): { message: string; hint?: string } {
  const { code, message, details, hint, input } = problem
  switch (code) {
    // ComfyUI's words for these speak of the node's innards; the hint says it all.
    case 'missing_node_type':
    case 'exception_during_validation':
    case 'return_type_mismatch':
    case 'frozen-gone':
    case 'frozen-other-node':
      return { message: hint ?? message }
    case 'custom_validation_failed':
      return { message: hint ?? details.replace(/^.*? - /, '') }
    case 'required_input_missing':
      return { message: `The input "${input ?? details}" is missing.`, ...(hint !== undefined && { hint }) }
    case 'value_smaller_than_min':
    case 'value_bigger_than_max':
      return { message: `"${input ?? details}": ${message}.` }
    default:
      return {
        message: details ? `${message}: ${details}` : /[.!?]$/.test(message) ? message : `${message}.`,
        ...(hint !== undefined && { hint }),
      }
  }
}

/** A problem told like a failure, for runs that go on without what it cuts off. */
export function problemError(problem: Problem): ErrorReport {
  const { nodeId, nodeType, code } = problem
  return { nodeId, nodeType, code, ...sayProblem(problem) }
}
