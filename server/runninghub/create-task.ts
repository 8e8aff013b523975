import type { Clock } from '../shared/clock.ts'
import { messageOf } from '../shared/errors.ts'
import type { CreatedTask, RunningHubClient } from './client.ts'
import type { CreateRequest } from './create-request.ts'
import { codeFacts } from './error-codes.ts'
import { CloudError } from './errors.ts'

/** News while a task is being created. */
export type CreateNews =
  | { readonly type: 'submitting' }
  /** The cloud has no room; nothing was created. */
  | { readonly type: 'refused-for-now'; readonly why: string; readonly retryInMs: number }

export type CreateOptions = {
  readonly client: Pick<RunningHubClient, 'create'>
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onNews: (news: CreateNews) => void
  /** Before each sending; what it throws ends the create, with nothing sent. */
  readonly onSubmit?: () => Promise<void>
  /** 0 to 1, for jitter; Math.random outside of tests. */
  readonly random: () => number
}

/** Connecting that fails is tried again this often, in case a network comes back. */
const unreachableTries = 4

/**
 * Creates a task exactly once. Sent again only after answers that prove that nothing was created: no room (421, 415, 1003, 1011, 1520,
 * 814), or no connection. Anything ambiguous is an error `cloud-create-unknown`, never a second task. The wait can be
 * stopped; a request on its way cannot, because a paid task may come of it.
 */
export async function createTask(request: CreateRequest, options: CreateOptions): Promise<CreatedTask> {
  const { client, clock, signal } = options
  for (let attempt = 0, unreachable = 0; ; attempt++) {
    signal.throwIfAborted()
    await options.onSubmit?.()
    options.onNews({ type: 'submitting' })
    try {
      return await client.create(request)
    } catch (error) {
      if (!(error instanceof CloudError)) throw unknownCreate(error)
      if (error.created === 'unknown') throw unknownCreate(error)
      if (error.created === 'no') throw error
      if (error.code === 'cloud-unreachable' && ++unreachable >= unreachableTries) throw error
      const retryInMs = pauseMs(error, attempt, options.random())
      const why = error.cloudCode === undefined ? error.message : codeFacts(error.cloudCode).meaning
      options.onNews({ type: 'refused-for-now', why, retryInMs })
      await clock.sleep(retryInMs, signal)
    }
  }
}

/** Growing pauses with jitter: 30 to 120 s for exclusive machines (415), 3 to 30 s otherwise, 1 to 8 s to reach the host. */
function pauseMs(error: CloudError, attempt: number, random: number): number {
  const [first, last] =
    error.cloudCode === 415
      ? [30_000, 120_000]
      : error.code === 'cloud-unreachable'
        ? [1_000, 8_000]
        : [3_000, 30_000]
  const grown = Math.min(last, first * 1.6 ** attempt)
  return Math.round(grown * (0.8 + 0.4 * random))
}

function unknownCreate(error: unknown): CloudError {
  return new CloudError(
    `RunningHub's answer to the create was lost (${messageOf(error)}). A paid task may exist.`,
    {
      code: 'cloud-create-unknown',
      created: 'unknown',
      askAgain: false,
      hint: 'Look at the task list on the RunningHub site before you run again. Nothing was sent a second time.',
      cause: error,
    },
  )
}
