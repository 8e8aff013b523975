import type { Progress } from '../../nodes/context.ts'
import type { Asset } from '../../nodes/values.ts'
import { createRunningHubClient, type Transport, uploadFile, uploadLora } from '../runninghub/index.ts'
import type { Clock } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'
import type { KnownUpload, UploadStore } from './journal.ts'
import type { Site } from './site.ts'

export type UploadOptions = {
  readonly transport: Transport
  readonly clock: Clock
  readonly store: UploadStore
  readonly describe: (path: string) => Promise<Asset>
}

/** How long an upload's name is used again: RunningHub's link lives a day, the name perhaps longer. */
const lifeMs = 23 * 3600_000

type How = { signal: AbortSignal; report: (progress: Progress) => void }

/** A LoRA is kept by its digest; how long is not documented, and its name goes nowhere else. */
const loraLifeMs = 7 * 24 * 3600_000
const loraMark = 'lora:'

/** The same for a LoRA, which goes another way and may be of any size. */
export async function uploadLoraOnce(
  asset: Asset,
  site: Site,
  lane: string,
  options: UploadOptions,
  how: How,
): Promise<string> {
  const sha256 = loraMark + asset.sha256
  const known = options.store.find(lane, sha256, options.clock.now())
  if (known !== undefined) return known.fileName
  const report = (phase: 'working' | 'uploading') => (done: number) =>
    how.report({ phase, label: asset.name, done, of: asset.sizeBytes })
  const { transport, clock } = options
  const client = createRunningHubClient({ transport, clock, ...site })
  const fileName = await uploadLora(asset, {
    client,
    transport,
    isForeign: site.isForeign,
    clock,
    signal: how.signal,
    onRead: report('working'),
    onProgress: report('uploading'),
  })
  options.store.remember({
    lane,
    sha256,
    path: asset.path,
    fileName,
    url: null,
    expiresAt: clock.now() + loraLifeMs,
  })
  return fileName
}

/** Uploads a file unless its content was uploaded with this key lately; resolves to the name a cloud node takes. */
export async function uploadOnce(
  asset: Asset,
  site: Site,
  lane: string,
  options: UploadOptions,
  how: How,
): Promise<string> {
  const known = options.store.find(lane, asset.sha256, options.clock.now())
  return (known ?? (await upload(asset, site, lane, options, how))).fileName
}

/** The same for standard models, whose fields take the file's address. Throws `no-upload-address` on a site that gives none. */
export async function publishOnce(
  asset: Asset,
  site: Site,
  lane: string,
  options: UploadOptions,
  how: How,
): Promise<string> {
  const known = options.store.find(lane, asset.sha256, options.clock.now())
  const url = known?.url ?? (await upload(asset, site, lane, options, how)).url
  if (url !== null) return url
  throw new BridgeError(`${new URL(site.baseUrl).host} gives uploaded files no address.`, {
    code: 'no-upload-address',
    hint: 'Give the model a public address of the file in place of the file.',
  })
}

async function upload(
  asset: Asset,
  site: Site,
  lane: string,
  options: UploadOptions,
  how: How,
): Promise<KnownUpload> {
  const report = (done: number) =>
    how.report({ phase: 'uploading', label: asset.name, done, of: asset.sizeBytes })
  report(0)
  const { fileName, url } = await uploadFile(asset, {
    transport: options.transport,
    clock: options.clock,
    ...site,
    signal: how.signal,
    onProgress: report,
  })
  const expiresAt = options.clock.now() + lifeMs
  options.store.remember({ lane, sha256: asset.sha256, path: asset.path, fileName, url, expiresAt })
  return { fileName, url }
}

/**
 * Sends uploads again: of the texts of a request those that name an upload which has expired, or with `all` every upload the cloud
 * was given (it refused a file it should know: 803, 1013). Answers the new name of each that has one.
 */
export async function renewUploads(
  names: ReadonlySet<string>,
  which: 'expired' | 'all',
  site: Site,
  lane: string,
  options: UploadOptions,
  how: How,
): Promise<ReadonlyMap<string, string>> {
  const renewed = new Map<string, string>()
  for (const name of names) {
    const behind = options.store.behind(lane, name)
    if (!behind) continue
    if (which === 'all') options.store.forget(lane, name)
    if (options.store.find(lane, behind.sha256, options.clock.now()) !== undefined) continue
    // A file that is gone or changed cannot be sent again; the cloud will say what it thinks of the old name.
    const asset = await options.describe(behind.path).catch(() => undefined)
    const isLora = behind.sha256.startsWith(loraMark)
    if (!asset || behind.sha256 !== `${isLora ? loraMark : ''}${asset.sha256}`) continue
    const again = isLora ? uploadLoraOnce : behind.isUrl ? publishOnce : uploadOnce
    renewed.set(name, await again(asset, site, lane, options, how))
  }
  return renewed
}
