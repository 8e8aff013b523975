import type { NodeContext, RemoteAsset, RemoteAssetKind } from '../../nodes/context.ts'
import { CloudError, type KeptAsset, type RunningHubClient } from '../runninghub/index.ts'
import type { Clock } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'

const ready = /^(ACTIVE|SUCCESS|SUCCEEDED|COMPLETED|DONE|READY|AVAILABLE)$/i
const failed = /^(FAILED|ERROR|CANCEL|CANCELED|CANCELLED)$/i
/** RunningHub: asset nodes, how often and how long their pack looks. */
const lookEveryMs = 2_000
const patienceMs: Readonly<Record<RemoteAssetKind, number>> = {
  Image: 180_000,
  Audio: 180_000,
  Video: 300_000,
}
/** So many looks in a row may go wrong. */
const mostFailures = 5

/** Has a published file kept by RunningHub and waits until models can use it. Throws `asset-failed` or `asset-not-ready`. */
export async function registerAsset(
  { kind, url }: { readonly kind: RemoteAssetKind; readonly url: string },
  client: Pick<RunningHubClient, 'asset'>,
  clock: Clock,
  { signal, report }: Pick<NodeContext, 'signal' | 'report'>,
): Promise<RemoteAsset> {
  report({ phase: 'working', label: 'Asset' })
  let asset: KeptAsset = await client.asset('create', { url, assetType: kind }, signal)
  const { assetId } = asset
  if (assetId === '') {
    throw new BridgeError('RunningHub took the asset but gave it no id.', { code: 'cloud-unreadable' })
  }
  const giveUpAt = clock.now() + patienceMs[kind]
  for (let failures = 0; !ready.test(asset.status); ) {
    if (failed.test(asset.status)) {
      throw new BridgeError(`RunningHub could not take in the asset ${assetId}: ${asset.status}.`, {
        code: 'asset-failed',
        hint: 'Try another picture, video or sound.',
      })
    }
    if (clock.now() >= giveUpAt) {
      throw new BridgeError(
        `The asset ${assetId} was not ready after ${patienceMs[kind] / 1000} s (${asset.status}).`,
        {
          code: 'asset-not-ready',
          hint: 'Look again later with RH SparkVideo Asset Query.',
        },
      )
    }
    await clock.sleep(lookEveryMs, signal)
    try {
      asset = { ...(await client.asset('query', { assetId }, signal)), assetId }
      failures = 0
    } catch (error) {
      const again = error instanceof CloudError && error.askAgain && ++failures < mostFailures
      if (signal.aborted || !again) throw error
    }
  }
  return { ...asset, kind: asset.kind || kind }
}

/** How a kept file stands. Throws CloudError for an id nobody knows. */
export async function findAsset(
  assetId: string,
  client: Pick<RunningHubClient, 'asset'>,
  { signal }: Pick<NodeContext, 'signal'>,
): Promise<RemoteAsset> {
  const asset = await client.asset('query', { assetId }, signal)
  return { ...asset, assetId: asset.assetId || assetId }
}
