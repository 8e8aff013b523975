import {
  type Api,
  isObject,
  type NodeErrors,
  parseJson,
  type RunDetails,
  type SocketMessage,
} from '../api/index.ts'
import type { GraphCanvas } from '../canvas/index.ts'
import { fromServer, t } from '../i18n/index.ts'
import {
  formatDuration,
  isOver,
  type NodeOutput,
  type RunView,
  readOutput,
  reduceRun,
  type StopOutcome,
  startRun,
  stoppedCode,
  withOutcome,
} from '../state/index.ts'
import type { Documents } from './documents.ts'
import { activeDocument, type OpenDocument, type Store } from './store.ts'
import type { Tell } from './tell.ts'

export type Running = ReturnType<typeof createRunning>

/** Queueing, and following what runs. */
export function createRunning(parts: {
  store: Store
  api: Api
  canvas: GraphCanvas
  documents: Documents
  tell: Tell
  clientId: string
  showOutput: (nodeId: string, output: NodeOutput) => void
  /** Looks for the problems of the active graph; `refused` are those that only a start finds. */
  check: (refused: NodeErrors) => Promise<unknown>
  onRunEnded: (run: RunView) => void
}) {
  const { store, api, canvas, documents, tell } = parts
  /** Messages overtake the answer that says which run is ours: kept until it is here. */
  const early: SocketMessage[] = []
  /** The runs this page has sent, in their order, each with the document it is of: several of one may be under way. */
  const sent = new Map<string, string>()

  function setRun(run: RunView): void {
    store.runs.value = new Map(store.runs.value).set(run.promptId, run)
  }

  function isShown(run: RunView): boolean {
    return activeDocument(store)?.promptId === run.promptId
  }

  /** The document a run is of: the one that sent it, or that was opened with it. */
  function documentOf({ promptId }: RunView): OpenDocument | undefined {
    const all = store.documents.value
    return all.find(({ key }) => key === sent.get(promptId)) ?? all.find(one => one.promptId === promptId)
  }

  /** A document shows one of its runs to the end, then the next that has begun; at last the one that was sent last. */
  function follow(document: OpenDocument): void {
    const shown = store.runs.value.get(document.promptId ?? '')
    if (shown?.status === 'running') return
    const runs = [...sent].flatMap(([id, key]) =>
      key === document.key ? (store.runs.value.get(id) ?? []) : [],
    )
    const last = runs.at(-1)
    const next = runs.find(({ status }) => status === 'running') ?? (last && isOver(last) ? last : undefined)
    if (!next || next === shown) return
    documents.setPrompt(document.key, next.promptId)
    if (!isShown(next)) return
    for (const [nodeId, output] of Object.entries(next.outputs)) parts.showOutput(nodeId, output)
    canvas.redraw()
  }

  function apply(message: SocketMessage): boolean {
    const promptId = message.data.prompt_id
    const run = typeof promptId === 'string' ? store.runs.value.get(promptId) : undefined
    if (!run) return false
    const next = reduceRun(run, message, Date.now())
    if (next === run) return true
    setRun(next)
    // It no longer is in line.
    if (next.status !== 'queued' && store.notice.value?.text === t('run.sent')) store.notice.value = undefined
    keepEvent(message)
    if (isShown(next)) {
      for (const [nodeId, output] of Object.entries(next.outputs)) {
        if (run.outputs[nodeId] !== output) parts.showOutput(nodeId, output)
      }
      canvas.redraw()
    }
    if (isOver(next) && !isOver(run)) ended(next)
    const document = next.status === run.status ? undefined : documentOf(next)
    if (document) follow(document)
    return true
  }

  function keepEvent({ type, data }: SocketMessage): void {
    if (type === 'progress' || type === 'progress_state') return
    const id = String(data.prompt_id)
    const lines = store.runEvents.value.get(id) ?? []
    const phase = isObject(data.progress as never)
      ? String((data.progress as { phase?: unknown }).phase ?? '')
      : ''
    const line = { at: Date.now(), type, node: typeof data.node === 'string' ? data.node : '', text: phase }
    const last = lines.at(-1)
    if (last && last.type === type && last.node === line.node && last.text === line.text) return
    store.runEvents.value = new Map(store.runEvents.value).set(id, [...lines, line].slice(-300))
  }

  function ended(run: RunView): void {
    if (run.status === 'success') {
      const isNew = Object.values(run.nodes).some(node => node.state === 'done')
      const took = run.startedAt === undefined ? 0 : Date.now() - run.startedAt
      tell.say(isNew ? t('run.done', { time: formatDuration(took) }) : t('strip.cached'))
    } else if (run.status === 'interrupted' || run.error?.code === stoppedCode) {
      tell.say(t('run.stopped'))
      void followStopped(run)
    } else tell.warn(t('run.failed', { message: fromServer(run.error?.message.split('\n')[0] ?? '') }))
    const { key, name } = documentOf(run) ?? {}
    // What one does not look at is told where one looks.
    if (name !== undefined && key !== store.active.value) {
      const text = run.status === 'success' ? t('toast.done', { name }) : t('toast.failed', { name })
      if (run.status !== 'interrupted') tell.toast(text, run.status === 'success' ? 'plain' : 'bad')
    }
    parts.onRunEnded(run)
  }

  /** After a stop the cloud is told beside the run; the journal knows what came of it, soon. */
  async function followStopped({ promptId, nodes }: RunView): Promise<void> {
    const open = new Set(
      Object.entries(nodes).flatMap(([id, node]) =>
        node.state === 'stopped' && node.taskId !== undefined ? [id] : [],
      ),
    )
    for (const pauseMs of [700, 2_000, 6_000, 15_000]) {
      if (open.size === 0) return
      await new Promise(resolve => setTimeout(resolve, pauseMs))
      // Without a server nobody knows; the node says that it was stopped.
      const details = await api.runDetails(promptId).catch(() => undefined)
      for (const task of details?.journal ?? []) {
        const outcome = outcomeOf(task)
        const run = store.runs.value.get(promptId)
        if (!outcome || !run || !open.delete(task.nodeId)) continue
        setRun(withOutcome(run, task.nodeId, outcome))
        canvas.redraw()
      }
    }
  }

  /** One that is taken out of the line leaves no other word than that the line is shorter. */
  async function lookForWaiting(): Promise<void> {
    const asked = [...store.runs.value.values()].filter(({ status }) => status === 'queued')
    if (asked.length === 0) return
    // Without a server nothing is known; the banner says so.
    const listed = await api.runs({ limit: '200' }).catch(() => undefined)
    if (!listed) return
    const ids = new Set(listed.map(({ id }) => id))
    for (const { promptId } of asked) {
      const run = store.runs.value.get(promptId)
      if (run?.status !== 'queued' || ids.has(promptId)) continue
      const stopped = { ...run, status: 'interrupted' as const }
      setRun(stopped)
      ended(stopped)
      const document = documentOf(stopped)
      if (document) follow(document)
    }
    canvas.redraw()
  }

  const self = {
    /** Sends the active workflow into the line. */
    async queue(
      how: { front?: boolean; targets?: readonly string[]; force?: readonly string[] | true } = {},
    ): Promise<boolean> {
      const document = activeDocument(store)
      if (!document) return false
      const text = documents.text()
      try {
        const result = await api.run({
          workflow: parseJson(text),
          client_id: parts.clientId,
          name: document.name,
          ...(how.front && { front: true }),
          ...(how.targets && { partial_execution_targets: how.targets }),
          ...(how.force && { force: how.force }),
        })
        const hasProblems = !result.ok || Object.keys(result.nodeErrors).length > 0
        if (hasProblems) {
          store.wasChecked.value = true
          await parts.check(result.nodeErrors)
        }
        canvas.redraw()
        if (!result.ok) {
          const count = store.problems.value.length
          if (result.error.type === 'prompt_no_outputs') tell.refuse(t('run.nothing'))
          else if (count === 0) tell.warn(join(result.error.message, result.error.details))
          else if (count === 1) tell.refuse(t('run.refusedOne'))
          else tell.refuse(t('run.refused', { count }))
          // Of an empty canvas it would say that there are none.
          if (count > 0) store.panel.value = 'problems'
          return false
        }
        tell.say(hasProblems ? t('run.partly') : t('run.sent'))
        setRun(
          startRun(
            result.promptId,
            canvas.nodes().filter(node => node.nodeType && !node.nodeType.isVirtual).length,
          ),
        )
        sent.set(result.promptId, document.key)
        const shown = store.runs.value.get(document.promptId ?? '')
        // What is under way goes on to be shown; this one's turn comes.
        if (!shown || isOver(shown)) documents.setPrompt(document.key, result.promptId)
        canvas.redraw()
        for (const message of early.splice(0)) apply(message)
        canvas.commands.advanceControls(Math.random)
        return true
      } catch (error) {
        tell.complain(error)
        return false
      }
    },
    async stop(promptId: string | undefined): Promise<void> {
      try {
        if (promptId === undefined) {
          await api.clearQueue()
          await api.interrupt()
        } else await api.stopRun(promptId)
      } catch (error) {
        tell.complain(error)
      }
    },
    onMessage(message: SocketMessage): void {
      if (message.type === 'status') {
        const info = (message.data.status as { exec_info?: { queue_remaining?: unknown } } | undefined)
          ?.exec_info
        if (typeof info?.queue_remaining !== 'number') return
        const isShorter = info.queue_remaining < store.queueRemaining.value
        store.queueRemaining.value = info.queue_remaining
        if (isShorter) void lookForWaiting()
        return
      }
      if (!apply(message) && typeof message.data.prompt_id === 'string') {
        early.push(message)
        if (early.length > 200) early.shift()
      }
    },
    /** After opening or a lost connection: what the server knows of this workflow's last run. */
    async resume(document: OpenDocument): Promise<void> {
      const { promptId } = document
      if (promptId === undefined) return
      const known = store.runs.value.get(promptId)
      if (known && isOver(known)) {
        for (const [nodeId, output] of Object.entries(known.outputs)) parts.showOutput(nodeId, output)
        return
      }
      try {
        const [details, history] = await Promise.all([api.runDetails(promptId), api.historyOutputs(promptId)])
        const nodes: Record<string, RunView['nodes'][string]> = { ...known?.nodes }
        const isGoing = details.status === 'running'
        for (const { nodeId, state, since, progress } of details.nodes) {
          const at = since ?? details.startedAt ?? Date.now()
          const task = details.tasks.find(candidate => candidate.nodeId === nodeId)
          const more = {
            since: at,
            ...(task && { taskId: task.taskId, ...(task.coins !== null && { coins: task.coins }) }),
          }
          if (state === 'done' || state === 'cached') nodes[nodeId] = { state, ...more }
          if (state === 'running') nodes[nodeId] = { state, ...more, ...(progress && { progress }) }
          if (state === 'not run' && isGoing) nodes[nodeId] = { state: 'skipped', ...more }
          if (state === 'failed') {
            const error = details.errors.find(candidate => candidate.nodeId === nodeId)
            nodes[nodeId] = {
              state: error?.code === stoppedCode ? 'stopped' : 'failed',
              ...more,
              ...(error && {
                error: {
                  code: error.code,
                  message: error.message,
                  nodeId,
                  ...(error.hint && { hint: error.hint }),
                  ...(error.taskId && { taskId: error.taskId }),
                },
              }),
            }
          }
        }
        const entry = isObject(history as never) ? (history as Record<string, unknown>)[promptId] : undefined
        const outputs = (entry as { outputs?: Record<string, unknown> } | undefined)?.outputs ?? {}
        const status = details.status === 'waiting' ? 'queued' : (details.status as RunView['status'])
        setRun({
          promptId,
          status,
          nodes,
          outputs: isGoing
            ? outputsSoFar(details)
            : Object.fromEntries(Object.entries(outputs).map(([id, output]) => [id, readOutput(output)])),
          ...(details.startedAt !== null && { startedAt: details.startedAt }),
          nodesTotal: details.nodes.length,
        })
        for (const message of early.splice(0)) apply(message)
        const run = store.runs.value.get(promptId)
        if (activeDocument(store)?.key !== document.key || !run) return
        for (const [nodeId, output] of Object.entries(run.outputs)) parts.showOutput(nodeId, output)
        canvas.redraw()
      } catch {
        // A run the server has forgotten, or no server: nothing to show, and the banner says the rest.
      }
    },
  }
  return self
}

/** Of a run without an entry in the history yet. */
function outputsSoFar({ files, texts }: RunDetails): RunView['outputs'] {
  const ids = new Set([...files, ...texts].map(({ nodeId }) => nodeId))
  return Object.fromEntries(
    [...ids].map(id => [
      id,
      {
        files: files.filter(({ nodeId }) => nodeId === id),
        texts: texts.flatMap(({ nodeId, text }) => (nodeId === id ? [text] : [])),
      },
    ]),
  )
}

function outcomeOf({ state, events }: RunDetails['journal'][number]): StopOutcome | undefined {
  if (state === 'cancelled') return 'cancelled'
  if (state === 'fetched') return 'kept'
  return events.some(({ what }) => what === 'cancel refused') ? 'goes-on' : undefined
}

function join(message: string, details: string): string {
  if (details === '') return message
  return /[.!?。]$/.test(message) ? `${message} ${details}` : `${message}: ${details}`
}
