import { hash } from 'node:crypto'
import type { CloudJob, CloudResult, NodeContext } from '../../nodes/context.ts'
import {
  CloudError,
  type CreateRequest,
  createRunningHubClient,
  noCost,
  readTitles,
  runTask,
  textsIn,
  withTexts,
} from '../runninghub/index.ts'
import { HandOverError, rejectOnAbort } from '../shared/abort.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'
import { describeFields, type InFlight, limitOf, lookBeforeCreate, titlesOf } from './ask-site.ts'
import type { CloudOptions } from './cloud.ts'
import { fetchResult } from './fetch-result.ts'
import type { Job } from './job.ts'
import type { NewTask, TaskNote, TaskRecord, Work } from './journal.ts'
import { laneOf, untilTurnMs } from './lane.ts'
import { settleUnknown } from './settle-unknown.ts'
import type { Site } from './site.ts'
import { afterStop } from './stop-task.ts'
import { createTeller } from './teller.ts'
import { toRequest } from './to-request.ts'
import { renewUploads } from './uploads.ts'

/** A resumed task gets at least this long, however long ago it was created. */
const leastPatienceMs = 60_000

/**
 * Brings one job to its result, paying once: work that a journalled task does already is followed on or fetched, only what nobody does
 * is created. Every step is in the journal before the next one goes out.
 */
export async function runJob(
  job: CloudJob,
  context: NodeContext,
  site: Site,
  options: CloudOptions,
  /** Created only, and left to run: the result then is its id alone. */
  leave = false,
): Promise<CloudResult> {
  const lane = laneOf(site)
  const client = createRunningHubClient({ ...options, ...site })
  const tell = createTeller(context)
  const work = workOf(job, context, lane)
  const { inFlight } = options.memory
  const asked = () => (context.work.isForced ? undefined : inFlight.get(work.signature))
  for (let same = asked(); same; same = asked()) {
    // Somebody asks for the very same at the same time: one task serves both. When it comes to nothing, one of those who waited is next.
    context.report({ phase: 'working', label: 'The same task runs already' })
    const shared = await share(same, context.signal)
    if (shared) return shared
  }
  const others = { waiting: 0 }
  const isWanted = () => others.waiting > 0
  const it: Job = {
    ...{ job, request: toRequest(job), leave, work, context, site, lane, client, tell, options, isWanted },
  }
  const own: InFlight = Object.assign(others, { result: bring(it, work) })
  inFlight.set(work.signature, own)
  try {
    return await own.result
  } finally {
    if (inFlight.get(work.signature) === own) inFlight.delete(work.signature)
  }
}

async function bring(it: Job, work: Work): Promise<CloudResult> {
  const { isForced } = it.context.work
  const record = it.options.journal.adopt(work, { isForced })
  const left = record && (await takeUp(it, record))
  return left ?? create(it, work)
}

/** What another run's task gives, or undefined when it gives nothing: then it is this run's turn. A task that failed has failed for all. */
async function share(same: InFlight, signal: AbortSignal): Promise<CloudResult | undefined> {
  const abort = rejectOnAbort(signal)
  same.waiting++
  try {
    return await Promise.race([same.result, abort.promise])
  } catch (error) {
    signal.throwIfAborted()
    if (hasFailed(error)) throw error
    return undefined
  } finally {
    same.waiting--
    abort.release()
  }
}

/** Whether the cloud itself ended a task badly: to be told again rather than paid again. */
const hasFailed = (error: unknown): error is BridgeError =>
  error instanceof BridgeError && ['cloud-805', 'cloud-433'].includes(error.code)

function workOf(job: CloudJob, context: NodeContext, lane: string): Work {
  const { runId, signature, call } = context.work
  const what = signature ?? `${runId}\0${context.nodeId}`
  const which = job.part === undefined ? call : `${call}.${job.part}`
  return {
    runId,
    nodeId: context.nodeId,
    call,
    signature: hash('sha256', `${what}\0${which}\0${lane}`, 'base64url'),
  }
}

