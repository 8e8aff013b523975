import type { RunningHubSettings } from '../../nodes/values.ts'
import type { CloudDescription } from '../knowledge/index.ts'
import { type Clock, withDeadline } from '../shared/clock.ts'
import { keyReference } from '../shared/secrets.ts'
import type { KeyStore, StoredKey } from './key-store.ts'
import type { Knowledge } from './knowledge.ts'

/** A site that has what this one has not: RunningHub's two know nothing of each other's workflows and keys. */
export type OtherSite = {
  readonly site: string
  /** A kept key of that site, by name. */
  readonly key?: string
}

const askMs = 4_000

/**
 * Finds the site on which a workflow or app is, when the one that was meant does not have it: by what is known, else by asking the sites
 * that a kept key belongs to. Nothing is started or paid. Never throws.
 */
export function createOtherSites(options: {
  readonly keyStore: Pick<KeyStore, 'all'>
  readonly knowledge: Knowledge
  readonly clock: Clock
  /** RunningHub's sites. */
  readonly sites: readonly string[]
}) {
  const { knowledge, clock } = options

  async function isThere(site: string, key: StoredKey, kind: CloudDescription['kind'], id: string) {
    const settings: RunningHubSettings = { baseUrl: site, apiKey: keyReference(key.name), targetId: id }
    return withDeadline(clock, askMs, undefined, signal =>
      knowledge.describe({ settings, kind, id }, { signal }),
    ).then(
      described => !described.isOpen && described.site === site,
      () => false,
    )
  }

  return async (here: string, kind: CloudDescription['kind'], id: string): Promise<OtherSite | undefined> => {
    if (here === 'sandbox') return undefined
    const kept = await options.keyStore.all().catch(() => [])
    const keyOf = (site: string) => kept.find(key => key.baseUrl === site)
    for (const site of options.sites) {
      if (site === here) continue
      const key = keyOf(site)
      const isKnown = knowledge.known({ site, kind, id })?.isOpen === false
      if (isKnown || (key && (await isThere(site, key, kind, id)))) {
        return { site, ...(key && { key: key.name }) }
      }
    }
    return undefined
  }
}
