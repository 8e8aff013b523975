import { type Json, parseJson, writeJson } from './json.ts'
import type { Reader } from './schema.ts'
import { errorSchema } from './schemas.ts'

/** What went wrong with a request: `offline` when no answer came, else the server's own code, sentence and advice. */
export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly hint: string | null
  /** A text that was found where something else was looked for. */
  readonly found: string | undefined
  /** The answer as it came, for callers that read more of it. */
  readonly body: unknown
  constructor(
    message: string,
    options: {
      code: string
      status: number
      hint?: string | null
      found?: string
      body?: unknown
      cause?: unknown
    },
  ) {
    super(message, { cause: options.cause })
    this.name = 'ApiError'
    this.code = options.code
    this.status = options.status
    this.hint = options.hint ?? null
    this.found = options.found
    this.body = options.body
  }
  get isOffline(): boolean {
    return this.code === 'offline'
  }
}

export type Http = ReturnType<typeof createHttp>

/** Requests under one base address, JSON with whole numbers intact. */
export function createHttp(options: { base: URL; fetch: typeof fetch }) {
  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response
    try {
      // The editor puts what it shows into the reader's language itself, which may change while it is shown.
      const headers = new Headers(init.headers)
      headers.set('Accept-Language', 'en')
      response = await options.fetch(new URL(path, options.base), { ...init, headers })
    } catch (cause) {
      throw new ApiError('The server does not answer.', { code: 'offline', status: 0, cause })
    }
    if (response.ok) return response
    throw await toError(response)
  }
  async function json<T>(path: string, read: Reader<T>, init?: RequestInit): Promise<T> {
    return read(parseJson(await (await send(path, init)).text()), path)
  }
  const withBody = (body: unknown, method = 'POST'): RequestInit => ({
    method,
    headers: { 'Content-Type': 'application/json' },
    body: writeJson(body),
  })
  return {
    send,
    get: json,
    text: async (path: string) => (await send(path)).text(),
    post: <T>(path: string, body: unknown, read: Reader<T>) => json(path, read, withBody(body)),
    patch: <T>(path: string, body: unknown, read: Reader<T>) => json(path, read, withBody(body, 'PATCH')),
    remove: async (path: string) => void (await send(path, { method: 'DELETE' })),
    postForm: <T>(path: string, form: FormData, read: Reader<T>) =>
      json(path, read, { method: 'POST', body: form }),
    /** For answers that say nothing. */
    tell: async (path: string, body: unknown) => void (await send(path, withBody(body))),
  }
}

async function toError(response: Response): Promise<ApiError> {
  const { status } = response
  const written = await response.text().catch(() => '')
  let body: Json = null
  try {
    body = parseJson(written)
    const { error } = errorSchema(body, 'error')
    const { code, hint, found } = error
    return new ApiError(error.message, { code, status, hint, body, ...(found !== undefined && { found }) })
  } catch {
    // Not our form: what there is of it goes along.
    return new ApiError(`The server answered ${status}.`, { code: `http-${status}`, status, body })
  }
}
