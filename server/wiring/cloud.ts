import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  CloudAccess,
  CloudFile,
  CloudJob,
  CloudResult,
  NodeContext,
  RemoteTask,
} from '../../nodes/context.ts'
import type { Asset, RunningHubSettings } from '../../nodes/values.ts'
import { type AssetStore, safeName } from '../assets/index.ts'
import {
  CloudError,
  type Cost,
  type CreateRequest,
  createRunningHubClient,
  downloadFile,
  maxResultBytes,
  noCost,
  type OutputFile,
  type RunningHubClient,
  readTitles,
  recordPage,
  runTask,
  type Slots,
  type TaskEvent,
  type Transport,
  uploadFile,
  withTask,
} from '../runninghub/index.ts'
import { HandOverError } from '../shared/abort.ts'
import type { Clock } from '../shared/clock.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'
import { scrub } from '../shared/secrets.ts'
import type { Site } from './site.ts'

export type CloudOptions = {
  readonly transport: Transport
  readonly clock: Clock
  readonly slots: Slots
  readonly assets: Pick<AssetStore, 'describeKnown' | 'folders'>
  readonly memory: CloudMemory
  /** Resolves a graph's settings to a site and key. */
  site(settings: RunningHubSettings): Promise<Site>
  siteName(settings: RunningHubSettings): Promise<string>
  /** Work that goes on after a stop (telling the cloud); whoever ends the process waits for it. */
  background(work: Promise<unknown>): void
}

/** What one process remembers of the cloud: uploads by content, graphs of cloud workflows. Bounded. */
export type CloudMemory = {
  readonly uploads: Map<string, { fileName: string; until: number }>
  readonly graphs: Map<string, ReadonlyMap<string, string>>
}

export function createCloudMemory(): CloudMemory {
  return { uploads: new Map(), graphs: new Map() }
}

/** An upload's name is used again for this long; how long RunningHub keeps it is not documented, its v2 link lives a day. */
const uploadLifeMs = 20 * 3600_000
const maxRemembered = 1000

/** RunningHub as nodes see it: context.cloud, made of the client, the slots and the assets. */
export function createCloudAccess(options: CloudOptions): CloudAccess {
  const { clock, memory, transport } = options

  return {
    siteOf: options.siteName,

    async runTask(job, context) {
      const site = await options.site(job.settings)
      const work = followJob(job, context, site, options)
      // A create that is on its way when the run is stopped is waited for, so that its task can be cancelled.
      options.background(work)
      try {
        return await work
      } catch (error) {
        throw keepSecret(error, site.apiKey)
      }
    },

    async upload(settings, asset, context) {
      const site = await options.site(settings)
      const memoryKey = `${site.baseUrl}\0${site.apiKey}\0${asset.sha256}`
      const known = memory.uploads.get(memoryKey)
      if (known && known.until > clock.now()) return known.fileName
      const report = (done: number) =>
        context.report({ phase: 'uploading', label: asset.name, done, of: asset.sizeBytes })
      report(0)
      try {
        const { fileName } = await uploadFile(asset, {
          transport,
          clock,
          ...site,
          signal: context.signal,
          onProgress: report,
        })
        remember(memory.uploads, memoryKey, { fileName, until: clock.now() + uploadLifeMs })
        return fileName
      } catch (error) {
        throw keepSecret(error, site.apiKey)
      }
    },
  }
}

