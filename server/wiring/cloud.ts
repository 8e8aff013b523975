import type { CloudAccess } from '../../nodes/context.ts'
import type { RunningHubSettings } from '../../nodes/values.ts'
import type { AssetStore } from '../assets/index.ts'
import { recordPage, type Slots, type Transport } from '../runninghub/index.ts'
import type { Clock } from '../shared/clock.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'
import { scrub } from '../shared/secrets.ts'
import type { SiteMemory } from './ask-site.ts'
import type { Journal, LaneStore } from './journal.ts'
import { laneOf, runJob } from './run-job.ts'
import type { Site } from './site.ts'
import type { Decisions, UnknownPolicy } from './unknown.ts'
import { type UploadOptions, uploadOnce } from './uploads.ts'

export type CloudOptions = {
  readonly transport: Transport
  readonly clock: Clock
  /** The line in front of each key; `group` is who waits in it. */
  readonly slots: (group: string, askLimit?: () => Promise<number>) => Slots
  readonly lanes: LaneStore
  readonly journal: Journal
  readonly uploads: UploadOptions
  readonly assets: Pick<AssetStore, 'describeKnown' | 'folders' | 'isThere'>
  readonly memory: SiteMemory
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
  return {
    siteOf: options.siteName,

    async runTask(job, context) {
      const site = await options.site(job.settings)
      const work = runJob(job, context, site, options)
      // A create that is on its way when the run is stopped is waited for, so that its task can be cancelled.
      options.background(work)
      try {
        return await work
      } catch (error) {
        throw keepSecret(addRecordPage(error, site), site.apiKey)
      }
    },

    async upload(settings, asset, context) {
      const site = await options.site(settings)
      try {
        return await uploadOnce(asset, site, laneOf(site), options.uploads, context)
      } catch (error) {
        throw keepSecret(error, site.apiKey)
      }
    },
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
