import type { RunningHubSettings } from '../nodes/values.ts'
import type { AssetStore } from './assets/index.ts'
import { type CheckedPrompt, type CheckOptions, validatePrompt } from './executor/index.ts'
import type { Transport } from './runninghub/index.ts'
import type { Clock } from './shared/clock.ts'
import type { Prompt } from './shared/prompt.ts'
import type { State } from './state.ts'
import {
  createKeyKinds,
  createKnowledge,
  createOffers,
  createOtherSites,
  createPricePreview,
  createSpending,
  createUnkeptDescriptions,
  estimateGraph,
  foretell,
  foretellTargets,
  type GraphEstimate,
  type KeyStore,
  nameSite,
  resolveSite,
  type SiteMemory,
  type SiteSources,
} from './wiring/index.ts'

type Keys = ReadonlyMap<string, string>

type Catalogue = Parameters<typeof foretell>[1]['catalogue']

/** What can be told of a graph before it runs: its problems, here and in the cloud, and its price. */
export function createForesight(options: {
  readonly keyStore: KeyStore
  readonly catalogue: Catalogue & { now(): Catalogue }
  readonly assets: AssetStore
  /** RunningHub's sites. */
  readonly sites: readonly string[]
  readonly pins: Parameters<typeof validatePrompt>[1]['pins']
  readonly clock: Clock
  readonly transport: Transport
  readonly memory: SiteMemory
  readonly siteSources: (liftedKeys: Keys) => SiteSources
  readonly state: () => State
  /** Whether the data folder has a database: looking at a file in one that was never used leaves nothing behind. */
  readonly isUsed: () => boolean
  readonly onKey: (key: string) => void
}) {
  const { keyStore, catalogue, assets, pins, clock, transport, memory, siteSources, state, isUsed } = options
  const siteFor = (keys: Keys) => async (settings: RunningHubSettings) => {
    const site = await resolveSite(settings, siteSources(keys))
    options.onKey(site.apiKey)
    return site
  }
  const keyKindFor = (keys: Keys) =>
    createKeyKinds({
      ...{ transport, clock, memory, keyStore },
      siteName: siteNameFor(keys),
      site: siteFor(keys),
    })
  const pricePreview = createPricePreview({ transport, clock })
  const unkept = createUnkeptDescriptions()
  const knowledgeFor = (liftedKeys: Keys) =>
    createKnowledge({
      ...{ transport, clock, memory },
      store: () => (isUsed() ? state().descriptions : unkept),
      site: siteFor(liftedKeys),
    })
  const siteNameFor = (keys: Keys) => (settings: RunningHubSettings) => nameSite(settings, siteSources(keys))

  return {
    /** What is known of cloud workflows and apps: their fields, bounds and options. */
    knowledge: knowledgeFor(new Map()),

    /** AI apps, models and keys that a site lists. */
    offers: createOffers({ transport, clock, site: siteFor(new Map()) }),

    /**
     * Every problem of a prompt, and what would run; nothing is started. `cloud` says how far the check before paying goes: `ask` the
     * site about what is not known of it yet, only what is `known`, or `off`.
     */
    check(
      prompt: Prompt,
      how: CheckOptions & {
        readonly cloud?: 'ask' | 'known' | 'off'
        readonly keys?: Keys
        /** Media that a run would copy into the input folder first: they count as there. */
        readonly foundMedia?: ReadonlySet<string>
      } = {},
    ): Promise<CheckedPrompt> {
      const { cloud: mode = 'known', keys = new Map(), foundMedia } = how
      const access = assets.accessFor(undefined)
      const exists = async (name: string) => foundMedia?.has(name) || access.exists(name)
      const siteName = siteNameFor(keys)
      return validatePrompt(
        prompt,
        {
          catalogue: catalogue.now(),
          ...(pins && { pins }),
          assets: { ...access, exists },
          ...(mode !== 'off' && {
            foretell: facts =>
              foretell(facts, {
                ...{ catalogue, clock, siteName, mode, knowledge: knowledgeFor(keys) },
                keyKind: keyKindFor(keys),
                otherSite: createOtherSites({
                  ...{ keyStore, clock, sites: options.sites },
                  knowledge: knowledgeFor(keys),
                }),
                glance: written => assets.glance(written),
              }),
          }),
        },
        how,
      )
    },

    /** What a checked prompt will cost when nothing of it comes from the cache: by the site's price preview where it has one, else by what earlier tasks cost. */
    async estimate(checked: CheckedPrompt, keys: Keys = new Map()): Promise<GraphEstimate> {
      const { targets, unknown } = await foretellTargets(checked, { catalogue, siteName: siteNameFor(keys) })
      const nothing = { coins: null, money: null, seconds: null, count: 0 }
      // Nothing was ever paid in a folder that was never used; and looking leaves nothing behind.
      const earlier = isUsed() ? createSpending({ store: state().costs, clock }).estimate : () => nothing
      const known = await Promise.all(
        targets.map(async ({ model, ...target }) => {
          const site = model && (await siteFor(keys)(model.settings).catch(() => undefined))
          const previewed = site && (await pricePreview(site, target.targetId, model.body))
          return { ...earlier(target), ...(previewed && { previewed }) }
        }),
      )
      return estimateGraph(known, unknown)
    },
  }
}