/** Goes on with a task that exists. Undefined when there is nothing to go on with and the work is to be created. */
async function takeUp(it: Job, record: TaskRecord): Promise<CloudResult | undefined> {
  const { context, options } = it
  const { taskId, seq } = record
  const isAlive = !['submitting', 'unknown', 'failed', 'cancelled'].includes(record.state)
  if (it.leave && taskId !== undefined && isAlive) return leaveIt(it, seq, taskId)
  const why = record.runId === context.work.runId ? 'after a restart' : `by run ${context.work.runId}`
  options.journal.note(seq, { at: options.clock.now(), what: 'taken up', why })
  if (taskId !== undefined) it.tell.task(taskId, record.state === 'failed' ? 'failed' : 'created')
  switch (record.state) {
    case 'fetched':
      if (record.result?.files.every(file => options.assets.isThere(file.asset))) {
        return { ...record.result, cost: record.outputs?.cost ?? noCost }
      }
      // Its files were cleaned up here; perhaps RunningHub still has them.
      return record.outputs && taskId !== undefined
        ? fetchResult(it, seq, taskId, record.outputs).catch(error => orNothing(it, seq, error))
        : undefined
    case 'failed':
      throw new BridgeError(record.error?.message ?? 'The cloud task failed.', {
        code: record.error?.code ?? 'cloud-805',
        ...(record.error?.hint !== undefined && { hint: record.error.hint }),
        ...(taskId !== undefined && { taskId }),
      })
    case 'cancelled':
      throw stopped(taskId)
    case 'stopping':
      return goOnStopped(it, record)
    case 'submitting':
    case 'unknown':
      return goOnAfter(
        it,
        record,
        await settleUnknown(it, record, 'The program ended before RunningHub had answered.'),
      )
    case 'done':
      if (record.outputs && taskId !== undefined) {
        try {
          return await fetchResult(it, record.seq, taskId, record.outputs)
        } catch (error) {
          // The addresses may have changed; the task is asked once more for where its files are.
          if (context.signal.aborted || !(error instanceof BridgeError && goneCodes.has(error.code)))
            throw error
        }
      }
      return follow(it, record.seq, taskId, record.createdAt)
    default:
      return follow(it, record.seq, taskId, record.createdAt)
  }
}

/** Its process ended before the cloud had said what became of a stop. */
async function goOnStopped(it: Job, record: TaskRecord): Promise<CloudResult | undefined> {
  const { seq, taskId } = record
  if (taskId === undefined) return undefined
  if (record.runId === it.context.work.runId) {
    it.options.background(afterStop(it, seq, taskId))
    throw stopped(taskId)
  }
  try {
    return await follow(it, seq, taskId, record.createdAt)
  } catch (error) {
    if (!hasFailed(error)) throw error
    it.options.journal.set(seq, 'cancelled', it.options.clock.now(), { why: 'stopped' })
    it.tell.task(taskId, 'cancelled')
    return undefined
  }
}

function stopped(taskId: string | undefined): BridgeError {
  return new BridgeError('Its task was stopped.', {
    code: 'stopped',
    hint: 'Run again to go on.',
    ...(taskId !== undefined && { taskId }),
  })
}

/** What RunningHub can no longer give is made anew. */
function orNothing({ options }: Job, seq: number, error: unknown): undefined {
  if (options.journal.get(seq)?.state !== 'failed') throw error
}

const goneCodes: ReadonlySet<string> = new Set(['result-expired', 'download-failed'])

async function follow(
  it: Job,
  seq: number,
  taskId: string | undefined,
  createdAt: number,
): Promise<CloudResult | undefined> {
  if (taskId === undefined) return undefined
  const { clock } = it.options
  // Its clock may have been set since: no more than the whole time either.
  const leftMs = Math.min(it.job.timeoutMs, createdAt + it.job.timeoutMs - clock.now())
  const patienceMs = Math.max(leftMs, leastPatienceMs)
  return live(it, it.request, { seq }, { taskId, patienceMs })
}

/** Follows the task a lost create came to, or nothing when it came to none. */
async function goOnAfter(
  it: Job,
  record: TaskRecord,
  taskId: string | undefined,
): Promise<CloudResult | undefined> {
  if (taskId === undefined) return undefined
  it.tell.task(taskId, 'created')
  return follow(it, record.seq, taskId, it.options.clock.now())
}

