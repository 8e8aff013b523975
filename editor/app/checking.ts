import type { Api, CheckProblem, NodeErrors } from '../api/index.ts'
import { ApiError, isObject } from '../api/index.ts'
import type { GraphCanvas } from '../canvas/index.ts'
import { fromServer, nodeTitle, t } from '../i18n/index.ts'
import type { Documents } from './documents.ts'
import { activeDocument, type Problem, type Store } from './store.ts'
import type { Tell } from './tell.ts'

/** After a change: soon enough to follow the hand, late enough not to follow every letter. */
const restMs = 100

export type Checking = ReturnType<typeof createChecking>

/** The problems of the active graph, as the server finds them while it is edited. One question at a time; an older one is given up. */
export function createChecking(parts: {
  store: Store
  api: Api
  canvas: () => GraphCanvas
  documents: () => Documents
  tell: Tell
}) {
  const { store, api, tell } = parts
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking: AbortController | undefined

  const self = {
    soon(): void {
      clearTimeout(timer)
      asking?.abort()
      timer = setTimeout(() => void self.check(activeDocument(store)?.history.present), restMs)
    },
    /** With what is being typed this moment. Answers whether the server could say. */
    now: (): Promise<boolean> => self.check(parts.documents().text()),
    /** After a refusal at the start, which asks the site about what is not known of it yet: its problems stand beside those found here. */
    async refused(errors: NodeErrors): Promise<boolean> {
      const canSay = await self.now()
      const known = new Set(store.problems.value.map(({ nodeId, code }) => `${nodeId}/${code}`))
      const more = problemsOf(errors).filter(({ nodeId, code }) => !known.has(`${nodeId}/${code}`))
      const read = more.map(problem => readProblem(problem, undefined, parts.canvas(), store.gpuTypes.value))
      store.problems.value = [...store.problems.value, ...read]
      return canSay
    },
    async check(text: string | undefined): Promise<boolean> {
      clearTimeout(timer)
      asking?.abort()
      const mine = new AbortController()
      asking = mine
      if (text === undefined) return false
      const key = store.active.value
      try {
        const { problems, warnings, outputs, prompt, report } = await api.check(text, mine.signal)
        if (mine.signal.aborted || store.active.value !== key) return false
        const gpuTypes = new Set(report.unknown.filter(({ needsGpu }) => needsGpu).map(({ type }) => type))
        store.gpuTypes.value = gpuTypes
        store.prompt.value = prompt
        const read = (problem: CheckProblem) => readProblem(problem, prompt, parts.canvas(), gpuTypes)
        store.warnings.value = warnings.map(read)
        const found = problems.map(read)
        const isRunnable = outputs.length > 0 || problems.length > 0 || parts.canvas().counts().nodes === 0
        store.problems.value = isRunnable ? found : [nothingToRun()]
        if (store.problems.value.length === 0) tell.settled('while-refused')
        parts.canvas().redraw()
        return true
      } catch (error) {
        // Without a server the last word stands; the banner says the rest.
        const isGone = mine.signal.aborted || (error instanceof ApiError && error.isOffline)
        if (!isGone) tell.complain(error)
        return false
      }
    },
  }
  return self
}

function problemsOf(errors: NodeErrors): CheckProblem[] {
  return Object.entries(errors).flatMap(([nodeId, { class_type, errors: all }]) =>
    all.map(({ type, message, details, extra_info }) => {
      const extra = isObject(extra_info) ? extra_info : {}
      return {
        nodeId,
        nodeType: class_type,
        input: typeof extra.input_name === 'string' ? extra.input_name : undefined,
        code: type,
        message: details === '' ? message : `${message}: ${details}`,
        hint: typeof extra.hint === 'string' ? extra.hint : null,
        fix: isObject(extra.fix) ? (extra.fix as CheckProblem['fix']) : undefined,
      }
    }),
  )
}

function nothingToRun(): Problem {
  return {
    nodeId: undefined,
    nodeTitle: '',
    input: undefined,
    code: 'prompt_no_outputs',
    message: t('check.noOutput'),
    hint: undefined,
  }
}

/** In the reader's language where it is one of the usual ones, else in the server's words. */
function readProblem(
  problem: CheckProblem,
  prompt: unknown,
  canvas: GraphCanvas,
  gpuTypes: ReadonlySet<string>,
): Problem {
  const { nodeId, nodeType, input, code } = problem
  const facts = nodeId === undefined ? undefined : canvas.node(nodeId)
  const value = valueIn(prompt, nodeId, input)
  const title = facts?.nodeType ? facts.title || nodeTitle(facts.nodeType) : nodeType
  const isFile = facts?.nodeType?.widgets.some(({ kind, name }) => kind === 'file' && name === input)
  const own = wordsFor(code, {
    type: nodeType,
    input: input ?? '',
    value: value === undefined ? '' : String(value),
    isFile: isFile ?? false,
    needsGpu: gpuTypes.has(nodeType),
  })
  return {
    nodeId,
    nodeTitle: title,
    input,
    code,
    message: own ?? fromServer(problem.message),
    hint: own === undefined && problem.hint ? fromServer(problem.hint) : undefined,
    fix: problem.fix,
  }
}

/** What the graph says there, as it would be run. */
function valueIn(prompt: unknown, nodeId: string | undefined, input: string | undefined): unknown {
  const node = isObject(prompt) ? prompt[nodeId ?? ''] : undefined
  const inputs = isObject(node) ? node.inputs : undefined
  return isObject(inputs) ? inputs[input ?? ''] : undefined
}

function wordsFor(
  code: string,
  {
    type,
    input,
    value,
    isFile,
    needsGpu,
  }: { type: string; input: string; value: string; isFile: boolean; needsGpu: boolean },
): string | undefined {
  switch (code) {
    case 'required_input_missing':
      return t('check.missingInput', { input })
    case 'missing_node_type':
      return t(needsGpu ? 'check.gpuNode' : 'check.unknownNode', { type })
    case 'custom_validation_failed':
      if (!isFile) return undefined
      return value === '' ? t('check.emptyFile') : t('check.missingFile', { name: value })
    case 'value_not_in_list':
      return t('check.notInList', { input, value })
    case 'value_smaller_than_min':
      return t('check.tooSmall', { input, value })
    case 'value_bigger_than_max':
      return t('check.tooBig', { input, value })
    case 'return_type_mismatch':
      return t('check.wrongLink', { input })
    default:
      return undefined
  }
}
