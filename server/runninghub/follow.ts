import type { Clock } from '../shared/clock.ts'
import type { RunningHubClient } from './client.ts'
import { type CloudProgress, createProgressReader, type readTitles } from './cloud-progress.ts'
import { type Reach, refuseStrangeAddress, wayTo } from './download.ts'
import { CloudError, codeError } from './errors.ts'
import type { TaskState } from './outputs.ts'
import { isLoopback } from './site.ts'
import { openTaskSocket, type TaskSocket } from './socket.ts'
import type { Transport } from './transport.ts'

/** What is seen of a task on its way to the end. */
export type TaskSight =
  | { readonly type: 'queued' }
  | { readonly type: 'running'; readonly progress: CloudProgress }
  | ({ readonly type: 'done' } & Omit<TaskState & { state: 'done' }, 'state'>)

export type FollowOptions = {
  readonly client: RunningHubClient
  readonly transport: Reach
  /** Nobody here has spoken for the site: see {@link wayTo}. */
  readonly isForeign?: boolean | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
  /** How long it is waited for. */
  readonly patienceMs: number
  /** How old it is already; one that is not new is asked after at once. */
  readonly ageMs?: number
  /** Known from the create, while the task runs. */
  readonly socketUrl?: string
  /**
   * Keeps all followers of a key together at about one question a second: claims the next turn and answers how long it is until
   * then. A question that a socket hints at does not wait for it.
   */
  readonly claimQuestion?: () => number
  /** Where the cloud's own call at the end of the task is heard of. */
  readonly webhook?: WebhookEar
  /** How the task is asked for; by the outputs call when absent. */
  readonly ask?: (taskId: string, signal: AbortSignal) => Promise<TaskState>
  /** The cloud workflow's graph, for titles and the node count; asked for once, beside the wait. */
  readonly graph?: () => Promise<ReturnType<typeof readTitles>>
}

/** A hint that a task has ended; the truth is asked for, whatever it says. */
export type WebhookEar = {
  /** Calls `wake` when something says that the task has ended. Returns the function that stops it. */
  listen(taskId: string, wake: () => void): () => void
  /** Whether such calls have been coming: then asking may be rarer. */
  isTrusted(): boolean
  /** The end was seen. */
  ended(taskId: string): void
}

/** Asking starts at a second and relaxes; with a live socket every five seconds will do (RunningHub: polling). */
const firstPollMs = 1_000
const slowPollMs = 5_000
/** A task of hours is asked after half as often. */
const slowestPollMs = 10_000
const longTaskMs = 10 * 60_000
/** Where the cloud calls at the end, asking is only for the call that is lost. */
const webhookPollMs = 30_000
const webhookQueuedMs = 10_000
/** Just created, a task may be unknown for a moment. */
const unknownAtFirstMs = 15_000
/** An empty list may only be early: the files can come a little later than the end (RunningHub: WebSocket, rules). */
const emptyListChecks = 2
const maxReconnects = 5

/**
 * Follows a task to its end. Truth comes from the outputs call; the socket gives progress and a hint to ask now. Ends with `done`, or
 * throws CloudError for a task that failed, for a wait that is over, or when RunningHub cannot be asked any more: the task itself goes on then.
 */