async function followJob(
  job: CloudJob,
  context: NodeContext,
  site: Site,
  options: CloudOptions,
): Promise<CloudResult> {
  const { clock, transport } = options
  const { signal } = context
  const client = createRunningHubClient({ transport, clock, ...site })
  const request = toRequest(job)
  const tell = createTeller(context)
  let ended = false
  // A stop that comes while the create is on its way still has a task to cancel when its id arrives.
  const cancelNow = () => {
    const { taskId } = tell
    if (ended || taskId === undefined || signal.reason instanceof HandOverError) return
    options.background(cancelTask(client, taskId, tell))
  }
  const events = runTask(request, {
    client,
    transport,
    clock,
    signal,
    slots: options.slots,
    lane: `${site.baseUrl}\0${site.apiKey}`,
    concurrency: job.concurrency,
    runTimeoutMs: job.timeoutMs,
    random: Math.random,
    ...(job.kind === 'workflow' && {
      graph: () => titlesOf(client, request.targetId, signal, options.memory),
    }),
    onCreated(taskId) {
      tell.task(taskId, 'created')
      if (signal.aborted) cancelNow()
      else signal.addEventListener('abort', cancelNow, { once: true })
    },
  })
  try {
    for await (const event of events) {
      tell.event(event)
      if (event.type !== 'done') continue
      ended = true
      const { taskId } = tell
      if (taskId === undefined) break
      try {
        const files = await downloadAll(taskId, event.files, context, site, options)
        tell.task(taskId, 'success', event.cost)
        return { taskId, files, texts: event.texts }
      } catch (error) {
        tell.task(taskId, 'success', event.cost)
        throw withTask(error, taskId)
      }
    }
  } catch (error) {
    if (tell.taskId !== undefined && !signal.aborted && !ended) {
      tell.task(tell.taskId, error instanceof CloudError && error.cloudCode === 805 ? 'failed' : 'unknown')
    }
    throw addRecordPage(error, site)
  } finally {
    // A task that is no longer followed is not touched by a later stop of its run.
    signal.removeEventListener('abort', cancelNow)
  }
  throw new BridgeError('The task ended without a result.', { code: 'cloud-no-end' })
}

/** What goes onto the wire. Throws `bad-target-id` for an id that is none, before anything is sent. */
function toRequest(job: CloudJob): CreateRequest {
  const targetId = job.settings.targetId.trim()
  if (!/^\d{1,20}$/.test(targetId)) {
    const what = job.kind === 'app' ? 'AI app' : 'workflow'
    throw new BridgeError(
      targetId === ''
        ? `RH Settings names no ${what}.`
        : `"${targetId}" is no ${what} id: ids are digits only.`,
      {
        code: 'bad-target-id',
        hint: 'Put the number from the address of its RunningHub page into workflowId_webappId of RH Settings.',
      },
    )
  }
  const { kind, nodeInfoList, bigMachine } = job
  return { kind, targetId, nodeInfoList, bigMachine }
}

/** Turns a task's life into the node's progress and task reports. */
function createTeller(context: NodeContext) {
  let taskId: string | undefined
  let last: RemoteTask['status'] = 'created'
  const task = (id: string, status: RemoteTask['status'], cost: Cost = noCost) => {
    taskId = id
    last = status
    const { coins, money, seconds } = cost
    context.reportTask({ taskId: id, status, coins, money, seconds })
  }
  return {
    get taskId() {
      return taskId
    },
    task,
    event(event: TaskEvent): void {
      if (event.type === 'slot-awaited') context.report({ phase: 'waiting-slot', label: event.why })
      else if (event.type === 'submitting') context.report({ phase: 'submitting' })
      else if (event.type === 'queued') {
        if (taskId !== undefined && last !== 'queued') task(taskId, 'queued')
        context.report({ phase: 'queued' })
      } else if (event.type === 'running') {
        if (taskId !== undefined && last !== 'running') task(taskId, 'running')
        const { step, steps, ...progress } = event.progress
        context.report({
          phase: 'running',
          ...progress,
          ...(step !== undefined && steps !== undefined && { done: step, of: steps }),
        })
      }
    },
  }
}

/** Tells the cloud to stop a task, with a deadline of its own, and reports what came of it. */
async function cancelTask(
  client: RunningHubClient,
  taskId: string,
  tell: ReturnType<typeof createTeller>,
): Promise<void> {
  try {
    await client.cancel(taskId)
    tell.task(taskId, 'cancelled')
  } catch {
    // Already finished, refused or unreachable: the task may go on and stays known by its id.
    tell.task(taskId, 'unknown')
  }
}

