import type { Config } from './config.ts'
import type { LimitSettings } from './limits.ts'
import { createRunningHubClient, normaliseBaseUrl, type Transport } from './runninghub/index.ts'
import type { Clock } from './shared/clock.ts'
import { BridgeError } from './shared/errors.ts'
import { keyReference } from './shared/secrets.ts'
import {
  factsOfKey,
  homeOfKey,
  type KeyFacts,
  type KeyHome,
  type KeyStore,
  laneOf,
  rememberKind,
  resolveSite,
  type SiteMemory,
  type SiteSources,
} from './wiring/index.ts'

/** What a key's site says of it, and whether that is little. */
export type Account = KeyFacts & { readonly isLow: boolean }

export type NewKey = {
  readonly name: string
  readonly key: string
  /** Undefined: found by asking. */
  readonly baseUrl?: string
  readonly makeDefault: boolean
}

/** Keys and the accounts behind them: found, kept, asked for what is left. */
export function createAccounts(options: {
  readonly keyStore: KeyStore
  readonly transport: Transport
  readonly clock: Clock
  readonly limits: LimitSettings
  readonly memory: SiteMemory
  readonly config: Pick<Config, 'sites'>
  readonly sandbox: SiteSources['sandbox']
  readonly siteSources: () => SiteSources
  readonly onKey: (key: string) => void
}) {
  const { keyStore, transport, clock, limits, config, sandbox } = options
  const clientAt = (baseUrl: string, apiKey: string) =>
    createRunningHubClient({ transport, clock, baseUrl, apiKey })

  function withLow(facts: KeyFacts): Account {
    const { warnBelowCoins, warnBelowMoney } = limits.get()
    const [left, least] =
      facts.kind === 'SHARED' ? [facts.money, warnBelowMoney] : [facts.coins, warnBelowCoins]
    return { ...facts, isLow: left !== null && Number(left) < least }
  }

  return {
    /**
     * Balance and slots of a key of the store, of `--api-key` or of `RUNNINGHUB_API_KEY`, asked at its site. Undefined: there is none of
     * that name. Throws CloudError, also for a key the site refuses.
     */
    async factsOfKey(name: string, signal: AbortSignal): Promise<Account | undefined> {
      const isSaidOutside = name === '--api-key' || name === 'RUNNINGHUB_API_KEY'
      const stored = isSaidOutside ? undefined : await keyStore.get(name)
      if (!isSaidOutside && !stored) return undefined
      const sources = options.siteSources()
      const site = await resolveSite(
        { baseUrl: '', apiKey: stored ? keyReference(stored.name) : '', targetId: '' },
        {
          ...sources,
          flags: name === '--api-key' ? sources.flags : {},
          // A key is tried where it belongs, never in a sandbox that stands in for that place.
          sandbox: {
            ...sandbox,
            mode: 'off',
            isOneAt: async baseUrl => stored?.baseUrl === undefined && sandbox.isOneAt(baseUrl),
          },
        },
      )
      if (isSaidOutside && site.keyName !== name) return undefined
      options.onKey(site.apiKey)
      const facts = await factsOfKey(clientAt(site.baseUrl, site.apiKey), signal)
      rememberKind(options.memory, laneOf(site), facts.kind)
      return withLow(facts)
    },

    /**
     * Keeps a key, with the site it belongs to: the given one, else the one that knows it. Throws `key-unknown` when no site does;
     * one that cannot be asked now leaves the key without a site, and says why.
     */
    async addKey(
      { name, key, baseUrl, makeDefault }: NewKey,
      signal: AbortSignal,
    ): Promise<{ readonly home?: KeyHome }> {
      options.onKey(key)
      const home =
        baseUrl === undefined
          ? await homeOfKey(
              config.sites.map(site => clientAt(normaliseBaseUrl(site), key)),
              signal,
              clock,
            )
          : undefined
      if (home && 'why' in home && home.isRefused) {
        throw new BridgeError(
          `None of ${config.sites.map(site => new URL(site).host).join(', ')} knows this key`,
          {
            code: 'key-unknown',
            hint: 'Copy it again from the API page of the site. To keep it all the same, say which site it is of.',
          },
        )
      }
      const site = baseUrl ?? (home && 'facts' in home ? home.facts.site : undefined)
      const kept = { name, key, ...(site !== undefined && { baseUrl: normaliseBaseUrl(site) }) }
      await keyStore.put(kept, { makeDefault })
      return home ? { home } : {}
    },
  }
}