export async function* followTask(taskId: string, options: FollowOptions): AsyncGenerator<TaskSight, void> {
  const { client, clock, signal } = options
  const startedAt = clock.ticks()
  const giveUpAt = startedAt + options.patienceMs
  const reader = createProgressReader()
  const wake = createWake(clock)
  const watch = watchSocket(options, reader, wake)
  const stopListening = options.webhook?.listen(taskId, () => wake.touch({ hint: true, news: false }))
  const failures = createFailureCount(clock, client.baseUrl, taskId)
  let pollMs = firstPollMs
  let emptyLists = 0
  let lastState: 'queued' | 'running' | undefined
  void options.graph?.().then(
    titles => reader.knowGraph(titles),
    // Without the graph there is no node count; nothing else depends on it.
    () => {},
  )
  watch.use(options.socketUrl)

  try {
    let nextPollAt = clock.ticks() + (options.ageMs === undefined ? firstPollMs : 0)
    let lastAskedAt = Number.NEGATIVE_INFINITY
    let hasTurn = false
    while (true) {
      signal.throwIfAborted()
      if (lastAskedAt >= giveUpAt) throw waitedTooLong(taskId, clock.ticks() - startedAt)
      const due = Math.min(nextPollAt, giveUpAt) - clock.ticks()
      const woken = due > 0 ? await wake.wait(due, signal) : { hint: false, news: false }
      if (woken.news && lastState !== undefined) {
        lastState = 'running'
        yield { type: 'running', progress: reader.current() }
      }
      if (woken.news && watch.isLive() && lastAskedAt + slowPollMs > nextPollAt) {
        // It speaks for the task now, and will hint at its end.
        nextPollAt = lastAskedAt + slowPollMs
        hasTurn = false
      }
      // The last question is asked when the time is over: a task that is done by then is not thrown away.
      if (!woken.hint && clock.ticks() < Math.min(nextPollAt, giveUpAt)) continue
      const untilTurnMs: number = woken.hint || hasTurn ? 0 : (options.claimQuestion?.() ?? 0)
      hasTurn = untilTurnMs > 0
      if (hasTurn) {
        nextPollAt = clock.ticks() + untilTurnMs
        continue
      }

      let state: TaskState | undefined
      lastAskedAt = clock.ticks()
      try {
        state = await (options.ask ?? client.outputs)(taskId, signal)
        if (state.state === 'doubtful') state = await confirm(client, taskId, state, signal)
        failures.reset()
      } catch (error) {
        if (signal.aborted) throw error
        const justCreated =
          error instanceof CloudError &&
          (error.cloudCode === 807 || error.cloudCode === 1004) &&
          clock.ticks() - startedAt + (options.ageMs ?? 0) < unknownAtFirstMs
        if (!justCreated) failures.add(error)
      }
      if (state?.state === 'failed') {
        options.webhook?.ended(taskId)
        throw state.error
      }
      if (state?.state === 'done') {
        const isFull = state.files.length > 0 || state.texts.length > 0
        if (isFull || (emptyLists++ >= emptyListChecks && (await hasEnded(client, taskId, signal)))) {
          options.webhook?.ended(taskId)
          const { state: _, ...done } = state
          yield { type: 'done', ...done }
          return
        }
      } else if (state?.state === 'queued') {
        emptyLists = 0
        if (lastState !== 'running') {
          lastState = 'queued'
          yield { type: 'queued' }
        }
      } else if (state?.state === 'running') {
        // Whoever still runs had nothing to list: the empty ones were a slip of the cloud.
        emptyLists = 0
        watch.use(state.socketUrl)
        lastState = 'running'
        yield { type: 'running', progress: reader.current() }
      }
      const isCalled = options.webhook?.isTrusted() === true
      const unasked = clock.ticks() - startedAt < longTaskMs ? slowPollMs : slowestPollMs
      const slowestMs = isCalled ? webhookPollMs : unasked
      pollMs = watch.isLive() ? slowestMs : Math.min(slowestMs, pollMs * 1.5)
      // A queued task has no socket to hint at its start, and an empty list is looked at again soon.
      const soonMs = isCalled && emptyLists === 0 ? webhookQueuedMs : 2 * firstPollMs
      if (lastState === 'queued' || emptyLists > 0) pollMs = Math.min(pollMs, soonMs)
      nextPollAt = clock.ticks() + pollMs
    }
  } finally {
    stopListening?.()
    watch.close()
  }
}

/** Whether the status call does not contradict an empty list. */
async function hasEnded(client: RunningHubClient, taskId: string, signal: AbortSignal): Promise<boolean> {
  // Models are not known to it; what it does not know it does not contradict.
  const status = await client.status(taskId, signal).catch(() => '')
  signal.throwIfAborted()
  return !/^(CREATE|QUEUED|RUNNING)$/.test(status)
}

/** Code 500 in outputs: the task failed on old servers; on others the question did. The status call decides. */
async function confirm(
  client: RunningHubClient,
  taskId: string,
  doubtful: TaskState & { state: 'doubtful' },
  signal: AbortSignal,
): Promise<TaskState> {
  const status = await client.status(taskId, signal)
  if (status === 'FAILED' || status === 'CANCEL') return { state: 'failed', error: doubtful.error }
  // It succeeded, so only the question failed: it is asked again.
  if (status === 'SUCCESS') throw codeError(500, '', { taskId })
  return { state: status === 'QUEUED' || status === 'CREATE' ? 'queued' : 'running' }
}