/** All result files side by side, in the cloud's order, into a folder of the task's own. */
async function downloadAll(
  taskId: string,
  files: readonly OutputFile[],
  context: NodeContext,
  site: Site,
  options: CloudOptions,
): Promise<readonly CloudFile[]> {
  const folder = join(options.assets.folders.results, taskId)
  await makeFolder(folder)
  let bytes = 0
  let done = 0
  const report = () => context.report({ phase: 'downloading', done, of: files.length, bytes })
  report()
  // One failure ends the others: their node fails as a whole, and every file can be fetched again.
  const stop = new AbortController()
  const onAbort = () => stop.abort(context.signal.reason)
  context.signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await allOrNone(
      files.map(async (file, index): Promise<CloudFile> => {
        const path = join(folder, fileName(file, index))
        const { sizeBytes, sha256 } = await downloadFile(file.url, path, {
          transport: options.transport,
          clock: options.clock,
          signal: stop.signal,
          baseUrl: site.baseUrl,
          maxBytes: maxResultBytes,
          onBytes(delta) {
            bytes += delta
            report()
          },
        })
        done++
        report()
        const asset: Asset = await options.assets.describeKnown(path, { sizeBytes, sha256 })
        return { asset, type: file.type, cloudNodeId: file.nodeId }
      }),
      error => stop.abort(error),
    )
  } finally {
    context.signal.removeEventListener('abort', onAbort)
  }
}

/** All values, or the first error, told when the others have ended too: they take their half files away with them. */
async function allOrNone<T>(works: readonly Promise<T>[], onError: (error: unknown) => void): Promise<T[]> {
  let first: { error: unknown } | undefined
  await Promise.all(
    works.map(work =>
      work.catch((error: unknown) => {
        first ??= { error }
        onError(error)
      }),
    ),
  )
  if (first) throw first.error
  return Promise.all(works)
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw new BridgeError(`The folder "${folder}" cannot be made: ${messageOf(cause)}.`, {
      code: 'disk',
      hint: 'Free some space or check its rights. The results stay on RunningHub for 24 hours.',
      cause,
    })
  }
}

/** `03_ComfyUI_00001_abcde.png`: the cloud's order and its own name. */
function fileName(file: OutputFile, index: number): string {
  let name = ''
  try {
    name = decodeURIComponent(new URL(file.url).pathname.split('/').at(-1) ?? '')
  } catch {
    // Not a well-formed escape: the number and type will do.
  }
  const safe = safeName(name.replace(/[\\/]/g, '_'))
  const number = String(index + 1).padStart(2, '0')
  const extension =
    file.type && !safe.toLowerCase().endsWith(`.${file.type}`) ? `.${safeName(file.type)}` : ''
  return `${number}_${safe || 'result'}${extension}`
}

async function titlesOf(
  client: RunningHubClient,
  workflowId: string,
  signal: AbortSignal,
  memory: CloudMemory,
): Promise<ReadonlyMap<string, string>> {
  const key = `${client.baseUrl}\0${workflowId}`
  const known = memory.graphs.get(key)
  if (known) return known
  const titles = readTitles(await client.workflowJson(workflowId, signal))
  remember(memory.graphs, key, titles)
  return titles
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= maxRemembered) break
    map.delete(oldest)
  }
}

/** Names the page where a task can be seen, wherever a task is involved and the site is the real one. */
function addRecordPage(error: unknown, site: Site): unknown {
  if (!(error instanceof BridgeError) || error.taskId === undefined || site.isSandbox) return error
  const page = recordPage(site.baseUrl, error.taskId)
  return new BridgeError(error.message, {
    code: error.code,
    taskId: error.taskId,
    hint: `${error.hint ?? 'See the record page.'} ${page}`,
    cause: error.cause,
  })
}

/** The last barrier: no key in an error text, wherever it came from. */
function keepSecret(error: unknown, apiKey: string): unknown {
  const message = messageOf(error)
  const hint = error instanceof BridgeError ? (error.hint ?? '') : ''
  if (!(message + hint).includes(apiKey)) return error
  const facts = error instanceof BridgeError ? error : { code: 'cloud-error' }
  return new BridgeError(scrub(message, [apiKey]), {
    ...facts,
    code: facts.code,
    hint: scrub(hint, [apiKey]),
  })
}
