import { type NodeContext, NodeError, type RemoteAssetKind } from '../context.ts'
import { boolean, defineNode, socket, string } from '../define-node.ts'
import { addressFor } from './addresses.ts'
import { readAssetIds } from './asset-ids.ts'
import type { MediaKind } from './model.ts'
import { noSettings } from './settings.ts'

const common = {
  category: 'RunningHub/SparkVideo Assets',
  module: 'custom_nodes.ComfyUI_RH_OpenAPI',
} as const
const ownInputs = {
  api_config: socket('RH_OPENAPI_CONFIG', { optional: true }, { acceptsLinks: ['STRUCT'] }),
  skip_error: boolean({ default: false, optional: true }, { inert: true }),
}
const assetId = (optional: boolean) => string({ optional, forceInput: true })

/** Has a picture, video or sound kept by RunningHub, for models that take `asset://` (ComfyUI_RH_OpenAPI: SparkVideo assets). */
const create = defineNode({
  ...common,
  type: 'RH_SparkVideoAssetCreate',
  displayName: 'RH SparkVideo Asset Create',
  isOutput: true,
  inputs: {
    image: socket('IMAGE', { optional: true }),
    video: socket('VIDEO', { optional: true }),
    audio: socket('AUDIO', { optional: true }),
    ...ownInputs,
  },
  outputs: { asset_id: 'STRING', status: 'STRING', response: 'STRING' },
  execute: ({ inputs, ...context }) =>
    orSkip(inputs.skip_error, context, ['asset_id', 'status'], async () => {
      const settings = inputs.api_config ?? noSettings
      const given = (['image', 'video', 'audio'] as const).filter(name => inputs[name] !== undefined)
      const [name] = given
      if (name === undefined || given.length > 1) {
        throw new NodeError(
          `Exactly one of image, video and audio is to be connected; ${given.length} are.`,
          {
            code: 'bad-media-address',
          },
        )
      }
      const param = {
        key: name,
        kind: name.toUpperCase() as MediaKind,
        required: true,
        multiple: false,
        accept: [],
      }
      const input = { name, param, isArray: false, required: true }
      const url = (await addressFor(inputs[name], input, settings, context)) ?? ''
      const kind = kinds[name]
      const asset = await context.cloud.registerAsset(settings, { kind, url }, context)
      return { asset_id: asset.assetId, status: asset.status, response: asset.response }
    }),
})

const kinds = { image: 'Image', video: 'Video', audio: 'Audio' } as const satisfies Record<
  string,
  RemoteAssetKind
>

/** What RunningHub says of a kept file. */
const query = defineNode({
  ...common,
  type: 'RH_SparkVideoAssetQuery',
  displayName: 'RH SparkVideo Asset Query',
  isOutput: true,
  inputs: { asset_id: assetId(false), ...ownInputs },
  outputs: { asset_id: 'STRING', status: 'STRING', preview_url: 'STRING', response: 'STRING' },
  // Asked for to know how it stands now.
  cacheForMs: 0,
  execute: ({ inputs, ...context }) =>
    orSkip(inputs.skip_error, context, ['asset_id', 'status', 'preview_url'], async () => {
      const [id] = readAssetIds(inputs.asset_id)
      if (id === undefined) throw new NodeError('"asset_id" is empty.', { code: 'input-empty' })
      const asset = await context.cloud.findAsset(inputs.api_config ?? noSettings, id, context)
      const { status, previewUrl, response } = asset
      return { asset_id: asset.assetId || id, status, preview_url: previewUrl, response }
    }),
})

const merge = defineNode({
  ...common,
  type: 'RH_SparkVideoAssetIdsMerge',
  displayName: 'RH SparkVideo Asset Ids Merge',
  inputs: {
    asset_id1: assetId(false),
    ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`asset_id${index + 2}`, assetId(true)])),
  },
  outputs: { asset_ids: 'STRING' },
  execute: async ({ inputs }) => {
    const ids = Object.values(inputs).flatMap(text => readAssetIds(String(text ?? '')))
    if (ids.length === 0) throw new NodeError('At least one asset_id is needed.', { code: 'input-empty' })
    return { asset_ids: ids.join(', ') }
  },
})

export const sparkAssetNodes = [create, query, merge]

/** `skip_error` of these nodes: empty texts, and the error as the response (ComfyUI_RH_OpenAPI: SparkVideo assets). */
async function orSkip<const K extends string>(
  isSkipped: boolean | undefined,
  context: Pick<NodeContext, 'signal'>,
  names: readonly K[],
  work: () => Promise<Record<K | 'response', string>>,
): Promise<Record<K | 'response', string> & { isKept?: boolean }> {
  try {
    return await work()
  } catch (error) {
    if (!isSkipped || context.signal.aborted) throw error
    const message = error instanceof Error ? error.message : String(error)
    const empty = Object.fromEntries(names.map(name => [name, ''])) as Record<K, string>
    return { ...empty, response: JSON.stringify({ error: message }), isKept: false }
  }
}
