import { z } from 'zod'
import { wireAmount, wireId, wireText } from './wire.ts'

/** What can be looked through: AI apps, models of the site, the keys of an account (RunningHub: more account calls, public calls). */

export type AppSort = 'recommend' | 'hottest' | 'newest'

/** What kinds of models a site keeps for its workflows. */
export const resourceTypes = ['UNET', 'CHECKPOINT', 'LORA', 'GGUF'] as const
export type ResourceType = (typeof resourceTypes)[number]

/** An AI app as a list shows it. `cover`: address of a picture, or empty. `uses` null when the list does not say. */
export type ListedApp = {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly cover: string
  readonly uses: number | null
}

/** A model of the site. `fileName`: what a loader node of a cloud workflow calls it. */
export type ListedResource = {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly description: string
  readonly fileName: string
  readonly cover: string
  readonly owner: string
  readonly tags: readonly string[]
  readonly versions: readonly {
    readonly version: string
    readonly fileName: string
    readonly baseModel: string
    readonly triggerWords: string
  }[]
}

/** A key of the account. `masked` is all that the site tells of it. */
export type ListedKey = {
  readonly name: string
  readonly masked: string
  readonly isActive: boolean
  readonly quotaLimit: string | null
  readonly quotaUsed: string | null
  readonly expiresAt: string
  readonly createdAt: string
}

/** One page of a list. */
export type Page<T> = { readonly items: readonly T[]; readonly total: number; readonly hasNext: boolean }

/** Which page: `current` counts from 1. */
type At = { readonly current: number; readonly size: number }

export type ListCalls = {
  /** The AI apps of the site, without a search: that call has none. */
  listApps(wish: At & { sort: AppSort }, signal: AbortSignal): Promise<Page<ListedApp>>
  /** The same by words or an id; public. */
  searchApps(wish: At & { sort: AppSort; search: string }, signal: AbortSignal): Promise<Page<ListedApp>>
  /** Models of one kind that cloud workflows may load. */
  listResources(
    wish: At & {
      type: ResourceType
      name?: string
      baseModels?: readonly string[]
      tags?: readonly string[]
    },
    signal: AbortSignal,
  ): Promise<Page<ListedResource>>
  /** The keys of the account, masked. */
  listKeys(signal: AbortSignal): Promise<readonly ListedKey[]>
}

/** No list gives more at once. */
export const maxPageSize = 50

/** How far back "hottest" looks, as the site's own pages and its command line do. */
const hotDays = 7

/** A call whose answer's data has a form. */
export type AskCall<T> = {
  readonly body?: object
  readonly method?: 'GET' | 'POST'
  readonly isPublic?: boolean
  readonly schema: z.ZodType<T>
  readonly signal: AbortSignal
}

type Ask = <T>(path: string, call: AskCall<T>) => Promise<T>

/** The calls that list, by `ask` of one site and key. Throw CloudError. */
export function createListCalls(ask: Ask): ListCalls {
  return {
    async listApps({ sort, current, size }, signal) {
      const body = { current, size: sizeOf(size), ...sortOf(sort) }
      return pageOf(await ask('/openapi/v2/aiapp/list', { body, schema: wirePage(appV2), signal }), body)
    },

    async searchApps({ sort, search, current, size }, signal) {
      const body = { current, size: sizeOf(size), search, ...sortOf(sort) }
      const call = { body, isPublic: true, schema: wirePage(appV1), signal }
      return pageOf(await ask('/api/webapp/list', call), body)
    },

    async listResources({ type, name, baseModels = [], tags = [], current, size }, signal) {
      const body = {
        resourceType: type,
        current,
        size: sizeOf(size),
        ...(name && { resourceName: name }),
        ...(baseModels.length > 0 && { baseModels }),
        ...(tags.length > 0 && { tags }),
      }
      return pageOf(
        await ask('/openapi/v2/resource/list', { body, schema: wirePage(resourceV2), signal }),
        body,
      )
    },

    async listKeys(signal) {
      const call = { method: 'GET', schema: z.array(keyV2).nullish(), signal } as const
      return (await ask('/openapi/v2/api-key/list', call)) ?? []
    },
  }
}

