import type { CloudAccess, CloudJob, NodeContext, QuickStyle } from '../../nodes/context.ts'
import type { RunningHubSettings } from '../../nodes/values.ts'
import type { AssetStore } from '../assets/index.ts'
import {
  createRunningHubClient,
  recordPage,
  type Slots,
  type Transport,
  type WireStyle,
} from '../runninghub/index.ts'
import type { Clock } from '../shared/clock.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'
import { scrub } from '../shared/secrets.ts'
import { factsOfKey, type SiteMemory } from './ask-site.ts'
import type { ClaimStore, Journal, LaneStore } from './journal.ts'
import { laneOf } from './lane.ts'
import { findAsset, registerAsset } from './remote-assets.ts'
import { runJob } from './run-job.ts'
import type { Site } from './site.ts'
import type { Caps, Spending } from './spending.ts'
import { cancelTask, fetchTask, lookAtTask } from './task-by-id.ts'
import type { Decisions, UnknownPolicy } from './unknown.ts'
import { publishOnce, type UploadOptions, uploadLoraOnce, uploadOnce } from './uploads.ts'
import type { Webhooks } from './webhooks.ts'

export type CloudOptions = {
  readonly transport: Transport
  readonly clock: Clock
  /** The line in front of each key; `group` is who waits in it. */
  readonly slots: (group: string, askLimit?: () => Promise<number>) => Slots
  readonly lanes: LaneStore
  readonly journal: Journal
  readonly claims: ClaimStore
  readonly uploads: UploadOptions
  readonly assets: Pick<AssetStore, 'describeKnown' | 'folders' | 'isThere'>
  readonly memory: SiteMemory
  readonly webhooks: Webhooks
  /** What may be spent by this run. */
  readonly spending: Spending
  readonly caps: () => Caps
  readonly onUnknown: UnknownPolicy
  readonly decisions: Decisions
  /** Resolves a graph's settings to a site and key. */
  site(settings: RunningHubSettings): Promise<Site>
  siteName(settings: RunningHubSettings): Promise<string>
  /** Work that goes on after a stop (telling the cloud); whoever ends the process waits for it. */
  background(work: Promise<unknown>): void
}

/** RunningHub as nodes see it: context.cloud, made of the client, the journal, the slots and the assets. */
export function createCloudAccess(options: CloudOptions): CloudAccess {
  /** Does something at the site that settings come to; no error of it tells the key. */
  async function at<T>(settings: RunningHubSettings, work: (site: Site) => Promise<T>): Promise<T> {
    const site = await options.site(settings)
    try {
      return await work(site)
    } catch (error) {
      throw keepSecret(addRecordPage(error, site), site.apiKey)
    }
  }
  const run = (job: CloudJob, context: NodeContext, leave: boolean) =>
    at(job.settings, site => {
      const work = runJob(job, context, site, options, leave)
      // A create that is on its way when the run is stopped is waited for, so that its task can be cancelled.
      options.background(work)
      return work
    })

  const clientOf = (site: Site) => createRunningHubClient({ ...options, ...site })

  return {
    siteOf: options.siteName,
    runTask: (job, context) => run(job, context, false),
    startTask: async (job, context) => (await run(job, context, true)).taskId,
    fetchTask: (wanted, context) => at(wanted.settings, site => fetchTask(wanted, context, site, options)),
    lookAtTask: (task, context) => at(task.settings, site => lookAtTask(task, context, site, options)),
    cancelTask: (task, context) => at(task.settings, site => cancelTask(task, context, site, options)),

    keyStatus: (settings, { signal }) => at(settings, site => factsOfKey(clientOf(site), signal)),

    quickStyles: (settings, { signal }) =>
      at(settings, async site => {
        return (await clientOf(site).quickStyles(settings.targetId.trim(), signal)).map(readStyle)
      }),

    upload: (settings, asset, context) =>
      at(settings, site => uploadOnce(asset, site, laneOf(site), options.uploads, context)),
    publish: (settings, asset, context) =>
      at(settings, site => publishOnce(asset, site, laneOf(site), options.uploads, context)),
    registerAsset: (settings, media, context) =>
      at(settings, site => registerAsset(media, clientOf(site), options.clock, context)),
    findAsset: (settings, assetId, context) =>
      at(settings, site => findAsset(assetId, clientOf(site), context)),
    uploadLora: (settings, asset, context) =>
      at(settings, site => uploadLoraOnce(asset, site, laneOf(site), options.uploads, context)),
  }
}

function readStyle(wire: WireStyle): QuickStyle {
  const loras = [
    { fileName: wire.modelLoar1FileName, weight: wire.modelLoar1Weight ?? '1' },
    { fileName: wire.modelLoar2FileName, weight: wire.modelLoar2Weight ?? '1' },
  ]
  return {
    name: wire.modelName,
    category: wire.modelCategory,
    key: wire.modelKey,
    content: wire.content,
    trigger: wire.modelTrigger,
    loras: loras.filter(({ fileName }) => fileName !== ''),
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
