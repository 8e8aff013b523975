import type { CloudResult } from '../../nodes/context.ts'
import {
  CloudError,
  type CreateRequest,
  noCost,
  readTitles,
  runTask,
  takesWebhook,
} from '../runninghub/index.ts'
import { HandOverError } from '../shared/abort.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'
import { limitOf, lookBeforeCreate, titlesOf } from './ask-site.ts'
import { lookMs } from './claim.ts'
import { fetchResult } from './fetch-result.ts'
import type { Job } from './job.ts'
import type { NewTask, TaskNote } from './journal.ts'
import { untilTurnMs } from './lane.ts'
import { afterStop } from './stop-task.ts'
import { askedForWebhook } from './webhooks.ts'

/** A task on its way into the journal, or in it. */
export type Entry = {
  seq?: number
  readonly task?: Omit<NewTask, 'before' | 'notes'>
  /** Waits before the task had an entry. */
  readonly notes?: TaskNote[]
}

/** Whether the cloud itself ended a task badly: to be told again rather than paid again. */
export const hasFailed = (error: unknown): error is BridgeError =>
  error instanceof BridgeError && ['cloud-805', 'cloud-433'].includes(error.code)

/** Creates (or takes up) a task and follows it to its files, writing down every step. */
export async function live(
  it: Job,
  request: CreateRequest,
  entry: Entry,
  existing?: { taskId: string; patienceMs: number; ageMs: number },
): Promise<CloudResult> {
  const { options, context, client, tell, lane, job } = it
  const { journal, clock } = options
  const { signal } = context
  let isOver = false
  const onStop = (taskId: string) => {
    if (isOver || entry.seq === undefined) return
    if (signal.reason instanceof HandOverError) {
      journal.handOver(entry.seq)
      return
    }
    options.background(
      it.isWanted()
        ? leaveToOthers(it, entry.seq, taskId)
        : it.claim.keepDuring(afterStop(it, entry.seq, taskId)),
    )
  }
  const watchStop = (taskId: string) => {
    if (signal.aborted) onStop(taskId)
    else signal.addEventListener('abort', () => onStop(taskId), { once: true })
  }
  if (existing) watchStop(existing.taskId)
  const webhookUrl = takesWebhook(request.kind) ? options.webhooks.urlFor(it.site) : undefined
  const events = runTask(request, {
    client,
    transport: options.transport,
    isForeign: it.site.isForeign,
    clock,
    signal,
    slots: options.slots(
      context.work.runId,
      existing ? undefined : () => limitOf(client, lane, job.concurrency, options.memory, signal, clock),
    ),
    lane,
    concurrency: job.concurrency,
    runTimeoutMs: job.timeoutMs,
    random: Math.random,
    claimQuestion: () => untilTurnMs(options.lanes, it.site, clock),
    webhook: options.webhooks,
    ...(webhookUrl !== undefined && { webhookUrl }),
    ...(request.kind === 'workflow' && {
      graph: async () =>
        request.graph === undefined
          ? titlesOf(client, request.targetId, signal, options.memory)
          : readTitles(request.graph),
    }),
    ...(existing && { existing }),
    record: {
      async submitting() {
        const before = await lookBeforeCreate(client, lane, options.memory, signal, clock)
        signal.throwIfAborted()
        if (entry.seq !== undefined) journal.set(entry.seq, 'submitting', clock.now())
        else if (entry.task) {
          const { task, notes = [] } = entry
          const { isSandbox } = it.site
          const caps = options.caps()
          const paid = { ...task, isSandbox, site: isSandbox ? 'sandbox' : task.site }
          await options.spending.admit(paid, caps, {
            signal,
            onWait: why => tell.event({ type: 'slot-awaited', why }),
            insert() {
              const group = caps.group && { group: caps.group.id }
              const whole = { ...task, before, notes: notes.slice(-50), ...group }
              entry.seq = journal.submitting(whole, clock.now())
            },
          })
        }
      },
      created(taskId) {
        options.memory.looks.delete(lane)
        const why = webhookUrl === undefined ? {} : { why: askedForWebhook }
        if (entry.seq !== undefined) journal.set(entry.seq, 'created', clock.now(), { taskId, ...why })
        tell.task(taskId, 'created')
        watchStop(taskId)
      },
      failed(error) {
        if (entry.seq === undefined) return
        const isRefused = error instanceof CloudError && error.created !== 'unknown'
        journal.set(entry.seq, isRefused ? 'refused' : 'unknown', clock.now(), { why: messageOf(error) })
      },
    },
  })
  let noted = ''
  const seqOf = () => entry.seq ?? 0
  try {
    for await (const event of events) {
      tell.event(event)
      if (it.leave && event.type === 'created') {
        // Whatever stops this run later, the task goes on for whoever fetches it.
        isOver = true
        return leaveIt(it, seqOf(), event.taskId)
      }
      if ((event.type === 'queued' || event.type === 'running') && noted !== event.type) {
        noted = event.type
        journal.set(seqOf(), event.type, clock.now())
      } else if (event.type === 'slot-awaited' && noted !== event.why) {
        noted = event.why
        const note = { at: clock.now(), what: 'waiting for a slot', why: event.why }
        if (entry.seq === undefined) entry.notes?.push(note)
        else journal.note(entry.seq, note)
      }
      if (event.type !== 'done') continue
      isOver = true
      options.memory.looks.delete(lane)
      const taskId = tell.taskId ?? existing?.taskId
      if (taskId === undefined) break
      const { type: _, ...outputs } = event
      journal.set(seqOf(), 'done', clock.now(), { outputs })
      return await fetchResult(it, seqOf(), taskId, outputs)
    }
  } catch (error) {
    const taskId = tell.taskId ?? existing?.taskId
    if (taskId === undefined || entry.seq === undefined || signal.aborted) throw error
    if (hasFailed(error)) {
      const { message, code, hint } = error
      journal.set(entry.seq, 'failed', clock.now(), {
        error: { message, code, ...(hint !== undefined && { hint }) },
      })
      tell.task(taskId, 'failed')
    } else {
      // It goes on without us: the next run of the same work takes it up.
      journal.letGo(entry.seq)
      if (!isOver) tell.task(taskId, 'unknown', { note: 'no longer followed; it goes on' })
    }
    // A later stop of the run has nothing to do with it any more.
    isOver = true
    throw error
  }
  throw new BridgeError('The task ended without a result.', { code: 'cloud-no-end' })
}

