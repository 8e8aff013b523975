import { hash } from 'node:crypto'
import type { CloudJob, CloudResult, NodeContext } from '../../nodes/context.ts'
import {
  CloudError,
  type CreateRequest,
  createRunningHubClient,
  textsIn,
  withTexts,
} from '../runninghub/index.ts'
import { rejectOnAbort } from '../shared/abort.ts'
import { messageOf } from '../shared/errors.ts'
import { describeFields, type InFlight } from './ask-site.ts'
import { claimWork } from './claim.ts'
import type { CloudOptions } from './cloud.ts'
import type { Job } from './job.ts'
import type { Work } from './journal.ts'
import { laneOf } from './lane.ts'
import { type Entry, hasFailed, live } from './live.ts'
import { settleUnknown } from './settle-unknown.ts'
import type { Site } from './site.ts'
import { goOnAfter, takeUp } from './take-up.ts'
import { createTeller } from './teller.ts'
import { toRequest } from './to-request.ts'
import { renewUploads } from './uploads.ts'

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
  const onWait = () => context.report({ phase: 'working', label: 'The same task runs already' })
  for (let same = asked(); same; same = asked()) {
    // Somebody asks for the very same at the same time: one task serves both. When it comes to nothing, one of those who waited is next.
    onWait()
    const shared = await share(same, context.signal)
    if (shared) return shared
  }
  const others = { waiting: 0 }
  const request = toRequest(job)
  const bring = async () => {
    const { isForced } = context.work
    const { clock } = options
    // Other processes on the data folder may be at it, too.
    const claim = await claimWork(options.claims, work.signature, {
      ...{ isForced, clock, onWait, signal: context.signal },
    })
    const isWanted = () => others.waiting > 0 || claim.isWanted()
    const it: Job = {
      ...{ job, request, leave, work, context, site, lane, client, tell, options, claim, isWanted },
    }
    try {
      const { waitedSince } = claim
      const record = options.journal.adopt(work, {
        isForced,
        ...(waitedSince !== undefined && { waitedSince }),
      })
      return (record && (await takeUp(it, record))) ?? (await create(it, work))
    } finally {
      claim.leave()
    }
  }
  const own: InFlight = Object.assign(others, { result: bring() })
  inFlight.set(work.signature, own)
  try {
    return await own.result
  } finally {
    if (inFlight.get(work.signature) === own) inFlight.delete(work.signature)
  }
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
    // Stopped meanwhile: whoever does this work next has the question before them.
    if (record && it.context.signal.aborted) journal.letGo(record.seq)
    if (!record || it.context.signal.aborted) throw error
    const settled = await goOnAfter(it, record, await settleUnknown(it, record, messageOf(error)))
    if (settled) return settled
    // Decided: once more, with an entry of its own.
    return attempt(it, work, request)
  }
}
