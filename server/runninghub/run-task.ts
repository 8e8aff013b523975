import type { Clock } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'
import { type JsonValue, parseJson } from '../shared/lossless-json.ts'
import type { CreateRequest, RunningHubClient } from './client.ts'
import { type CreateNews, createTask } from './create-task.ts'
import { withTask } from './errors.ts'
import { type FollowOptions, followTask, type TaskSight } from './follow.ts'
import type { Slots } from './slots.ts'
import type { Transport } from './transport.ts'

/** The life of a task as its caller sees it; ends with `done`. */
export type TaskEvent =
  | { readonly type: 'slot-awaited'; readonly why: string; readonly retryInMs?: number }
  | { readonly type: 'submitting' }
  | { readonly type: 'created'; readonly taskId: string }
  | TaskSight

export type RunTaskOptions = {
  readonly client: RunningHubClient
  readonly transport: Pick<Transport, 'dispatcherFor'>
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly slots: Slots
  /** Names the key and site whose slots count. */
  readonly lane: string
  readonly concurrency: number
  /** From creation to end. */
  readonly runTimeoutMs: number
  readonly random: () => number
  readonly graph?: FollowOptions['graph']
  /** Called with the id before anything else is done with the new task, even when the run was stopped meanwhile. */
  readonly onCreated: (taskId: string) => void
}

/**
 * Waits for a slot, creates the task once, follows it to the end. Errors after the creation carry the taskId. The slot is
 * free again when the task has ended or is no longer followed.
 */
export async function* runTask(
  request: CreateRequest,
  options: RunTaskOptions,
): AsyncGenerator<TaskEvent, void> {
  const { clock, signal } = options
  const waits = createMailbox<TaskEvent>()
  const release = yield* waits.during(
    options.slots.acquire(options.lane, options.concurrency, signal, (busy, limit) =>
      waits.put({ type: 'slot-awaited', why: `${busy} of ${limit} busy` }),
    ),
  )
  try {
    const created = yield* waits.during(
      createTask(request, {
        ...options,
        client: {
          // The id is written down even when nobody waits for this promise any more.
          create: async sent => {
            const task = await options.client.create(sent)
            options.onCreated(task.taskId)
            return task
          },
        },
        onNews: news => waits.put(tell(news)),
      }),
    )
    const { taskId } = created
    yield { type: 'created', taskId }
    try {
      refuseBadTips(created.promptTips)
      yield* followTask(taskId, {
        ...options,
        giveUpAt: clock.now() + options.runTimeoutMs,
        ...(created.socketUrl !== undefined && { socketUrl: created.socketUrl }),
      })
    } catch (error) {
      throw withTask(error, taskId)
    }
  } finally {
    release()
  }
}

function tell(news: CreateNews): TaskEvent {
  return news.type === 'submitting'
    ? news
    : { type: 'slot-awaited', why: news.why, retryInMs: news.retryInMs }
}

/** promptTips with `result: false`: the task exists but cannot run (RunningHub: create). */
function refuseBadTips(promptTips: string): void {
  let tips: JsonValue
  try {
    tips = parseJson(promptTips)
  } catch {
    // Often empty, now and then free text: it says nothing then.
    return
  }
  if (typeof tips !== 'object' || tips === null || Array.isArray(tips) || tips.result !== false) return
  const nodes =
    typeof tips.node_errors === 'object' && tips.node_errors !== null ? Object.keys(tips.node_errors) : []
  const where = nodes.length > 0 ? ` Nodes with errors: ${nodes.join(', ')}.` : ''
  throw new BridgeError(`RunningHub took the task but its graph cannot run.${where}`, {
    code: 'cloud-433',
    hint: 'Check the values sent to these nodes.',
  })
}

/** Lets callbacks speak inside a generator: yields what was put in while a promise is awaited. */
function createMailbox<T>() {
  let box: T[] = []
  let ring = () => {}
  return {
    put(item: T): void {
      box.push(item)
      ring()
    },
    async *during<R>(promise: Promise<R>): AsyncGenerator<T, R> {
      let outcome: { value: R } | { error: unknown } | undefined
      const settled = promise.then(
        value => {
          outcome = { value }
        },
        (error: unknown) => {
          outcome = { error }
        },
      )
      while (true) {
        const items = box
        box = []
        yield* items
        if (box.length > 0) continue
        if (outcome) break
        await Promise.race([settled, new Promise<void>(resolve => (ring = resolve))])
      }
      if ('error' in outcome) throw outcome.error
      return outcome.value
    },
  }
}
