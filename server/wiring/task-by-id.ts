import type { CloudResult, NodeContext, TaskLook, TaskName, TaskWish } from '../../nodes/context.ts'
import {
  CloudError,
  createRunningHubClient,
  followTask,
  lookAt,
  noCost,
  type RunningHubClient,
} from '../runninghub/index.ts'
import { BridgeError } from '../shared/errors.ts'
import type { CloudOptions } from './cloud.ts'
import { downloadAll } from './downloads.ts'
import type { TaskRecord } from './journal.ts'
import { laneOf, untilTurnMs } from './lane.ts'
import type { Site } from './site.ts'
import { createTeller } from './teller.ts'

/** What is done with a task that is named by its id, wherever it was started. None of it creates one. */
type ById = {
  readonly taskId: string
  readonly client: RunningHubClient
  /** What the journal knows of it, when it was created here. */
  readonly record: TaskRecord | undefined
}

function find({ taskId: written }: TaskName, site: Site, options: CloudOptions): ById {
  const taskId = written.trim()
  if (!/^\d{1,20}$/.test(taskId)) {
    throw new BridgeError(
      taskId === '' ? 'No task is named.' : `"${taskId}" is no task id: ids are digits only.`,
      {
        code: 'bad-task-id',
        hint: 'It stands in the task list on the RunningHub site, and in the reports of runs.',
      },
    )
  }
  const client = createRunningHubClient({ ...options, ...site })
  return { taskId, client, record: options.journal.ofTask(laneOf(site), taskId) }
}

/** Waits for a task and brings its files here. A stop ends the wait, not the task. */
export async function fetchTask(
  wanted: TaskWish,
  context: NodeContext,
  site: Site,
  options: CloudOptions,
): Promise<CloudResult> {
  const { taskId, client, record } = find(wanted, site, options)
  const { clock, journal } = options
  const { signal, report } = context
  const tell = createTeller(context)
  // What it cost was paid by whoever created it, and is told there.
  const note = { note: 'fetched by its id' }
  tell.task(taskId, 'created', note)
  if (record?.result?.files.every(file => options.assets.isThere(file.asset))) {
    tell.task(taskId, 'success', note)
    return { ...record.result, cost: record.outputs?.cost ?? noCost }
  }
  const events = followTask(taskId, {
    client,
    transport: options.transport,
    isForeign: site.isForeign,
    clock,
    signal,
    patienceMs: wanted.timeoutMs,
    ageMs: record ? clock.now() - record.createdAt : Number.POSITIVE_INFINITY,
    claimQuestion: () => untilTurnMs(options.lanes, site, clock),
    webhook: options.webhooks,
    ask: lookAt(client, record?.kind ?? 'workflow'),
  })
  try {
    for await (const event of events) {
      tell.event(event)
      if (event.type !== 'done') continue
      const { type: _, ...outputs } = event
      const fetched = await downloadAll(taskId, outputs.files, {
        ...options,
        baseUrl: site.baseUrl,
        isForeign: site.isForeign,
        signal,
        report,
      })
      const result: CloudResult = { ...outputs, taskId, files: fetched }
      if (record) journal.set(record.seq, 'fetched', clock.now(), { outputs, result })
      tell.task(taskId, 'success', note)
      return result
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof CloudError)) throw error
    if (error.code === 'cloud-805') tell.task(taskId, 'failed')
    // A task that is not known was never in sight.
    const { cause } = error
    const isUnknown = cause instanceof CloudError && [807, 1004].includes(cause.cloudCode ?? 0)
    throw isUnknown ? cause : error
  }
  throw new BridgeError('The task ended without a result.', { code: 'cloud-no-end', taskId })
}

/** How a task stands now. Throws when the cloud does not know it. */
export async function lookAtTask(
  task: TaskName,
  context: NodeContext,
  site: Site,
  options: CloudOptions,
): Promise<TaskLook> {
  const { taskId, client } = find(task, site, options)
  const state = await client.outputs(taskId, context.signal)
  switch (state.state) {
    case 'queued':
      return { status: 'QUEUED', cost: noCost }
    case 'running':
      return { status: 'RUNNING', cost: noCost }
    case 'done':
      return { status: 'SUCCESS', cost: state.cost }
    case 'failed':
      return { status: 'FAILED', reason: state.error.message, cost: noCost }
    case 'doubtful': {
      const status = await client.status(taskId, context.signal)
      if (status === 'FAILED' || status === 'CANCEL')
        return { status: 'FAILED', reason: state.error.message, cost: noCost }
      return { status: status === 'SUCCESS' || status === 'QUEUED' ? status : 'RUNNING', cost: noCost }
    }
  }
}

/** The codes with which the cloud says that there is nothing (more) to stop (RunningHub: cancel). */
const nothingToStop: ReadonlySet<number> = new Set([423, 805, 807, 1004])

/** Stops a task; false when it had ended or is not known. */
export async function cancelTask(
  task: TaskName,
  context: NodeContext,
  site: Site,
  options: CloudOptions,
): Promise<boolean> {
  const { taskId, client, record } = find(task, site, options)
  try {
    await client.cancel(taskId)
  } catch (error) {
    if (error instanceof CloudError && nothingToStop.has(error.cloudCode ?? 0)) return false
    throw error
  }
  // A task that somebody follows is theirs to write down.
  if (record?.state === 'left') {
    options.journal.set(record.seq, 'cancelled', options.clock.now(), { why: 'cancelled by its id' })
  }
  createTeller(context).task(taskId, 'cancelled')
  return true
}
