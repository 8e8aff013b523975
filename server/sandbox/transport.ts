import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Readable, Readable as Readables } from 'node:stream'
import { bodyText, type Reply, text } from './reply.ts'
import { readStored, type StoredFile } from './results/file-store.ts'
import type { Timers } from './timers.ts'

/** How an answer is bent on its way out. */
export type Bend = { truncateAfter?: number; bytesPerSecond?: number }

/** Writes an answer and resolves when it has gone or the connection has; the HTTP status that went out. */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  bend: Bend,
  timers: Timers,
): Promise<number> {
  if (reply.kind === 'file') return sendFile(request, response, reply.file, bend, timers)
  const body = Buffer.from(bodyText(reply))
  response.writeHead(reply.status, {
    'content-type': reply.kind === 'json' ? 'application/json; charset=utf-8' : reply.contentType,
    'content-length': body.length,
  })
  if (bend.truncateAfter === undefined && bend.bytesPerSecond === undefined) {
    response.end(request.method === 'HEAD' ? undefined : body)
    await closed(response)
  } else await pour(Readables.from([body]), response, bend, timers)
  return reply.status
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: StoredFile,
  bend: Bend,
  timers: Timers,
): Promise<number> {
  const headers: Record<string, string | number> = {
    'content-type': file.contentType,
    etag: file.etag,
    'last-modified': new Date(file.createdAt).toUTCString(),
    'accept-ranges': 'bytes',
  }
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304, headers).end()
    return 304
  }
  // A range of another version must not be glued to what the client has (RFC 9110: If-Range).
  const sameVersion = request.headers['if-range'] === undefined || request.headers['if-range'] === file.etag
  const range = sameVersion ? rangeOf(request.headers.range, file.sizeBytes) : undefined
  if (range === 'outside') {
    response
      .writeHead(416, { ...headers, 'content-range': `bytes */${file.sizeBytes}`, 'content-length': 0 })
      .end()
    return 416
  }
  const { start, end } = range ?? { start: 0, end: file.sizeBytes - 1 }
  if (range) headers['content-range'] = `bytes ${start}-${end}/${file.sizeBytes}`
  const status = range ? 206 : 200
  response.writeHead(status, { ...headers, 'content-length': end - start + 1 })
  if (request.method === 'HEAD' || end < start) {
    response.end()
    await closed(response)
    return status
  }
  const rate = bend.bytesPerSecond ?? file.bytesPerSecond
  const chunks = Readables.from(readStored(file, start, end), { objectMode: false })
  await pour(chunks, response, { ...bend, ...(rate === undefined ? {} : { bytesPerSecond: rate }) }, timers)
  return status
}

type Range = { start: number; end: number }

/** One range of bytes; several at once, or nonsense, are answered with the whole file. */
function rangeOf(header: string | undefined, size: number): Range | 'outside' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const [, first = '', last = ''] = match
  if (first === '') {
    const length = Math.min(size, Number(last))
    return length === 0 ? 'outside' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(size - 1, Number(last))
  return start >= size || end < start ? 'outside' : { start, end }
}

const sliceBytes = 64 * 1024

/** Writes a stream slice by slice at its rate, and cuts the connection where it is to be truncated. */
async function pour(source: Readable, response: ServerResponse, bend: Bend, timers: Timers): Promise<void> {
  const { truncateAfter, bytesPerSecond } = bend
  const beganAt = timers.now()
  // Slow rates need small slices, or the first one alone would be the whole answer.
  const slice =
    bytesPerSecond === undefined
      ? sliceBytes
      : Math.max(1, Math.min(sliceBytes, Math.ceil(bytesPerSecond / 20)))
  let sent = 0
  const gone = closed(response)
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += slice) {
        if (response.destroyed) return
        const left = truncateAfter === undefined ? slice : Math.min(slice, truncateAfter - sent)
        const piece = chunk.subarray(at, at + left)
        sent += piece.length
        if (!response.write(piece)) await Promise.race([drained(response), gone])
        if (truncateAfter !== undefined && sent >= truncateAfter) {
          // Ending before content-length is met; the bytes written so far go out first.
          response.socket?.end()
          return
        }
        if (bytesPerSecond === undefined) continue
        const waitMs = (sent / bytesPerSecond) * 1000 - (timers.now() - beganAt)
        if (waitMs > 0) await Promise.race([timers.sleep(waitMs), gone])
      }
    }
    response.end()
    await gone
  } catch {
    // The spooled file vanished (it was pruned, or the sandbox closes): the client sees a cut connection.
    response.destroy()
  } finally {
    source.destroy()
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise(resolve => response.once('drain', resolve))
}

/** Resolves when the answer was handed over whole or its connection is gone. */
function closed(response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    if (response.destroyed || response.writableFinished) return resolve()
    response.once('finish', resolve)
    response.once('close', resolve)
  })
}

/** What the object store says when a file cannot be had. */
export function fileError(status: 403 | 404, urlPath: string): Reply {
  const code = status === 403 ? 'AccessDenied' : 'NoSuchKey'
  const resource = urlPath.replace(/[&<>]/g, '')
  return text(
    status,
    `<?xml version='1.0' encoding='utf-8' ?>\n<Error><Code>${code}</Code><Resource>${resource}</Resource></Error>\n`,
    'application/xml',
  )
}
