import { createHash } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import type { Clock } from '../shared/clock.ts'
import { DeadlineError } from '../shared/clock.ts'
import { BridgeError, messageOf, systemCodeOf } from '../shared/errors.ts'
import { CloudError } from './errors.ts'
import { isLoopback, isPrivateAddress } from './site.ts'
import type { Transport } from './transport.ts'

export type DownloadOptions = {
  readonly transport: Pick<Transport, 'dispatcherFor'>
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The site the address came from: only a site on this machine may name addresses on this machine. */
  readonly baseUrl: string
  readonly maxBytes: number
  readonly onBytes: (delta: number) => void
}

export type Downloaded = { readonly sizeBytes: number; readonly sha256: string }

const tries = 6
/** A host that sends nothing for this long is asked again. */
const silenceMs = 30_000
const defaultMaxBytes = 16 * 1024 ** 3

export { defaultMaxBytes as maxResultBytes }

/**
 * Streams a result file to `path`: into `path.part` first, resumed by Range after a break where the host allows it, length checked,
 * then renamed, so that no half file is ever seen as done. No key is sent (RunningHub: result files). Throws `result-expired`,
 * `result-too-big`, `result-refused` or `download-failed`.
 */
export async function downloadFile(url: string, path: string, options: DownloadOptions): Promise<Downloaded> {
  refuseStrangeAddress(url, options.baseUrl)
  const part = `${path}.part`
  const file = await open(part, 'w')
  const state: PartState = { hash: createHash('sha256'), bytes: 0, total: undefined, etag: undefined }
  try {
    for (let attempt = 1; ; attempt++) {
      const before = state.bytes
      try {
        await fetchRest(url, file, state, options)
        break
      } catch (error) {
        if (options.signal.aborted) throw options.signal.reason
        if (error instanceof BridgeError) throw error
        const system = systemCodeOf(error)
        if (system === 'ENOSPC' || system === 'EDQUOT' || system === 'EROFS' || system === 'EACCES')
          throw noRoom(path, error)
        // Only breaks without progress count: a slow host that gets on is worth the patience.
        if (state.bytes > before) attempt = 1
        if (attempt >= tries) throw gaveUp(url, error)
        await options.clock.sleep(Math.min(8000, 250 * 2 ** attempt), options.signal)
      }
    }
  } catch (error) {
    await file.close()
    await rm(part, { force: true })
    throw error
  }
  await file.close()
  await rename(part, path)
  return { sizeBytes: state.bytes, sha256: state.hash.digest('hex') }
}

type PartState = {
  hash: ReturnType<typeof createHash>
  bytes: number
  total: number | undefined
  etag: string | undefined
}

async function fetchRest(
  url: string,
  file: Awaited<ReturnType<typeof open>>,
  state: PartState,
  options: DownloadOptions,
): Promise<void> {
  const target = new URL(url)
  const controller = new AbortController()
  const onAbort = () => controller.abort(options.signal.reason)
  options.signal.addEventListener('abort', onAbort, { once: true })
  const quiet = watchSilence(options.clock, () => controller.abort(new DeadlineError(silenceMs)))
  try {
    const response = await options.transport.dispatcherFor(url).request({
      origin: target.origin,
      path: `${target.pathname}${target.search}`,
      method: 'GET',
      headers: {
        'user-agent': 'rh-bridge',
        'accept-encoding': 'identity',
        ...(state.bytes > 0 && {
          range: `bytes=${state.bytes}-`,
          ...(state.etag !== undefined && { 'if-range': state.etag }),
        }),
      },
      signal: controller.signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    quiet.heard()
    const { statusCode, headers } = response
    if (statusCode !== 200 && statusCode !== 206) {
      await response.body.dump()
      throw badStatus(statusCode, url)
    }
    if (statusCode === 200 && state.bytes > 0) await startOver(file, state, options)
    state.etag = text(headers.etag)
    const length = Number(text(headers['content-length']))
    if (Number.isFinite(length) && headers['content-length'] !== undefined) state.total = state.bytes + length
    refuseTooBig(state.total ?? 0, options.maxBytes)
    for await (const chunk of response.body) {
      quiet.heard()
      const bytes = chunk as Buffer
      await file.write(bytes, 0, bytes.length, state.bytes)
      state.hash.update(bytes)
      state.bytes += bytes.length
      options.onBytes(bytes.length)
      refuseTooBig(state.bytes, options.maxBytes)
    }
    if (state.total !== undefined && state.bytes < state.total) {
      throw new Error(`the file ended after ${state.bytes} of ${state.total} bytes`)
    }
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason
    throw error
  } finally {
    quiet.stop()
    options.signal.removeEventListener('abort', onAbort)
  }
}

/** The host ignored the range: what is there is thrown away. */
async function startOver(
  file: Awaited<ReturnType<typeof open>>,
  state: PartState,
  options: DownloadOptions,
): Promise<void> {
  options.onBytes(-state.bytes)
  await file.truncate(0)
  state.bytes = 0
  state.total = undefined
  state.hash = createHash('sha256')
}

function watchSilence(clock: Clock, onSilence: () => void) {
  let cancel = clock.schedule(silenceMs, onSilence)
  let heardAt = clock.now()
  return {
    heard() {
      // A new timer for each chunk would cost more than the download.
      if (clock.now() - heardAt < 1000) return
      heardAt = clock.now()
      cancel()
      cancel = clock.schedule(silenceMs, onSilence)
    },
    stop: () => cancel(),
  }
}

function refuseStrangeAddress(url: string, baseUrl: string): void {
  const target = URL.canParse(url) ? new URL(url) : undefined
  const isWeb = target?.protocol === 'http:' || target?.protocol === 'https:'
  if (isWeb && (isLoopback(baseUrl) || !isPrivateAddress(url))) return
  throw new CloudError(
    `RunningHub named a result address that is not fetched: ${target?.host ?? 'no address'}.`,
    {
      code: 'result-refused',
      created: 'no',
      askAgain: false,
      hint: 'Result files come from public web addresses only.',
    },
  )
}

function refuseTooBig(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return
  throw new CloudError(
    `A result file is bigger than the limit of ${Math.round(maxBytes / 1024 / 1024)} MB.`,
    {
      code: 'result-too-big',
      created: 'no',
      askAgain: false,
      hint: 'Fetch it in the browser from the record page of the task.',
    },
  )
}

function badStatus(status: number, url: string): Error {
  if (status === 403 || status === 410) {
    return new CloudError(`The result file is no longer there (HTTP ${status}).`, {
      code: 'result-expired',
      created: 'no',
      askAgain: false,
      hint: 'RunningHub keeps result files for 24 hours. Look at the record page of the task, or run again.',
    })
  }
  return new Error(`${new URL(url).host} answered with HTTP ${status}`)
}

function gaveUp(url: string, error: unknown): CloudError {
  return new CloudError(
    `A result file could not be fetched from ${new URL(url).host}: ${messageOf(error)}.`,
    {
      code: 'download-failed',
      created: 'no',
      askAgain: true,
      hint: 'The task is done and paid for; its files stay on RunningHub for 24 hours. See its record page.',
      cause: error,
    },
  )
}

function noRoom(path: string, cause: unknown): BridgeError {
  return new BridgeError(`"${path}" cannot be written: ${systemCodeOf(cause)}.`, {
    code: 'disk',
    hint: 'Free some space or check the rights of the folder. The results stay on RunningHub for 24 hours.',
    cause,
  })
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
