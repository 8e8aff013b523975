import { isLoopback, lookAt } from '../runninghub/index.ts'
import { withDeadline } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'
import { lookAtAccount } from './ask-site.ts'
import type { Job } from './job.ts'
import type { AccountLook, Journal, TaskRecord } from './journal.ts'
import type { Decision } from './unknown.ts'

/**
 * How long after its answer was lost a create is looked for: a gateway that gave no answer may still hand the request on. Counted from now, as no
 * clock tells for certain how long ago a process that died had sent it. What was moving at the first look may have come to rest at the second. No
 * gateway stands before a site of this machine.
 */
const lookAfterMs = { far: [3_000, 8_000], near: [200, 800] }
const askStatusMs = 5_000
/** More tasks than this are not asked after one by one: then a person looks. */
const mostAsked = 30

/**
 * A create whose answer is lost: the id of the task it came to, or undefined when nothing was created and it may be sent again. Settled by
 * looking where the site allows it; otherwise decided by the policy. Never repeated by itself.
 */
export async function settleUnknown(it: Job, record: TaskRecord, what: string): Promise<string | undefined> {
  const { journal, clock } = it.options
  try {
    if (record.state !== 'unknown') journal.set(record.seq, 'unknown', clock.now(), { why: what })
    const seen = await look(it, record)
    if (seen === 'nothing') {
      journal.set(record.seq, 'refused', clock.now(), {
        why: 'looked: nothing unknown runs and nothing was charged',
      })
      return undefined
    }
    const decision = await decide(it, record, seen === undefined ? what : `${what} ${seen}`)
    if (decision.choice === 'adopt') {
      journal.set(record.seq, 'created', clock.now(), { taskId: decision.taskId, why: 'adopted by hand' })
      return decision.taskId
    }
    const isAgain = decision.choice === 'resubmit'
    const why = isAgain ? 'submitted again by decision' : 'given up by decision'
    journal.set(record.seq, 'refused', clock.now(), { why })
    if (isAgain) return undefined
    throw mayExist(what)
  } catch (error) {
    // Whoever runs the same work next has the same question before them.
    journal.letGo(record.seq)
    throw error
  }
}

/** `nothing` when the create came to nothing, else what was seen in words; undefined when the site says nothing. */
async function look(it: Job, record: TaskRecord): Promise<string | undefined> {
  const { clock } = it.options
  const { signal, report } = it.context
  let pastMs = 0
  let words: string | undefined
  for (const afterMs of isLoopback(it.site.baseUrl) ? lookAfterMs.near : lookAfterMs.far) {
    report({ phase: 'submitting', label: 'Looking whether the task was created' })
    await clock.sleep(afterMs - pastMs, signal)
    pastMs = afterMs
    // Asked after below: what is created beside this look must not be mistaken for what was there before.
    const known = it.options.journal.liveTasks(it.lane)
    const now = await lookAtAccount(it.client, signal, clock)
    signal.throwIfAborted()
    if (!now || now.running === null || !record.before) continue
    // Money that moved may be this task's or another's: looking again does not help.
    if (!isSameMoney(record.before, now)) return 'The balance has changed since.'
    const alive = await countAlive(it, known)
    if (now.running <= alive) return 'nothing'
    words = `RunningHub counts ${now.running} running, ${alive} are known here.`
  }
  return words
}

/** How many of these tasks certainly ran when the account was looked at: those that still do. */
async function countAlive(it: Job, tasks: ReturnType<Journal['liveTasks']>): Promise<number> {
  if (tasks.length > mostAsked) return 0
  const { clock } = it.options
  const states = await Promise.all(
    tasks.map(({ taskId = '', kind }) =>
      withDeadline(clock, askStatusMs, it.context.signal, within =>
        lookAt(it.client, kind)(taskId, within),
      ).then(
        ({ state }) => state,
        () => 'no answer',
      ),
    ),
  )
  it.context.signal.throwIfAborted()
  return states.filter(state => state === 'queued' || state === 'running').length
}

function isSameMoney(before: AccountLook, now: AccountLook): boolean {
  return before.coins === now.coins && before.money === now.money
}

async function decide({ options, context }: Job, record: TaskRecord, what: string): Promise<Decision> {
  if (options.onUnknown === 'fail') throw mayExist(what)
  if (options.onUnknown === 'resubmit') return { choice: 'resubmit' }
  context.report({ phase: 'unknown-create', label: what })
  return options.decisions.ask({ record, what }, context.signal)
}

function mayExist(what: string): BridgeError {
  return new BridgeError(`A paid task may exist: ${what}`, {
    code: 'cloud-create-unknown',
    hint: 'Look at the task list on the RunningHub site. Then run again with --on-unknown resubmit, or with ask to name the task that exists. Nothing is sent a second time by itself.',
  })
}