async function create(it: Job, work: Work): Promise<CloudResult> {
  const { context, options, site, lane, request } = it
  const { clock } = options
  const how = { signal: context.signal, report: context.report }
  const renew = async (old: CreateRequest, which: 'expired' | 'all'): Promise<CreateRequest | undefined> => {
    const names = await renewUploads(textsIn(old), which, site, lane, options.uploads, how)
    return names.size > 0 ? withTexts(old, names) : undefined
  }
  const said =
    request.kind === 'quick' ? await describeFields(request, it.client, context.signal, clock) : request
  const first = (await renew(said, 'expired')) ?? said
  try {
    return await attempt(it, work, first)
  } catch (error) {
    // A file the cloud no longer knows is sent again, once; nothing was created by a refused create.
    const names =
      error instanceof CloudError &&
      error.created === 'no' &&
      [803, 1101, 1013].includes(error.cloudCode ?? 0)
    if (!names || it.tell.taskId !== undefined) throw error
    const renewed = await renew(first, 'all')
    if (!renewed) throw error
    return attempt(it, work, renewed)
  }
}

async function attempt(it: Job, work: Work, request: CreateRequest): Promise<CloudResult> {
  const { journal } = it.options
  const { job, site, lane } = it
  const { targetId } = request
  const entry: Entry = {
    task: { ...work, lane, site: site.baseUrl, keyName: site.keyName, kind: job.kind, targetId },
    notes: [],
  }
  try {
    return await live(it, request, entry)
  } catch (error) {
    const isUnknown = error instanceof CloudError && error.code === 'cloud-create-unknown'
    const record = isUnknown && entry.seq !== undefined ? journal.get(entry.seq) : undefined
    if (!record || it.context.signal.aborted) throw error
    const settled = await goOnAfter(it, record, await settleUnknown(it, record, messageOf(error)))
    if (settled) return settled
    // Decided: once more, with an entry of its own.
    return attempt(it, work, request)
  }
}

type Entry = {
  seq?: number
  readonly task?: Omit<NewTask, 'before' | 'notes'>
  /** Waits before the task had an entry. */
  readonly notes?: TaskNote[]
}

/** Creates (or takes up) a task and follows it to its files, writing down every step. */
async function live(
  it: Job,
  request: CreateRequest,
  entry: Entry,
  existing?: { taskId: string; patienceMs: number },
): Promise<CloudResult> {
  const { options, context, client, tell, lane, job } = it
  const { journal, clock } = options
  const { signal } = context
  let isOver = false
  const onStop = (taskId: string) => {
    if (isOver || entry.seq === undefined) return
    if (signal.reason instanceof HandOverError) return
    options.background(
      it.isWanted() ? leaveToOthers(it, entry.seq, taskId) : afterStop(it, entry.seq, taskId),
    )
  }
  const watchStop = (taskId: string) => {
    if (signal.aborted) onStop(taskId)
    else signal.addEventListener('abort', () => onStop(taskId), { once: true })
  }
  if (existing) watchStop(existing.taskId)
  const events = runTask(request, {
    client,
    transport: options.transport,
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
    claimQuestion: () => untilTurnMs(options.lanes, lane, clock),
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
        if (entry.seq !== undefined) journal.set(entry.seq, 'submitting', clock.now())
        else if (entry.task) {
          const { task, notes = [] } = entry
          entry.seq = journal.submitting({ ...task, before, notes: notes.slice(-50) }, clock.now())
        }
      },
      created(taskId) {
        options.memory.looks.delete(lane)
        if (entry.seq !== undefined) journal.set(entry.seq, 'created', clock.now(), { taskId })
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
  const { journal } = it.options
  journal.letGo(seq)
  await new Promise(resolve => setImmediate(resolve))
  if (journal.adopt(it.work, { isForced: false })?.seq === seq) return afterStop(it, seq, taskId)
  it.tell.task(taskId, 'unknown', { note: 'another run waits for it: it goes on' })
}

/** Hands a created task over to whoever fetches it by its id. */
function leaveIt(it: Job, seq: number, taskId: string): CloudResult {
  const { journal, clock } = it.options
  if (journal.get(seq)?.state !== 'fetched') journal.set(seq, 'left', clock.now())
  it.tell.task(taskId, 'created', { note: 'left to run; fetch it by its id' })
  return { taskId, files: [], texts: [], cost: noCost }
}
