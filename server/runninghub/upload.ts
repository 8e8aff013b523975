import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { z } from 'zod'
import type { Clock } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'
import { scrub } from '../shared/secrets.ts'
import { CloudError, codeError } from './errors.ts'
import type { Answer, Transport } from './transport.ts'
import { envelope, wireText } from './wire.ts'

/** RunningHub: upload, 30 MB for every type. */
export const maxUploadBytes = 30 * 1024 * 1024

export type UploadFile = {
  readonly path: string
  readonly name: string
  readonly mediaType: string
  readonly sizeBytes: number
}

/** `fileName` goes into nodes; `url`, from the newer call only, into standard models and lives a day. */
export type Uploaded = { readonly fileName: string; readonly url: string | null }

export type UploadOptions = {
  readonly transport: Transport
  readonly clock: Clock
  readonly baseUrl: string
  readonly apiKey: string
  readonly signal: AbortSignal
  readonly onProgress: (sentBytes: number) => void
}

/** Why a file cannot be uploaded, by the newer call and the old one alike; undefined for one that can. */
export function uploadTooBig(
  file: Pick<UploadFile, 'name' | 'mediaType' | 'sizeBytes'>,
): BridgeError | undefined {
  if (file.sizeBytes <= maxUploadBytes) return undefined
  const size = (file.sizeBytes / 1024 / 1024).toFixed(1)
  return new BridgeError(`"${file.name}" has ${size} MB; RunningHub takes 30 MB at most.`, {
    code: 'upload-too-big',
    hint: file.mediaType.startsWith('image/')
      ? 'Scale it down before it is uploaded (Scale Image to Total Pixels), or put a public URL into the loader of the cloud workflow.'
      : 'Make it smaller, or put a public URL into the loader of the cloud workflow.',
  })
}

/** Above this the nodes of ComfyUI_RH_APICall refuse a picture; RunningHub itself does not (RunningHub: contradictions, 19). */
const packPictureBytes = 10 * 1024 * 1024

/** What is worth a word about a file that can be uploaded: a picture that the packs' own nodes would refuse. */
export function uploadIsLarge(
  file: Pick<UploadFile, 'name' | 'mediaType' | 'sizeBytes'>,
): BridgeError | undefined {
  if (!file.mediaType.startsWith('image/') || file.sizeBytes <= packPictureBytes) return undefined
  const size = (file.sizeBytes / 1024 / 1024).toFixed(1)
  return new BridgeError(`"${file.name}" has ${size} MB; some cloud nodes take pictures of 10 MB at most.`, {
    code: 'upload-large',
    hint: 'RunningHub takes it up to 30 MB; should the task refuse it, scale it down before it is uploaded.',
  })
}

const tries = 3
const data = z.object({ fileName: wireText, filename: wireText, download_url: wireText })

/**
 * Uploads a file: by the newer call, by the old one where the newer is not there or refuses to the end (HTTP or code 401, 404, 412; -1). An upload costs nothing and
 * may be repeated. Throws `upload-too-big` before anything is sent.
 */
export async function uploadFile(file: UploadFile, options: UploadOptions): Promise<Uploaded> {
  const tooBig = uploadTooBig(file)
  if (tooBig) throw tooBig
  if (file.sizeBytes === 0) {
    throw new BridgeError(`"${file.name}" is empty.`, { code: 'upload-empty', hint: 'Choose another file.' })
  }
  const { baseUrl, apiKey } = options
  const byOldCall = () =>
    attempts(file, options, `${baseUrl}/task/openapi/upload`, [
      ['apiKey', apiKey],
      ['fileType', 'input'],
    ])
  // Loaders of ZIPs take the bare hash that only the old call gives (RunningHub: old upload).
  if (file.mediaType === 'application/zip') return byOldCall()
  try {
    return await attempts(file, options, `${baseUrl}/openapi/v2/media/upload/binary`, [])
  } catch (error) {
    const notThere = error instanceof CloudError && /^cloud-(http-)?(401|404|412|1001|-1)$/.test(error.code)
    if (!notThere) throw error
    return byOldCall()
  }
}

async function attempts(
  file: UploadFile,
  options: UploadOptions,
  url: string,
  fields: readonly (readonly [string, string])[],
): Promise<Uploaded> {
  for (let attempt = 1; ; attempt++) {
    try {
      return read(await send(file, options, url, fields), options.apiKey)
    } catch (error) {
      const again = error instanceof CloudError && error.askAgain && attempt < tries
      if (options.signal.aborted || !again) throw error
      await options.clock.sleep(1000 * attempt, options.signal)
    }
  }
}

function send(
  file: UploadFile,
  options: UploadOptions,
  url: string,
  fields: readonly (readonly [string, string])[],
): Promise<Answer> {
  const boundary = `rh-bridge-${randomUUID()}`
  const head = Buffer.from(
    fields
      .map(
        ([name, value]) =>
          `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
      )
      .join('') +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${asciiName(file.name)}"\r\n` +
      `Content-Type: ${file.mediaType}\r\n\r\n`,
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  return options.transport.exchange({
    method: 'POST',
    url,
    headers: {
      authorization: `Bearer ${options.apiKey}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + file.sizeBytes + tail.length),
    },
    body: multipart(head, file.path, tail, options.onProgress) as unknown as import('node:stream').Readable,
    // A slow line gets its time: 20 KB a second is the least that is waited for.
    requestTimeoutMs: 60_000 + (file.sizeBytes / 20_000) * 1000,
    signal: options.signal,
  })
}

// undici's FormData gives no progress and no length for a file on disk; three parts in a row do.
async function* multipart(
  head: Buffer,
  path: string,
  tail: Buffer,
  onProgress: (sentBytes: number) => void,
): AsyncGenerator<Buffer> {
  yield head
  let sent = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    yield chunk as Buffer
    sent += (chunk as Buffer).length
    onProgress(sent)
  }
  yield tail
}

/** The cloud names the file after its content; only the extension matters, and quotes or other scripts upset some gateways. */
function asciiName(name: string): string {
  const extension = /\.[a-z0-9]{1,8}$/i.exec(name)?.[0] ?? ''
  const stem = name
    .slice(0, name.length - extension.length)
    .replace(/[^\w.-]+/g, '_')
    .slice(0, 80)
  return `${stem || 'file'}${extension}`
}

function read(answer: Answer, apiKey: string): Uploaded {
  const parsed = envelope.safeParse(answer.json)
  const { code, msg, message } = parsed.success ? parsed.data : { code: undefined, msg: '', message: '' }
  if (!parsed.success || (code === 0 && answer.status >= 400)) {
    throw new CloudError(`The upload was answered with HTTP ${answer.status}.`, {
      code: `cloud-http-${answer.status}`,
      created: 'no',
      askAgain: answer.status >= 500 || answer.status === 429 || answer.status < 400,
      hint: 'Check base_url; a proxy or gateway may have answered instead of RunningHub.',
    })
  }
  // Some servers are said to answer 200 for success here.
  if (code !== 0 && code !== 200) throw codeError(code ?? 1000, scrub(msg || message, [apiKey]))
  const found = data.safeParse(parsed.data.data)
  const fileName = found.success ? found.data.fileName || found.data.filename : ''
  if (!fileName) {
    throw new CloudError('RunningHub took the upload but gave it no name.', {
      code: 'cloud-unreadable',
      created: 'no',
      askAgain: true,
    })
  }
  return { fileName, url: (found.success && found.data.download_url) || null }
}