/** A sleep that a socket can cut short. */
function createWake(clock: Clock) {
  let pending = { hint: false, news: false }
  let ring = () => {}
  return {
    touch(what: { hint: boolean; news: boolean }): void {
      pending = { hint: pending.hint || what.hint, news: pending.news || what.news }
      if (pending.hint || pending.news) ring()
    },
    async wait(ms: number, signal: AbortSignal): Promise<{ hint: boolean; news: boolean }> {
      if (!pending.hint && !pending.news) {
        const local = new AbortController()
        const onAbort = () => local.abort(signal.reason)
        signal.addEventListener('abort', onAbort, { once: true })
        ring = () => local.abort()
        try {
          await clock.sleep(ms, local.signal)
        } catch {
          signal.throwIfAborted()
        } finally {
          ring = () => {}
          signal.removeEventListener('abort', onAbort)
        }
      }
      const found = pending
      pending = { hint: false, news: false }
      return found
    },
  }
}

function watchSocket(
  options: FollowOptions,
  reader: ReturnType<typeof createProgressReader>,
  wake: ReturnType<typeof createWake>,
) {
  let socket: TaskSocket | undefined
  let opened = 0
  let live = false
  return {
    /** Opens the newest URL when no socket is open; a few times per task. */
    use(url: string | undefined): void {
      if (!url || socket || opened >= maxReconnects) return
      opened++
      const way = wayOfSocket(url.replace(/^ws/i, 'http'), options)
      // Without it there is no progress to be told, and nothing else is missing.
      if (!way) return
      socket = openTaskSocket(url, way, {
        message(text) {
          live = true
          wake.touch(reader.accept(text))
        },
        end() {
          socket = undefined
          live = false
          // A task may end while its socket is being opened: then no message hints at it, but the socket's own end does.
          if (opened === 1) wake.touch({ hint: true, news: false })
        },
      })
    },
    isLive: () => live,
    close(): void {
      socket?.close()
      socket = undefined
    },
  }
}

/** Undefined for an address a site may not send us to. */
function wayOfSocket(
  url: string,
  { transport, client, isForeign }: FollowOptions,
): Pick<Transport, 'dispatcherFor'> | undefined {
  const { baseUrl } = client
  try {
    refuseStrangeAddress(url, baseUrl)
    return wayTo<Pick<Transport, 'dispatcherFor'>>(url, transport, { baseUrl, isForeign })
  } catch {
    return undefined
  }
}

/**
 * Questions that fail are tolerated for a while: two minutes on a real site, ten seconds on this machine, where nothing comes
 * back by itself, and three in a row at least, because a machine that slept finds the time over at once. A refusal (wrong key, no
 * such task) ends it at once.
 */
function createFailureCount(clock: Clock, baseUrl: string, taskId: string) {
  const patienceMs = isLoopback(baseUrl) ? 10_000 : 120_000
  let since: number | undefined
  let inARow = 0
  return {
    reset() {
      since = undefined
      inARow = 0
    },
    add(error: unknown): void {
      since ??= clock.ticks()
      inARow++
      const askAgain = error instanceof CloudError && error.askAgain
      if (askAgain && (inARow < 3 || clock.ticks() - since < patienceMs)) return
      const why = error instanceof Error ? error.message : String(error)
      throw new CloudError(`Task ${taskId} can no longer be followed: ${why}`, {
        code: 'cloud-lost-sight',
        taskId,
        created: 'no',
        askAgain: false,
        hint: 'The task goes on and is paid for. Its results stay on RunningHub for 24 hours: see its record page.',
        cause: error,
      })
    },
  }
}

function waitedTooLong(taskId: string, waitedMs: number): CloudError {
  return new CloudError(
    `Task ${taskId} was not done within ${Math.round(waitedMs / 1000)} s (run_timeout).`,
    {
      code: 'cloud-run-timeout',
      taskId,
      created: 'no',
      askAgain: false,
      hint: 'The task goes on and is paid for. Raise run_timeout, and see its record page on RunningHub for the results.',
    },
  )
}
