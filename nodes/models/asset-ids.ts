import { type NodeContext, NodeError, type RemoteAssetKind } from '../context.ts'
import type { RunningHubSettings } from '../values.ts'
import type { ModelBody } from './body.ts'
import type { AssetIdsMode } from './model.ts'

/** Ids of kept assets as people write them: one a line, with commas, as a JSON list, with or without `asset://`. */
export function readAssetIds(text: string): readonly string[] {
  return text
    .split(/[\s,[\]"']+/)
    .map(id => id.replace(/^asset:\/\//, ''))
    .filter(Boolean)
}

/** What is sent, with kept assets in the fields they fill (RunningHub: model registry, asset_ids_mode). */
export async function withAssets(
  body: ModelBody,
  mode: AssetIdsMode,
  ids: readonly string[],
  settings: RunningHubSettings,
  context: NodeContext,
): Promise<ModelBody> {
  return mode === 'image_to_video' ? framesOf(body, ids) : addByKind(body, ids, settings, context)
}

function framesOf(body: ModelBody, ids: readonly string[]): ModelBody {
  if (ids.length > 2) {
    throw bad(`asset_ids names ${ids.length} assets; the model takes a first and a last frame.`)
  }
  const fields = ['firstFrameUrl', 'lastFrameUrl'] as const
  const filled: Record<string, unknown> = { ...body }
  for (const [index, id] of ids.entries()) {
    const field = fields[index] ?? fields[0]
    if (body[field] !== undefined) {
      throw bad(`The ${index === 0 ? 'first' : 'last'} frame comes both as a picture and in asset_ids.`)
    }
    filled[field] = `asset://${id}`
  }
  if (filled.firstFrameUrl === undefined)
    throw bad('The first frame is missing: connect a picture or give asset_ids.')
  return filled
}

const fieldOf: Readonly<Record<string, string>> = {
  image: 'imageUrls',
  video: 'videoUrls',
  audio: 'audioUrls',
}

async function addByKind(
  body: ModelBody,
  ids: readonly string[],
  settings: RunningHubSettings,
  context: NodeContext,
): Promise<ModelBody> {
  const assets = await Promise.all(ids.map(id => context.cloud.findAsset(settings, id, context)))
  const filled: Record<string, unknown> = { ...body }
  for (const [index, { kind }] of assets.entries()) {
    const field = fieldOf[kind.toLowerCase()]
    if (field === undefined) throw bad(`The asset ${ids[index]} is of no kind this model takes ("${kind}").`)
    filled[field] = [...((filled[field] as string[] | undefined) ?? []), `asset://${ids[index]}`]
  }
  return filled
}

/** Which inputs the "real person mode" keeps as assets. Throws `bad-conversion-slots` for a name that is none. */
export function chosenSlots(text: string, allowed: readonly string[]): ReadonlySet<string> {
  const names = text.split(/[\s,]+/).filter(Boolean)
  if (names.length === 0 || (names.length === 1 && names[0]?.toLowerCase() === 'all')) return new Set(allowed)
  const unknown = names.find(name => !allowed.includes(name.toLowerCase()))
  if (unknown === undefined) return new Set(names.map(name => name.toLowerCase()))
  throw new NodeError(`"${unknown}" in conversion_slots is no input that can be converted.`, {
    code: 'bad-conversion-slots',
    hint: `Write all, or some of: ${allowed.join(', ')}.`,
  })
}

/** Has a published picture or video kept, and gives the address of what is kept. */
export async function keptAddress(
  url: string,
  kind: RemoteAssetKind,
  settings: RunningHubSettings,
  context: NodeContext,
): Promise<string> {
  const { assetId } = await context.cloud.registerAsset(settings, { kind, url }, context)
  return `asset://${assetId}`
}

function bad(message: string): NodeError {
  return new NodeError(message, {
    code: 'bad-asset-ids',
    hint: 'See asset_ids and the media inputs of the node.',
  })
}
