import { type Handler, v2Account, v2Unauthorized } from '../call.ts'
import { type Refusal, refuse, success } from '../reply.ts'

/** A file kept for models that take `asset://` (RunningHub: assets of one model family). */
type Kept = {
  assetId: string
  groupId: string
  name: string
  assetType: string
  url: string
  createdAt: number
  /** Of a key; others do not see it. */
  userId: string
}

export type KeptAssets = Map<string, Kept>

/** Oldest ones are forgotten. */
const mostAssets = 10_000
/** Taken in for so long, in task time. */
const processingMs = 3_000
const kinds = ['Image', 'Video', 'Audio']
const unknown: Refusal = { code: 1004, msg: 'Asset not found' }

/** RunningHub: assets/create, query, list, update, delete. */
export const assetCall: Handler = (call, house) => {
  const account = v2Account(call, house)
  if (!account) return refuse(v2Unauthorized())
  if (!account.mayCallModels) return refuse({ code: 1014, msg: 'Access denied: standard model API' })
  const { assets, timers, speed } = house
  const text = (name: string) => {
    const value = call.body[name]
    return typeof value === 'string' ? value.trim() : ''
  }
  const describe = ({ userId: _, url, createdAt, ...kept }: Kept) => ({
    ...kept,
    status: (timers.now() - createdAt) * speed >= processingMs ? 'ACTIVE' : 'PROCESSING',
    previewUrl: url,
  })
  const own = (id: string) => {
    const kept = assets.get(id)
    return kept?.userId === account.userId ? kept : undefined
  }
  const action = call.path.slice('/openapi/v2/assets/'.length)
  if (action === 'create') {
    const assetType = text('assetType')
    if (!/^(https?:\/\/|data:)/.test(text('url')))
      return refuse({ code: 1007, msg: 'Invalid parameters: url' })
    if (!kinds.includes(assetType)) return refuse({ code: 1007, msg: 'Invalid parameters: assetType' })
    const kept: Kept = {
      assetId: `asset-${house.ids.hex(16)}`,
      groupId: text('groupId'),
      name: text('name'),
      assetType,
      url: text('url'),
      createdAt: timers.now(),
      userId: account.userId,
    }
    assets.set(kept.assetId, kept)
    for (const oldest of assets.keys()) {
      if (assets.size <= mostAssets) break
      assets.delete(oldest)
    }
    return success(describe(kept))
  }
  if (action === 'list') {
    const items = [...assets.values()].filter(({ userId }) => userId === account.userId).map(describe)
    return success({ items, totalCount: items.length })
  }
  const kept = own(text('assetId'))
  if (!kept) return refuse(unknown)
  if (action === 'update') kept.name = text('name') || kept.name
  if (action === 'delete') assets.delete(kept.assetId)
  return success(describe(kept))
}
