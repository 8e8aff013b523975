import type { Progress } from '../../nodes/context.ts'
import type { Asset } from '../../nodes/values.ts'
import { type Transport, uploadFile, type WireNodeInfo } from '../runninghub/index.ts'
import type { Clock } from '../shared/clock.ts'
import type { UploadStore } from './journal.ts'
import type { Site } from './site.ts'

export type UploadOptions = {
  readonly transport: Transport
  readonly clock: Clock
  readonly store: UploadStore
  readonly describe: (path: string) => Promise<Asset>
}

/** How long an upload's name is used again: RunningHub's link lives a day, the name perhaps longer. */
const lifeMs = 23 * 3600_000

/** Uploads a file unless its content was uploaded with this key lately; resolves to the name a cloud node takes. */
export async function uploadOnce(
  asset: Asset,
  site: Site,
  lane: string,
  options: UploadOptions,
  how: { signal: AbortSignal; report: (progress: Progress) => void },
): Promise<string> {
  const known = options.store.find(lane, asset.sha256, options.clock.now())
  if (known !== undefined) return known
  const report = (done: number) =>
    how.report({ phase: 'uploading', label: asset.name, done, of: asset.sizeBytes })
  report(0)
  const { fileName } = await uploadFile(asset, {
    transport: options.transport,
    clock: options.clock,
    ...site,
    signal: how.signal,
    onProgress: report,
  })
  const expiresAt = options.clock.now() + lifeMs
  options.store.remember({ lane, sha256: asset.sha256, path: asset.path, fileName, expiresAt })
  return fileName
}

/**
 * A nodeInfoList whose uploads are sent again: those that have expired, or with `all` every one the cloud was given (it refused a file
 * it should know: 803, 1013). Answers the list, and whether anything in it changed.
 */
export async function renewUploads(
  list: readonly WireNodeInfo[],
  which: 'expired' | 'all',
  site: Site,
  lane: string,
  options: UploadOptions,
  how: { signal: AbortSignal; report: (progress: Progress) => void },
): Promise<{ list: readonly WireNodeInfo[]; changed: boolean }> {
  let changed = false
  const renewed: WireNodeInfo[] = []
  for (const item of list) {
    const value = item.fieldValue
    const behind = typeof value === 'string' ? options.store.behind(lane, value) : undefined
    if (!behind || typeof value !== 'string') {
      renewed.push(item)
      continue
    }
    if (which === 'all') options.store.forget(lane, value)
    const current = options.store.find(lane, behind.sha256, options.clock.now())
    // A file that is gone or changed cannot be sent again; the cloud will say what it thinks of the old name.
    const asset =
      current === undefined ? await options.describe(behind.path).catch(() => undefined) : undefined
    if (!asset || asset.sha256 !== behind.sha256) {
      renewed.push(item)
      continue
    }
    const fieldValue = await uploadOnce(asset, site, lane, options, how)
    changed = true
    renewed.push({ ...item, fieldValue })
  }
  return { list: renewed, changed }
}
