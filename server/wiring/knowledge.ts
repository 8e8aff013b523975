import type { RunningHubSettings } from '../../nodes/values.ts'
import { type CloudDescription, readAppFields, readWorkflowFields } from '../knowledge/index.ts'
import {
  CloudError,
  createRunningHubClient,
  type RunningHubClient,
  type Transport,
} from '../runninghub/index.ts'
import { type Clock, withDeadline } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'
import { rememberTitles, type SiteMemory } from './ask-site.ts'
import type { Site } from './site.ts'

type Place = Pick<CloudDescription, 'site' | 'kind' | 'id'>

/** Descriptions across restarts; what is known serves offline. */
export type DescriptionStore = {
  get(place: Place, now: number): CloudDescription | undefined
  put(description: CloudDescription, now: number): void
  all(): readonly CloudDescription[]
}

export type Knowledge = {
  /**
   * The fields of a cloud workflow or app: what is known, else what the site says. `refresh` asks the site, and falls back on
   * what is known when it cannot be reached. Throws CloudError (380, 810, 901, …) in the site's words.
   */
  describe(
    target: { settings: RunningHubSettings; kind: CloudDescription['kind']; id: string },
    how: { refresh?: boolean; signal: AbortSignal },
  ): Promise<CloudDescription>
  /** The same for an id that does not say of what: all it can be, workflows first. Throws when it is nothing. */
  find(
    target: { settings: RunningHubSettings; id: string },
    how: { refresh?: boolean; signal: AbortSignal },
  ): Promise<readonly CloudDescription[]>
  /** What is known already; asks nobody and starts nothing. */
  known(target: { site: string; kind: CloudDescription['kind']; id: string }): CloudDescription | undefined
  /** Everything known, used last first. */
  all(): readonly CloudDescription[]
}

const askMs = 20_000

/** What is known of the cloud, kept in the data folder and asked of the site when it is missing. */
export function createKnowledge(options: {
  transport: Transport
  clock: Clock
  store: () => DescriptionStore
  memory: SiteMemory
  site(settings: RunningHubSettings): Promise<Site>
}): Knowledge {
  const { transport, clock } = options

  async function ask(site: Site, kind: CloudDescription['kind'], id: string, signal: AbortSignal) {
    const client = createRunningHubClient({ transport, clock, baseUrl: site.baseUrl, apiKey: site.apiKey })
    const description = await withDeadline(clock, askMs, signal, within =>
      kind === 'app' ? describeApp(client, id, within) : describeWorkflow(client, id, within),
    )
    const whole: CloudDescription = { ...description, kind, id, site: nameOf(site), fetchedAt: clock.now() }
    options.store().put(whole, clock.now())
    return whole
  }

  async function describeAt(
    site: Site,
    kind: CloudDescription['kind'],
    id: string,
    how: { refresh?: boolean; signal: AbortSignal },
  ): Promise<CloudDescription> {
    refuseNoId(id)
    const known = options.store().get({ site: nameOf(site), kind, id }, clock.now())
    if (known && !how.refresh) return known
    try {
      const asked = await ask(site, kind, id, how.signal)
      if (kind === 'workflow') rememberTitles(options.memory, site.baseUrl, asked)
      return asked
    } catch (error) {
      // The site says no: what was known is no longer true. It says nothing: what was known serves.
      if (known && !how.signal.aborted && !isAnswer(error)) return known
      throw isKeyRefused(error) ? foreignKey(site, error) : error
    }
  }

  return {
    describe: async ({ settings, kind, id }, how) =>
      describeAt(await options.site(settings), kind, id.trim(), how),

    async find({ settings, id }, how) {
      const site = await options.site(settings)
      const kinds = ['workflow', 'app'] as const
      const answers = await Promise.allSettled(kinds.map(kind => describeAt(site, kind, id.trim(), how)))
      const found = answers.flatMap(answer => (answer.status === 'fulfilled' ? [answer.value] : []))
      if (found.length > 0) return found
      const [first] = answers
      throw first?.status === 'rejected' ? first.reason : new Error('unreachable')
    },

    known: place => options.store().get(place, clock.now()),
    all: () => options.store().all(),
  }
}

async function describeApp(client: RunningHubClient, id: string, signal: AbortSignal) {
  const { name, cover, isProtected, isOpen, nodeInfoList } = await client.appDemo(id, signal)
  const fields = readAppFields(nodeInfoList)
  const nodes = Object.fromEntries(
    fields.map(({ nodeId, classType, title }) => [nodeId, { classType, title }] as const),
  )
  return { name, ...(cover !== '' && { cover }), isProtected, isOpen, fields, links: {}, nodes }
}

async function describeWorkflow(client: RunningHubClient, id: string, signal: AbortSignal) {
  const { graph, isOpen } = await client.workflowJson(id, signal)
  return { name: '', isProtected: false, isOpen, ...readWorkflowFields(graph) }
}

/** Whether RunningHub itself answered, and did not merely fail to. */
function isAnswer(error: unknown): boolean {
  return error instanceof CloudError && error.cloudCode !== undefined && !error.askAgain
}

/** RunningHub: 401, 412 and 802 refuse a key; a key of one site is unknown to the other. */
function isKeyRefused(error: unknown): boolean {
  return error instanceof CloudError && [401, 412, 802].includes(error.cloudCode ?? 0)
}

function foreignKey(site: Site, cause: unknown): BridgeError {
  const { host } = new URL(site.baseUrl)
  return new BridgeError(`${host} does not know the key "${site.keyName}".`, {
    code: 'no-key',
    hint: `Add a key of ${host} in the settings or with "rh-bridge keys add"; or run it in the sandbox with --sandbox on.`,
    cause,
  })
}

const nameOf = (site: Site) => (site.isSandbox ? 'sandbox' : site.baseUrl)

function refuseNoId(id: string): void {
  if (/^\d{1,20}$/.test(id)) return
  throw new BridgeError(`"${id.slice(0, 60)}" is no id of RunningHub`, {
    code: 'bad-id',
    hint: 'An id is the long number in the address of a workflow or AI app, such as 1904136902449209346.',
  })
}

/** Descriptions for as long as the process lives. */
export function createUnkeptDescriptions(): DescriptionStore {
  const kept = new Map<string, CloudDescription>()
  const keyOf = ({ site, kind, id }: Place) => `${site}\0${kind}\0${id}`
  return {
    get: place => kept.get(keyOf(place)),
    put: description => void kept.set(keyOf(description), description),
    all: () => [...kept.values()].reverse(),
  }
}
