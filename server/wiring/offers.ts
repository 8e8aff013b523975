import type { RunningHubSettings } from '../../nodes/values.ts'
import {
  type AppSort,
  createRunningHubClient,
  type ListedApp,
  type ListedKey,
  type ListedResource,
  maxPageSize,
  type Page,
  type ResourceType,
  resourceTypes,
  type Transport,
} from '../runninghub/index.ts'
import { type Clock, withDeadline } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'
import type { Site } from './site.ts'

/** What was found, the site that told it, and how many there are in all. */
export type Offer<T> = { readonly site: string; readonly total: number; readonly items: readonly T[] }

/** As people say it: a wrong sort, type or limit is told what would be right. */
export type AppWish = {
  readonly settings: RunningHubSettings
  readonly search?: string | undefined
  readonly sort?: string | undefined
  readonly limit?: number | undefined
}

export type ResourceWish = {
  readonly settings: RunningHubSettings
  /** Undefined: all types, the limit shared among them. */
  readonly type?: string | undefined
  readonly name?: string | undefined
  readonly baseModels?: readonly string[] | undefined
  readonly tags?: readonly string[] | undefined
  readonly limit?: number | undefined
}

export type Offers = {
  /** AI apps to choose from; with words, those that match. Throws `bad-sort`, `bad-limit`, CloudError. */
  apps(wish: AppWish, signal: AbortSignal): Promise<Offer<ListedApp>>
  /** Models that workflows of the site may load. Throws `bad-type`, `bad-limit`, CloudError. */
  resources(wish: ResourceWish, signal: AbortSignal): Promise<Offer<ListedResource>>
  /** The keys of the account, as masked as the site tells them. Throws CloudError. */
  keys(settings: RunningHubSettings, signal: AbortSignal): Promise<Offer<ListedKey>>
}

const sorts = ['recommend', 'hottest', 'newest'] as const
const usualLimit = 20
const maxLimit = 200
const askMs = 20_000

/** What a site has that can be chosen from. Nothing is kept: lists change by the hour. */
export function createOffers(options: {
  transport: Transport
  clock: Clock
  site(settings: RunningHubSettings): Promise<Site>
}): Offers {
  const { transport, clock } = options
  const clientOf = (site: Site) =>
    createRunningHubClient({ transport, clock, baseUrl: site.baseUrl, apiKey: site.apiKey })
  const within = <T>(signal: AbortSignal, work: (within: AbortSignal) => Promise<T>) =>
    withDeadline(clock, askMs, signal, work)

  return {
    async apps(wish, signal) {
      const [sort, limit] = [readSort(wish.sort), readLimit(wish.limit)]
      const site = await options.site(wish.settings)
      const client = clientOf(site)
      const search = wish.search?.trim() ?? ''
      const found = await upTo(limit, at =>
        within(signal, within =>
          search === ''
            ? client.listApps({ ...at, sort }, within)
            : client.searchApps({ ...at, sort, search }, within),
        ),
      )
      // Without an id there is nothing that could be done with it.
      return { site: nameOf(site), ...found, items: found.items.filter(({ id }) => /^\d+$/.test(id)) }
    },

    async resources({ settings, name, baseModels, tags, ...wish }, signal) {
      const limit = readLimit(wish.limit)
      const types = wish.type === undefined || wish.type === '' ? resourceTypes : [readType(wish.type)]
      const site = await options.site(settings)
      const client = clientOf(site)
      const filters = {
        ...(name && { name: name.trim() }),
        ...(baseModels && { baseModels }),
        ...(tags && { tags }),
      }
      const found = await Promise.all(
        types.map(type =>
          upTo(limit, at =>
            within(signal, within => client.listResources({ ...at, ...filters, type }, within)),
          ),
        ),
      )
      return {
        site: nameOf(site),
        total: found.reduce((sum, { total }) => sum + total, 0),
        items: shared(
          found.map(({ items }) => items),
          limit,
        ),
      }
    },

    async keys(settings, signal) {
      const site = await options.site(settings)
      const items = await within(signal, within => clientOf(site).listKeys(within))
      return { site: nameOf(site), total: items.length, items }
    },
  }
}

/** Page after page until there are enough, or no more. */
async function upTo<T>(
  limit: number,
  ask: (at: { current: number; size: number }) => Promise<Page<T>>,
): Promise<Pick<Offer<T>, 'total' | 'items'>> {
  const size = Math.min(limit, maxPageSize)
  const items: T[] = []
  for (let current = 1; ; current++) {
    const page = await ask({ current, size })
    items.push(...page.items)
    const isEnd = page.items.length === 0 || !page.hasNext || items.length >= limit
    if (isEnd) return { total: page.total, items: items.slice(0, limit) }
  }
}

/** So many of all lists together, each with its fair share; what one does not fill is left to the longer ones. */
function shared<T>(lists: readonly (readonly T[])[], limit: number): readonly T[] {
  let left = limit
  let waiting = lists.length
  const shares = new Map<readonly T[], number>()
  for (const list of lists.toSorted((a, b) => a.length - b.length)) {
    const share = Math.min(list.length, Math.floor(left / waiting))
    shares.set(list, share)
    left -= share
    waiting--
  }
  return lists.flatMap(list => list.slice(0, shares.get(list)))
}

function readSort(written = 'recommend'): AppSort {
  const sort = sorts.find(one => one === written.toLowerCase())
  if (sort) return sort
  throw new BridgeError(`There is no sort "${written.slice(0, 40)}".`, {
    code: 'bad-sort',
    hint: `Choose one of ${sorts.join(', ')}.`,
  })
}

function readType(written: string): ResourceType {
  const type = resourceTypes.find(one => one === written.toUpperCase())
  if (type) return type
  throw new BridgeError(`There is no type "${written.slice(0, 40)}".`, {
    code: 'bad-type',
    hint: `Choose one of ${resourceTypes.join(', ')}.`,
  })
}

function readLimit(written = usualLimit): number {
  if (Number.isInteger(written) && written >= 1 && written <= maxLimit) return written
  throw new BridgeError(`"limit" is a whole number from 1 to ${maxLimit}.`, { code: 'bad-limit' })
}

const nameOf = (site: Site) => (site.isSandbox ? 'sandbox' : site.baseUrl)
