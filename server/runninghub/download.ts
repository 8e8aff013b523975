import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, lstat, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../shared/clock.ts'
import { DeadlineError } from '../shared/clock.ts'
import { BridgeError, diskAdvice, messageOf, systemCodeOf } from '../shared/errors.ts'
import { isOwnHost } from '../shared/own-network.ts'
import { CloudError } from './errors.ts'
import { isLoopback } from './site.ts'
import type { Transport } from './transport.ts'

type Dialler = Pick<Transport, 'dispatcherFor'>
/** Connections, and such as lead nowhere inside. */
export type Reach = Dialler & { readonly outside?: Dialler }

export type DownloadOptions = {
  readonly transport: Reach
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The site the address came from: only a site on this machine may name addresses on this machine. */
  readonly baseUrl: string
  /** Nobody here has spoken for that site. */
  readonly isForeign?: boolean | undefined
  readonly maxBytes: number
  /** The file's type as the cloud names it, such as `png`: a web page in place of it is not taken for it. */
  readonly type?: string
  readonly onBytes: (delta: number) => void
  readonly onRetry?: (why: string) => void
}

export type Downloaded = { readonly sizeBytes: number; readonly sha256: string }

const tries = 6
/** A part nobody has written to for this long is of a process that ended. */
const leftAfterMs = 3600_000
/** A host that sends nothing for this long is asked again. */
const silenceMs = 30_000
const defaultMaxBytes = 16 * 1024 ** 3

export { defaultMaxBytes as maxResultBytes }

/**
 * Streams a result file to `path`: into `path.part` first, resumed by Range after a break where the host allows it, length checked,
 * then renamed, so that no half file is ever seen as done. No key is sent (RunningHub: result files). Throws `result-expired`,
 * `result-too-big`, `result-refused`, `disk` or `download-failed`.
 */
export async function downloadFile(url: string, path: string, options: DownloadOptions): Promise<Downloaded> {
  refuseStrangeAddress(url, options.baseUrl)
  options.signal.throwIfAborted()
  // A name of its own: two runs may fetch the same task at the same time.
  const part = `${path}.${randomUUID().slice(0, 8)}.part`
  await removeLeftParts(path, options.clock.now())
  const file = await onDisk(path, () => open(part, 'w'))
  const state: PartState = {
    hash: createHash('sha256'),
    bytes: 0,
    total: undefined,
    etag: undefined,
    md5: undefined,
  }
  try {
    for (let attempt = 1; ; attempt++) {
      const before = state.bytes
      try {
        await fetchRest(url, path, file, state, options)
        break
      } catch (error) {
        if (options.signal.aborted) throw options.signal.reason
        if (error instanceof BridgeError) throw error
        // Only breaks without progress count: a slow host that gets on is worth the patience.
        if (state.bytes > before) attempt = 1
        if (attempt >= tries) throw error instanceof GoneError ? expired(error.message) : gaveUp(url, error)
        options.onRetry?.(messageOf(error))
        await options.clock.sleep(Math.min(8000, 250 * 2 ** attempt), options.signal)
      }
    }
    await onDisk(path, () => file.close())
    await onDisk(path, () => rename(part, path))
  } catch (error) {
    // Closing may fail a second time on a full disk; the first error is the one to tell.
    await file.close().catch(() => {})
    await rm(part, { force: true })
    throw error
  }
  return { sizeBytes: state.bytes, sha256: state.hash.digest('hex') }
}

/** What a crash left of the same file. Younger ones may be growing in another process. */
async function removeLeftParts(path: string, now: number): Promise<void> {
  const folder = dirname(path)
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(`${basename(path)}.`) || !name.endsWith('.part')) continue
    const facts = await lstat(join(folder, name)).catch(() => undefined)
    if (facts && now - facts.mtimeMs > leftAfterMs)
      await rm(join(folder, name), { force: true }).catch(() => {})
  }
}

type PartState = {
  /** What the host says the whole file hashes to (Content-MD5), and what of it came so far. */
  md5: { expected: string; hash: ReturnType<typeof createHash> } | undefined
  hash: ReturnType<typeof createHash>
  bytes: number
  total: number | undefined
  etag: string | undefined
}

