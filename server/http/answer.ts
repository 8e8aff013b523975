import type { Request, Response } from 'express'
import { BridgeError, diskError, systemCodeOf } from '../shared/errors.ts'
import { type JsonValue, parseJson, writeJson } from '../shared/lossless-json.ts'

/** JSON with whole numbers intact. */
export function sendJson(response: Response, value: unknown, status = 200): void {
  response.status(status).type('application/json').send(writeJson(value))
}

/** JSON that is text already. */
export function sendJsonText(response: Response, text: string): void {
  response.status(200).type('application/json').send(text)
}

/** An error with an HTTP status; the one error handler writes it. */
export class HttpError extends BridgeError {
  readonly status: number
  constructor(status: number, code: string, message: string, hint?: string) {
    super(message, { code, ...(hint !== undefined && { hint }) })
    this.name = 'HttpError'
    this.status = status
  }
}

/** Errors of the file system that a request's names bring about. */
const badNames: ReadonlySet<string | undefined> = new Set([
  'ENAMETOOLONG',
  'ENOTDIR',
  'EISDIR',
  'EEXIST',
  'ENOTEMPTY',
  'EINVAL',
  'ERR_INVALID_ARG_VALUE',
])

/** The status an error is answered with. What is nobody's fault but ours is 500. */
export function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status
  const code = error instanceof BridgeError ? error.code : systemCodeOf(error)
  if (code === 'disk' || diskError(error)) return 507
  if (error instanceof BridgeError) {
    // RunningHub, or the way to it, said no: neither the request nor this server is at fault.
    if (error.code.startsWith('cloud-')) return 502
    if (error.code === 'no-key') return 400
    if (error.code === 'keys-locked') return 423
    if (error.code === 'file-lost' || error.code === 'too-many-pins') return 409
    return code === 'path-outside' || /^(bad|workflow)-/.test(error.code) ? 400 : 500
  }
  // express: a malformed path (`%ZZ`), a range that cannot be met, and the like.
  const status = (error as { status?: unknown } | null)?.status
  if (typeof status === 'number' && status >= 400 && status < 500) return status
  if (code === 'ENOENT') return 404
  // ECONNRESET: the client went away in the middle of its request; nobody reads the answer.
  return badNames.has(code) || code === 'ECONNRESET' ? 400 : 500
}

/** What is left of a refused request must not be read as the next one. */
export function refuseRest(request: Request, response: Response): void {
  if (!request.complete) response.setHeader('Connection', 'close')
}

/** ComfyUI: body limit. */
export const maxBodyBytes = 100 * 1024 * 1024

/** The bytes of a request's body; 413 beyond the limit. */
export async function readBody(request: Request, maxBytes = maxBodyBytes): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > maxBytes) throw tooBig(maxBytes)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > maxBytes) throw tooBig(maxBytes)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/** A body read as JSON whatever its Content-Type says (ComfyUI: traps); undefined when it is empty. */
export async function readJson(request: Request, maxBytes = maxBodyBytes): Promise<JsonValue | undefined> {
  const text = (await readBody(request, maxBytes)).toString('utf8')
  if (text.trim() === '') return undefined
  try {
    return parseJson(text)
  } catch (error) {
    throw new HttpError(400, 'bad-json', error instanceof Error ? error.message : 'the body is not JSON')
  }
}

/** A body that must be a JSON object; empty counts as one. */
export async function readObject(request: Request): Promise<{ [key: string]: JsonValue }> {
  const value = (await readJson(request)) ?? {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new HttpError(400, 'bad-json', 'The body is not a JSON object.')
}

/** The texts in a list, or nothing when it is none. */
export function textsIn(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
}

/** One query value as text. */
export function query(request: Request, name: string): string | undefined {
  const value = request.query[name]
  return typeof value === 'string' ? value : undefined
}

/** A whole number of the query, or undefined; 400 for anything else. */
export function queryInteger(request: Request, name: string): number | undefined {
  const text = query(request, name)
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  if (Number.isInteger(value)) return value
  throw new HttpError(400, 'bad-query', `"${name}" is not a whole number.`)
}

export function tooBig(maxBytes: number): HttpError {
  return new HttpError(413, 'too-big', `The body is larger than ${Math.round(maxBytes / 1024 / 1024)} MB.`)
}

/** The graph a body brings, as a workflow or as a prompt. Throws HttpError 400. */
export function graphOf(body: { [key: string]: JsonValue }): { [key: string]: JsonValue } {
  const source = body.workflow ?? body.prompt
  if (typeof source === 'object' && source !== null && !Array.isArray(source)) return source
  throw new HttpError(
    400,
    'no-workflow',
    'The body names no "workflow" and no "prompt".',
    'Send { "workflow": … }.',
  )
}
