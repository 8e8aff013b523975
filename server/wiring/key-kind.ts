import type { RunningHubSettings } from '../../nodes/values.ts'
import { createRunningHubClient, type Transport } from '../runninghub/index.ts'
import { type Clock, withDeadline } from '../shared/clock.ts'
import { rememberKind, type SiteMemory } from './ask-site.ts'
import type { KeyStore } from './key-store.ts'
import { laneOf } from './lane.ts'
import type { Site } from './site.ts'

const askMs = 4_000

/** The kind (NORMAL, SHARED, EXCLUSIVE) of the key that settings come to, as far as it is known or may be asked for. */
export function createKeyKinds(options: {
  readonly transport: Transport
  readonly clock: Clock
  readonly memory: SiteMemory
  readonly keyStore: KeyStore
  siteName(settings: RunningHubSettings): Promise<string>
  site(settings: RunningHubSettings): Promise<Site>
}) {
  const { transport, clock, memory, keyStore } = options

  async function ask(site: Site): Promise<string | undefined> {
    const client = createRunningHubClient({ transport, clock, baseUrl: site.baseUrl, apiKey: site.apiKey })
    const { kind } = await withDeadline(clock, askMs, undefined, signal => client.queueStatus(signal))
    rememberKind(memory, laneOf(site), kind)
    return kind
  }

  /** A kept key of that site which is known to be shared. */
  async function sharedAt(baseUrl: string): Promise<string | undefined> {
    const all = await keyStore.all()
    return all.find(({ key, baseUrl: home }) => {
      const isThere = home === undefined || home === baseUrl
      return isThere && memory.kinds.get(laneOf({ baseUrl, apiKey: key })) === 'SHARED'
    })?.name
  }

  return async (settings: RunningHubSettings, mode: 'ask' | 'known') => {
    // In the built-in sandbox everything may be tried; asking must not start it.
    if ((await options.siteName(settings)) === 'sandbox') return undefined
    const site = await options.site(settings)
    const known = memory.kinds.get(laneOf(site))
    const kind = known ?? (mode === 'ask' ? await ask(site).catch(() => undefined) : undefined)
    if (kind === undefined) return undefined
    const shared = await sharedAt(site.baseUrl).catch(() => undefined)
    return { kind, name: site.keyName, ...(shared !== undefined && { shared }) }
  }
}
