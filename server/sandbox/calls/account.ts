import { lastFour } from '../../shared/secrets.ts'
import {
  type Call,
  type Handler,
  openAccount,
  unauthorized,
  v2Account,
  v2Unauthorized,
  violate,
} from '../call.ts'
import { appIds, findTarget } from '../catalogue/index.ts'
import { startMoney } from '../keys.ts'
import { refuse, success } from '../reply.ts'

/** RunningHub: accountStatus. It reads `apikey`, all lower case, and its complaint names the other spelling. */
export const accountStatus: Handler = (call, house) => {
  const { apikey } = call.body
  if (typeof apikey !== 'string' || apikey === '') {
    violate(call, house, 'apikey-spelling', 'accountStatus reads the key from "apikey"')
    return refuse({ code: 1601, msg: 'param apiKey is required' })
  }
  const account = openAccount(apikey, house)
  if (!account) return unauthorized()
  const { running, queued } = house.engine.counts(account)
  // The key for trying pays models from a wallet, which is seen once it was used.
  const paysMoney = account.apiType === 'SHARED' || account.money < startMoney
  return success({
    remainCoins: String(account.coins),
    currentTaskCounts: String(running + queued),
    remainMoney: paysMoney ? account.money.toFixed(2) : null,
    currency: paysMoney ? 'CNY' : null,
    apiType: account.apiType,
  })
}

/** RunningHub: queue/status, the truth about concurrency. */
export const queueStatus: Handler = (call, house) => {
  const account = v2Account(call, house)
  if (!account) return refuse(v2Unauthorized())
  const { running, queued } = house.engine.counts(account)
  return success({
    apiKeyType: account.apiType,
    concurrentLimit: house.concurrency,
    runningCount: String(running),
    queuedCount: String(queued),
    totalCurrentTasks: String(running + queued),
  })
}

export const apiKeyList: Handler = (call, house) => {
  const account = v2Account(call, house)
  if (!account) return refuse(v2Unauthorized())
  return success([
    {
      key: lastFour(account.key).replace('…', '****'),
      apiKeyName: 'sandbox',
      status: 1,
      quotaLimit: null,
      quotaUsed: '0',
      visible: true,
      expireAt: null,
      expireInMinute: null,
      createdAt: '2025-03-25T16:05:07',
    },
  ])
}

const resources = [
  { type: 'CHECKPOINT', name: 'sd_xl_base_1.0', base: 'SDXL 1.0' },
  { type: 'CHECKPOINT', name: 'v1-5-pruned-emaonly', base: 'SD 1.5' },
  { type: 'UNET', name: 'flux1-dev', base: 'Flux.1 D' },
  { type: 'LORA', name: 'watercolour_style', base: 'SDXL 1.0' },
  { type: 'GGUF', name: 'flux1-dev-Q4_K_S', base: 'Flux.1 D' },
]

/** RunningHub: resource/list. */
export const resourceList: Handler = (call, house) => {
  if (!v2Account(call, house)) return refuse(v2Unauthorized())
  const { resourceType, resourceName } = call.body
  const found = resources
    .filter(({ type }) => resourceType === undefined || type === resourceType)
    .filter(({ name }) => typeof resourceName !== 'string' || name.includes(resourceName))
  return success(
    page(
      call,
      found.map(({ type, name, base }, index) => ({
        id: String(index + 1),
        resourceName: name,
        resourceType: type,
        desc: '',
        nodeModelName: `${name}.safetensors`,
        posterUrl: '',
        thumbnailUrl: '',
        owner: 'sandbox',
        tags: [],
        versions: [
          {
            id: String(index + 1),
            version: 'v1',
            versionResourceName: name,
            baseModel: base,
            triggerWords: '',
          },
        ],
      })),
    ),
  )
}

/** RunningHub: aiapp/list. */
export const appList: Handler = (call, house) => {
  if (!v2Account(call, house)) return refuse(v2Unauthorized())
  const records = appIds.flatMap(id => {
    const target = findTarget(id, 'app', house)
    if ('missing' in target) return []
    const invokeExample = `curl -X POST '${house.url()}/openapi/v2/run/ai-app/${id}'`
    return [{ title: target.name, description: target.name, cover: '', invokeExample }]
  })
  return success(page(call, records))
}

function page<T>(call: Call, all: T[]) {
  const current = Math.max(1, Math.floor(Number(call.body.current ?? 1)) || 1)
  const size = Math.min(50, Math.max(1, Math.floor(Number(call.body.size ?? 20)) || 20))
  const pages = Math.ceil(all.length / size)
  return {
    records: all.slice((current - 1) * size, current * size),
    size,
    current,
    total: all.length,
    pages,
    hasNext: current < pages,
    hasPrevious: current > 1,
  }
}
