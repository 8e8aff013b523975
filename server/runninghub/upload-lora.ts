import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import type { Clock } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'
import type { RunningHubClient } from './client.ts'
import { refuseStrangeAddress, wayTo } from './download.ts'
import { CloudError } from './errors.ts'
import type { Transport } from './transport.ts'
import type { UploadFile } from './upload.ts'

export type LoraOptions = {
  readonly client: Pick<RunningHubClient, 'baseUrl' | 'loraUploadUrl'>
  readonly transport: Transport
  /** See {@link DownloadOptions}. */
  readonly isForeign?: boolean | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Bytes read for the digest, before anything is sent. */
  readonly onRead: (readBytes: number) => void
  readonly onProgress: (sentBytes: number) => void
}

const tries = 3
const chunkBytes = 256 * 1024

/**
 * Uploads a LoRA of any size: its digest is read first, then the bytes go to the presigned address, straight from disk and without
 * a key (RunningHub: getLoraUploadUrl). Resolves to the name RHLoraLoader takes. May be repeated: the cloud keeps it by digest.
 */
export async function uploadLora(file: UploadFile, options: LoraOptions): Promise<string> {
  if (file.sizeBytes === 0) {
    throw new BridgeError(`"${file.name}" is empty.`, { code: 'upload-empty', hint: 'Choose another file.' })
  }
  const { client, signal } = options
  const lora = { name: file.name, md5: await digestOf(file.path, options) }
  for (let attempt = 1; ; attempt++) {
    try {
      // A new address each time: the old one may be what was refused.
      const { fileName, url } = await client.loraUploadUrl(lora, signal)
      await put(file, url, options)
      return fileName
    } catch (error) {
      const again = error instanceof CloudError && error.askAgain && attempt < tries
      if (signal.aborted || !again) throw error
      await options.clock.sleep(1000 * attempt, signal)
    }
  }
}

async function digestOf(path: string, { signal, onRead }: LoraOptions): Promise<string> {
  const digest = createHash('md5')
  let read = 0
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes, signal })) {
    digest.update(chunk as Buffer)
    read += (chunk as Buffer).length
    onRead(read)
  }
  return digest.digest('hex')
}

async function put(file: UploadFile, url: string, options: LoraOptions): Promise<void> {
  const from = { baseUrl: options.client.baseUrl, isForeign: options.isForeign }
  refuseStrangeAddress(url, from.baseUrl)
  const way = wayTo<Pick<Transport, 'exchange'>>(url, options.transport, from)
  const { status } = await way.exchange({
    method: 'PUT',
    url,
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(file.sizeBytes) },
    body: counted(file.path, options.onProgress) as unknown as Readable,
    // A slow line gets its time: 20 KB a second is the least that is waited for.
    requestTimeoutMs: 60_000 + (file.sizeBytes / 20_000) * 1000,
    signal: options.signal,
  })
  if (status < 300) return
  throw new CloudError(`The storage did not take "${file.name}" (HTTP ${status}).`, {
    code: 'upload-refused',
    created: 'no',
    askAgain: status === 403 || status === 429 || status >= 500,
    hint: 'Run again; if it goes on, look whether the file changes while it is read.',
  })
}

async function* counted(path: string, onProgress: (sentBytes: number) => void): AsyncGenerator<Buffer> {
  let sent = 0
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    yield chunk as Buffer
    sent += (chunk as Buffer).length
    onProgress(sent)
  }
}