const sizeOf = (size: number) => Math.max(1, Math.min(maxPageSize, Math.floor(size)))
const sortOf = (sort: AppSort) => ({
  sort: sort.toUpperCase(),
  ...(sort === 'hottest' && { days: hotDays }),
})

/** Names of tags: text, or objects with a name. */
const wireTags = z
  .array(z.union([z.string(), z.object({ name: wireText }).transform(({ name }) => name)]))
  .nullish()
  .transform(tags => (tags ?? []).filter(Boolean))

const appV2 = z
  .object({
    webappId: wireId.nullish(),
    title: wireText,
    description: wireText,
    cover: wireText,
    invokeExample: wireText,
  })
  // The id stands nowhere but in the example, whose other texts are of no use here.
  .transform(({ webappId, invokeExample, ...facts }): ListedApp => {
    const id = webappId ?? /\/run\/ai-app\/(\d+)/.exec(invokeExample)?.[1] ?? ''
    return { id, ...facts, uses: null }
  })

const appV1 = z
  .object({
    id: wireId,
    name: wireText,
    intro: wireText,
    covers: z.array(z.object({ fileUri: wireText, thumbnailUri: wireText })).nullish(),
    statisticsInfo: z.object({ useCount: wireAmount }).nullish(),
  })
  .transform(({ id, name, intro, covers, statisticsInfo }): ListedApp => {
    const [cover] = covers ?? []
    const uses = statisticsInfo?.useCount ?? null
    return {
      id,
      title: name,
      description: intro,
      cover: cover?.thumbnailUri || cover?.fileUri || '',
      uses: uses === null ? null : Number(uses),
    }
  })

const resourceV2 = z
  .object({
    id: wireId,
    resourceName: wireText,
    resourceType: wireText,
    desc: wireText,
    nodeModelName: wireText,
    posterUrl: wireText,
    thumbnailUrl: wireText,
    owner: z
      .union([z.string(), z.object({ name: wireText }).transform(({ name }) => name)])
      .nullish()
      .transform(owner => owner ?? ''),
    tags: wireTags,
    versions: z
      .array(
        z.object({
          version: wireText,
          versionResourceName: wireText,
          baseModel: wireText,
          triggerWords: z
            .union([z.string(), z.array(z.string()).transform(words => words.join(', '))])
            .nullish()
            .transform(words => words ?? ''),
        }),
      )
      .nullish(),
  })
  .transform(
    (found): ListedResource => ({
      id: found.id,
      name: found.resourceName,
      type: found.resourceType,
      description: found.desc,
      fileName: found.nodeModelName,
      cover: found.thumbnailUrl || found.posterUrl,
      owner: found.owner,
      tags: found.tags,
      versions: (found.versions ?? []).map(({ versionResourceName, ...version }) => ({
        ...version,
        fileName: versionResourceName,
      })),
    }),
  )

const keyV2 = z
  .object({
    key: wireText,
    apiKeyName: wireText,
    status: wireAmount,
    quotaLimit: wireAmount,
    quotaUsed: wireAmount,
    expireAt: wireText,
    createdAt: wireText,
  })
  .transform(
    (found): ListedKey => ({
      name: found.apiKeyName,
      masked: found.key,
      isActive: found.status === '1',
      quotaLimit: found.quotaLimit,
      quotaUsed: found.quotaUsed,
      expiresAt: found.expireAt,
      createdAt: found.createdAt,
    }),
  )

/** A page as the site sends it; one client has seen `list` for `records`. */
const wirePage = <T>(record: z.ZodType<T>) =>
  z.object({
    records: z.array(record).nullish(),
    list: z.array(record).nullish(),
    total: wireAmount,
    hasNext: z.boolean().nullish(),
  })

function pageOf<T>(
  page: {
    records?: T[] | null | undefined
    list?: T[] | null | undefined
    total: string | null
    hasNext?: boolean | null | undefined
  },
  { current, size }: At,
): Page<T> {
  const items = page.records ?? page.list ?? []
  const total = page.total === null ? items.length : Number(page.total)
  // The public list tells no more than its total.
  return { items, total, hasNext: page.hasNext ?? current * size < total }
}