/** Another run waits for this very task: it takes it up, unless it was stopped in the same moment. */
async function leaveToOthers(it: Job, seq: number, taskId: string): Promise<void> {
  const { journal, claims, clock } = it.options
  journal.letGo(seq)
  await new Promise(resolve => setImmediate(resolve))
  const { signature } = it.work
  // Behind all who wait now, and nobody they wait for.
  const claim = claims.enter(signature, true)
  try {
    while (journal.isAbandoned(seq) && !claims.isFirst(signature, claim))
      await new Promise<void>(resolve => clock.schedule(lookMs, resolve))
    const isOurs = journal.isAbandoned(seq) && journal.adopt(it.work, { isForced: false })?.seq === seq
    if (isOurs) await afterStop(it, seq, taskId)
    else it.tell.task(taskId, 'unknown', { note: 'another run waits for it: it goes on' })
  } finally {
    claims.leave(claim)
  }
}

/** Hands a created task over to whoever fetches it by its id. */
export function leaveIt(it: Job, seq: number, taskId: string): CloudResult {
  const { journal, clock } = it.options
  if (journal.get(seq)?.state !== 'fetched') journal.set(seq, 'left', clock.now())
  it.tell.task(taskId, 'created', { note: 'left to run; fetch it by its id' })
  return { taskId, files: [], texts: [], cost: noCost }
}
