import type { NodeType } from './context.ts'
import { EditorNode } from './editor-node.ts'
import type { LGraph } from './lib.ts'

export type FoundProblem = {
  readonly nodeId: string | undefined
  readonly nodeTitle: string
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
}

export type ProblemWords = (
  key: 'check.noOutput' | 'check.missingInput' | 'check.missingFile' | 'check.emptyFile',
  values?: Record<string, string>,
) => string

/** What is wrong with a graph as far as the editor can tell by itself. The server's own check comes with the run. */
export function findProblems(
  graph: LGraph,
  titleOf: (node: EditorNode) => string,
  words: ProblemWords,
  /** As the server lists them now: files may have come since a node was made. */
  types: ReadonlyMap<string, NodeType>,
): FoundProblem[] {
  const nodes = graph.nodes.filter(
    (node): node is EditorNode => node instanceof EditorNode && !node.nodeType.isVirtual && node.mode === 0,
  )
  const problems = nodes.flatMap(node => problemsOf(node, titleOf(node), words, types))
  const hasOutput =
    nodes.some(node => node.nodeType.isOutput) || graph.nodes.some(node => !(node instanceof EditorNode))
  if (hasOutput || graph.nodes.length === 0) return problems
  const none = {
    nodeId: undefined,
    nodeTitle: '',
    code: 'prompt_no_outputs',
    message: words('check.noOutput'),
    hint: undefined,
  }
  return [none, ...problems]
}

function problemsOf(
  node: EditorNode,
  nodeTitle: string,
  words: ProblemWords,
  types: ReadonlyMap<string, NodeType>,
): FoundProblem[] {
  const problem = (code: string, message: string): FoundProblem => ({
    nodeId: String(node.id),
    nodeTitle,
    code,
    message,
    hint: undefined,
  })
  const sockets = node.nodeType.sockets
    .filter(socket => !socket.isOptional)
    .filter(socket => node.inputs.find(input => input.name === socket.name)?.link == null)
    .map(socket => problem('required_input_missing', words('check.missingInput', { input: socket.name })))
  const files = node.editorWidgets.flatMap(({ spec, value }) => {
    if (spec.kind !== 'file') return []
    if (value === '') return [problem('custom_validation_failed', words('check.emptyFile'))]
    const now = types.get(node.nodeType.type)?.widgets.find(({ name }) => name === spec.name)
    const options = now?.kind === 'file' ? now.options : spec.options
    const isListed = options.includes(String(value)) || /\[(output|temp)\]$/.test(String(value))
    const isLinked = node.inputs.some(input => input.widget?.name === spec.name && input.link != null)
    return isListed || isLinked || String(value).includes('/')
      ? []
      : [problem('custom_validation_failed', words('check.missingFile', { name: String(value) }))]
  })
  return [...sockets, ...files]
}
