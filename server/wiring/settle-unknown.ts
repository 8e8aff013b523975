import { BridgeError } from '../shared/errors.ts'
import { lookAtAccount } from './ask-site.ts'
import type { Job } from './job.ts'
import type { AccountLook, TaskRecord } from './journal.ts'
import type { Decision } from './unknown.ts'

/**
 * A create whose answer is lost: the id of the task it came to, or undefined when nothing was created and it may be sent again. Settled by looking where the site allows it: when nothing unknown runs and nothing was charged since before
 * the create, nothing was created. Otherwise decided by the policy; never repeated by itself.
 */
export async function settleUnknown(it: Job, record: TaskRecord, what: string): Promise<string | undefined> {
  const { options, context, lane } = it
  const { journal, clock } = options
  const now = await lookAtAccount(it.client, context.signal, clock)
  const alive = journal.countLive(lane)
  const { before } = record
  if (before && now && now.running !== null && now.running <= alive && sameMoney(before, now)) {
    journal.set(record.seq, 'refused', clock.now(), {
      why: 'looked: nothing more runs and nothing was charged',
    })
    return undefined
  }
  const counted = now?.running ?? undefined
  const why =
    counted === undefined ? what : `${what} RunningHub counts ${counted} running, ${alive} are known here.`
  if (record.state !== 'unknown') journal.set(record.seq, 'unknown', clock.now(), { why })
  const decision = await decide(it, record, why)
  if (decision?.choice === 'adopt') {
    journal.set(record.seq, 'created', clock.now(), { taskId: decision.taskId, why: 'adopted by hand' })
    return decision.taskId
  }
  if (decision?.choice === 'resubmit') {
    journal.set(record.seq, 'refused', clock.now(), { why: 'submitted again by decision' })
    return undefined
  }
  if (decision) journal.set(record.seq, 'refused', clock.now(), { why: 'given up by decision' })
  throw new BridgeError(`A paid task may exist: ${why}`, {
    code: 'cloud-create-unknown',
    hint: 'Look at the task list on the RunningHub site. Then run again with --on-unknown resubmit, or with ask to name the task that exists. Nothing is sent a second time by itself.',
  })
}

function sameMoney(before: AccountLook, now: AccountLook): boolean {
  return before.coins === now.coins && before.money === now.money
}

async function decide(
  { options, context }: Job,
  record: TaskRecord,
  what: string,
): Promise<Decision | undefined> {
  if (options.onUnknown === 'fail') return undefined
  if (options.onUnknown === 'resubmit') return { choice: 'resubmit' }
  context.report({ phase: 'unknown-create', label: what })
  return options.decisions.ask({ record, what }, context.signal)
}
