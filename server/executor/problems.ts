/**
 * One thing wrong with a prompt. `code`, `message` and `details` are ComfyUI's own (POST /prompt, node_errors), `hint` is ours.
 */
export type Problem = {
  readonly nodeId: string
  readonly nodeType: string
  readonly code: string
  readonly message: string
  readonly details: string
  readonly hint?: string
  readonly input?: string
  readonly extra: Readonly<Record<string, unknown>>
  /** Output nodes that cannot run because of it. */
  readonly dependentOutputs: readonly string[]
}

/** What the checks of a single node give; the outputs that depend on it are added later. */
export type NodeProblem = Omit<Problem, 'nodeId' | 'nodeType' | 'dependentOutputs'> & {
  /** Told, and holds up nothing. */
  readonly isWarning?: boolean
}
