import type { Clock } from '../shared/clock.ts'
import type { CreatedTask, RunningHubClient } from './client.ts'
import type { CreateRequest } from './create-request.ts'
import { type CreateNews, createTask } from './create-task.ts'
import { withTask } from './errors.ts'
import { type FollowOptions, followTask, type TaskSight } from './follow.ts'
import type { TaskState } from './outputs.ts'
import { refuseBadTips } from './prompt-tips.ts'
import type { Slots } from './slots.ts'

/** The life of a task as its caller sees it; ends with `done`. */
export type TaskEvent =
  | { readonly type: 'slot-awaited'; readonly why: string; readonly retryInMs?: number }
  | { readonly type: 'submitting' }
  | { readonly type: 'created'; readonly taskId: string }
  | TaskSight

export type RunTaskOptions = {
  readonly client: RunningHubClient
  readonly transport: FollowOptions['transport']
  readonly isForeign?: FollowOptions['isForeign']
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
  /** Writes down what becomes of the create, each step before the next; told even when the run was stopped meanwhile. */
  readonly record: CreateRecord
  /** A task that exists already: nothing is created, it is followed on. */
  readonly existing?: { readonly taskId: string; readonly patienceMs: number; readonly ageMs: number }
  /** See {@link FollowOptions.claimQuestion}. */
  readonly claimQuestion?: FollowOptions['claimQuestion']
  /** Where the cloud is to call at the end of a task that is created. */
  readonly webhookUrl?: string
  readonly webhook?: FollowOptions['webhook']
}

export type CreateRecord = {
  /** Awaited before the create is sent. */
  submitting(): Promise<void>
  created(taskId: string): void
  failed(error: unknown): void
}

/**
 * Waits for a slot, creates the task once, follows it to the end. Errors after the creation carry the taskId. The slot is
 * free again when the task has ended or is no longer followed.
 */
export async function* runTask(
  request: CreateRequest,
  options: RunTaskOptions,
): AsyncGenerator<TaskEvent, void> {
  const { signal } = options
  const waits = createMailbox<TaskEvent>()
  const release = yield* waits.during(
    options.slots.acquire(
      options.lane,
      options.existing ? Number.MAX_SAFE_INTEGER : options.concurrency,
      signal,
      (busy, limit) => waits.put({ type: 'slot-awaited', why: `${busy} of ${limit} busy` }),
    ),
  )
  try {
    const created: CreatedTask = options.existing
      ? { taskId: options.existing.taskId, status: '', promptTips: '' }
      : yield* waits.during(
          createTask(request, {
            ...options,
            client: recorded(options),
            onSubmit: options.record.submitting,
            onNews: news => waits.put(tell(news)),
          }),
        )
    const { taskId } = created
    yield { type: 'created', taskId }
    try {
      refuseBadTips(created.promptTips)
      yield* followTask(taskId, {
        ...options,
        patienceMs: options.existing?.patienceMs ?? options.runTimeoutMs,
        ...(options.existing && { ageMs: options.existing.ageMs }),
        ask: lookAt(options.client, request.kind),
        ...(created.socketUrl !== undefined && { socketUrl: created.socketUrl }),
      })
    } catch (error) {
      throw withTask(error, taskId)
    }
  } finally {
    release()
  }
}

/** The call that says how a task of that kind stands: models are known to v2 alone. */
export function lookAt(
  client: RunningHubClient,
  kind: CreateRequest['kind'],
): (taskId: string, signal: AbortSignal) => Promise<TaskState> {
  return kind === 'model' ? client.queryV2 : client.outputs
}

/** A client that writes down whatever came of a create. */
function recorded({ client, record, webhookUrl }: RunTaskOptions): Pick<RunningHubClient, 'create'> {
  return {
    async create(sent) {
      let task: CreatedTask
      try {
        task = await client.create(sent, webhookUrl === undefined ? {} : { webhookUrl })
      } catch (error) {
        record.failed(error)
        throw error
      }
      record.created(task.taskId)
      return task
    },
  }
}

function tell(news: CreateNews): TaskEvent {
  return news.type === 'submitting'
    ? news
    : { type: 'slot-awaited', why: news.why, retryInMs: news.retryInMs }
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
