import type { JsonValue } from '../../shared/lossless-json.ts'
import { type Call, type Handler, type House, v2Account, v2Unauthorized } from '../call.ts'
import { appIds, findTarget, type Target } from '../catalogue/index.ts'
import { resources } from '../catalogue/resources.ts'
import { paramsInvalid, refuse, success } from '../reply.ts'

/** RunningHub: resource/list. Name and tags are looked for as parts, base models as they are. */
export const resourceList: Handler = (call, house) => {
  if (!v2Account(call, house)) return refuse(v2Unauthorized())
  const { resourceType, resourceName } = call.body
  if (!resources.some(({ type }) => type === resourceType)) return paramsInvalid()
  const [bases, tags] = [textsOf(call.body.baseModels), textsOf(call.body.tags)]
  const records = resources
    .map((resource, index) => ({ ...resource, id: String(1900000000000000001n + BigInt(index)) }))
    .filter(({ type }) => type === resourceType)
    .filter(({ name, file }) => holds([name, file], resourceName))
    .filter(({ base }) => bases.length === 0 || bases.includes(base))
    .filter(resource => tags.length === 0 || tags.some(tag => resource.tags.includes(tag)))
    .map(({ id, type, name, base, file, tags, triggerWords, desc }) => ({
      id,
      resourceName: name,
      resourceType: type,
      desc,
      nodeModelName: file,
      posterUrl: '',
      thumbnailUrl: '',
      owner: 'sandbox',
      tags,
      versions: [{ id, version: 'v1', versionResourceName: file, baseModel: base, triggerWords }],
    }))
  const page = pageOf(call, records)
  return success({ ...page, hasNext: page.current < page.pages, hasPrevious: page.current > 1 })
}

/** RunningHub: aiapp/list. No search, and the id stands in the example alone. */
export const appList: Handler = (call, house) => {
  if (!v2Account(call, house)) return refuse(v2Unauthorized())
  const records = sortedApps(call, house).map(({ id, name }) => ({
    title: name,
    description: name,
    cover: '',
    invokeExample: `curl -X POST '${house.url()}/openapi/v2/run/ai-app/${id}'`,
  }))
  const page = pageOf(call, records)
  return success({ ...page, hasNext: page.current < page.pages, hasPrevious: page.current > 1 })
}

/** RunningHub: api/webapp/list; public. Words or an id are looked for; counts are strings. */
export const webappList: Handler = (call, house) => {
  const found = sortedApps(call, house).filter(({ id, name }) => holds([id, name], call.body.search))
  const { records, ...counts } = pageOf(call, found)
  return success({
    records: records.map(target => ({
      id: target.id,
      name: target.name,
      intro: target.name,
      covers: [],
      tags: [],
      statisticsInfo: statisticsOf(target),
    })),
    ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, String(count)])),
  })
}

/** What a page of the site counts of an app; the older ones were used more often. */
export function statisticsOf({ id }: Pick<Target, 'id'>) {
  const place = appIds.toSorted().indexOf(id)
  const useCount = place < 0 ? 0 : Math.round(34545 / (place + 1))
  return { likeCount: '138', downloadCount: '0', useCount: String(useCount), pv: '0', collectCount: '498' }
}

function sortedApps(call: Call, house: House): readonly Target[] {
  const apps = appIds.flatMap(id => {
    const target = findTarget(id, 'app', house)
    return 'missing' in target ? [] : [target]
  })
  const uses = (target: Target) => Number(statisticsOf(target).useCount)
  if (call.body.sort === 'HOTTEST') return apps.toSorted((a, b) => uses(b) - uses(a))
  // Ids grow with time.
  if (call.body.sort === 'NEWEST') return apps.toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1))
  return apps
}

function holds(texts: readonly string[], wanted: JsonValue | undefined): boolean {
  if (typeof wanted !== 'string') return true
  return texts.some(text => text.toLowerCase().includes(wanted.trim().toLowerCase()))
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
}

/** At most 50 on a page, whatever is asked for. */
function pageOf<T>(call: Call, all: readonly T[]) {
  const current = Math.max(1, Math.floor(Number(call.body.current ?? 1)) || 1)
  const size = Math.min(50, Math.max(1, Math.floor(Number(call.body.size ?? 20)) || 20))
  return {
    records: all.slice((current - 1) * size, current * size),
    size,
    current,
    total: all.length,
    pages: Math.ceil(all.length / size),
  }
}