async function fetchRest(
  url: string,
  path: string,
  file: FileHandle,
  state: PartState,
  options: DownloadOptions,
): Promise<void> {
  const target = new URL(url)
  const controller = new AbortController()
  const onAbort = () => controller.abort(options.signal.reason)
  options.signal.addEventListener('abort', onAbort, { once: true })
  const quiet = watchSilence(options.clock, () => controller.abort(new DeadlineError(silenceMs)))
  try {
    const response = await wayTo<Dialler>(url, options.transport, options)
      .dispatcherFor(url)
      .request({
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
      // Nothing lies behind what is there, so what is there is of another file.
      if (statusCode === 416) await startOver(path, file, state, options)
      throw badStatus(statusCode, url)
    }
    if (statusCode === 200 && state.bytes > 0) await startOver(path, file, state, options)
    const begins = /^bytes (\d+)-/.exec(text(headers['content-range']) ?? '')?.[1]
    if (statusCode === 206 && begins !== undefined && Number(begins) !== state.bytes) {
      await response.body.dump()
      await startOver(path, file, state, options)
      throw new Error(`${target.host} sent another part of the file than was asked for`)
    }
    state.etag = text(headers.etag)
    const expected = text(headers['content-md5'])
    if (statusCode === 200 && expected !== undefined) state.md5 = { expected, hash: createHash('md5') }
    const length = Number(text(headers['content-length']))
    if (Number.isFinite(length) && headers['content-length'] !== undefined) state.total = state.bytes + length
    refuseTooBig(state.total ?? 0, options.maxBytes)
    for await (const chunk of response.body) {
      quiet.heard()
      const bytes = chunk as Buffer
      if (state.bytes === 0 && isPage(bytes, text(headers['content-type']), options.type)) {
        throw new GoneError(`${target.host} sent a web page in its place`)
      }
      await onDisk(path, () => writeAll(file, bytes, state.bytes))
      state.hash.update(bytes)
      state.md5?.hash.update(bytes)
      state.bytes += bytes.length
      options.onBytes(bytes.length)
      refuseTooBig(state.bytes, options.maxBytes)
    }
    if (state.total !== undefined && state.bytes < state.total) {
      throw new Error(`the file ended after ${state.bytes} of ${state.total} bytes`)
    }
    if (state.md5 && state.md5.hash.digest('base64') !== state.md5.expected.trim()) {
      await startOver(path, file, state, options)
      throw new Error(`${target.host} sent a file that is not what it says it is`)
    }
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason
    throw systemCodeOf(error) === 'ERR_INSIDE' ? refused(target.host) : error
  } finally {
    quiet.stop()
    options.signal.removeEventListener('abort', onAbort)
  }
}

/** The host ignored the range: what is there is thrown away. */
async function startOver(
  path: string,
  file: FileHandle,
  state: PartState,
  options: DownloadOptions,
): Promise<void> {
  options.onBytes(-state.bytes)
  await onDisk(path, () => file.truncate(0))
  state.bytes = 0
  state.total = undefined
  state.md5 = undefined
  state.hash = createHash('sha256')
}

/** One write may take less than it was given, on a disk that is nearly full. */
async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new BridgeError(`"${path}" cannot be written: ${systemCodeOf(cause) ?? messageOf(cause)}.`, {
      code: 'disk',
      hint: diskAdvice(cause),
      cause,
    })
  }
}

function watchSilence(clock: Clock, onSilence: () => void) {
  let cancel = clock.schedule(silenceMs, onSilence)
  let heardAt = clock.ticks()
  return {
    heard() {
      // A new timer for each chunk would cost more than the download.
      if (clock.ticks() - heardAt < 1000) return
      heardAt = clock.ticks()
      cancel()
      cancel = clock.schedule(silenceMs, onSilence)
    },
    stop: () => cancel(),
  }
}

/** Throws `result-refused` for an address that a site may not send us to: this machine or its private network. */
export function refuseStrangeAddress(url: string, baseUrl: string): void {
  const target = URL.canParse(url) ? new URL(url) : undefined
  const isWeb = target?.protocol === 'http:' || target?.protocol === 'https:'
  // A site of a private network may name that network; only one on this machine may name this machine.
  if (
    target &&
    isWeb &&
    (!isOwnHost(target) || isOwnHost(new URL(baseUrl))) &&
    (!isLoopback(url) || isLoopback(baseUrl))
  )
    return
  throw refused(target?.host ?? 'no address')
}

/**
 * The way to an address that a site named. The names in those of a foreign site may lead no more inside than its addresses, but to the
 * site itself, which is spoken to anyway.
 */
export function wayTo<T extends object>(
  url: string,
  transport: T & { readonly outside?: T },
  from: { readonly baseUrl: string; readonly isForeign?: boolean | undefined },
): T {
  const site = new URL(from.baseUrl)
  const isOut = from.isForeign && !isOwnHost(site) && new URL(url).host !== site.host
  return (isOut ? transport.outside : undefined) ?? transport
}

function refused(host: string): CloudError {
  return new CloudError(`RunningHub named a result address that is not fetched: ${host}.`, {
    code: 'result-refused',
    created: 'no',
    askAgain: false,
    hint: 'Result files come from public web addresses only.',
  })
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

/** Results whose content may well begin like a page. */
const pageTypes: ReadonlySet<string> = new Set(['html', 'htm', 'xml', 'svg', 'txt', 'md', 'json', ''])

/** Gateways and expired links answer with HTTP 200 and a page, or with an object store's error in XML (RunningHub: files known only from the socket). */
function isPage(start: Buffer, contentType: string | undefined, type = ''): boolean {
  if (pageTypes.has(type))
    return /^text\/html\b/i.test(contentType ?? '') && !/^html?$/.test(type) && type !== ''
  const head = start.toString('latin1', 0, 512).replace(/^(\xef\xbb\xbf)?\s+/, '')
  return /^(<!doctype html|<html|<head|<error|<\?xml[^>]*>\s*<(error|!doctype html|html))/i.test(head)
}

function badStatus(status: number, url: string): Error {
  const message = `${new URL(url).host} answered with HTTP ${status}`
  if (status === 403 || status === 410) return expired(message)
  return status === 404 ? new GoneError(message) : new Error(message)
}

/** 404, or a page in place of the file: perhaps not there yet, perhaps gone for good; only time tells. */
class GoneError extends Error {}

function expired(why: string): CloudError {
  return new CloudError(`The result file is no longer there: ${why}.`, {
    code: 'result-expired',
    created: 'no',
    askAgain: false,
    hint: 'RunningHub keeps result files for 24 hours. Look at the record page of the task.',
  })
}

function gaveUp(url: string, error: unknown): CloudError {
  return new CloudError(
    `A result file could not be fetched from ${new URL(url).host}: ${messageOf(error)}.`,
    {
      code: 'download-failed',
      created: 'no',
      askAgain: true,
      hint: 'RunningHub keeps result files for 24 hours. See the record page of the task.',
      cause: error,
    },
  )
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
