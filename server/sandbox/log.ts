import { lastFour, scrub } from '../shared/secrets.ts'
import type { LoggedRequest, Violation, ViolationRule } from './types.ts'

const mostRequests = 5000
const mostViolations = 1000
const longestBody = 256 * 1024

/** Parameters whose values open something. */
const secretNames = /^(api_?key|rh-comfy-auth|sign|token)$/i

export type RequestLog = {
  /** Enters a request at its arrival; the entry is completed when the answer has gone. */
  enter(
    request: Pick<LoggedRequest, 'at' | 'method' | 'path' | 'query' | 'headers' | 'connectionId'>,
  ): LoggedRequest
  keepBody(entry: LoggedRequest, body: string): void
  noteKey(key: string): void
  /** Whether a text is a key that was used before. */
  isKey(text: string): boolean
  violate(at: number, rule: ViolationRule, entry: LoggedRequest, detail: string): void
  requests(): LoggedRequest[]
  violations(): Violation[]
  /** The same requests without any key in body or headers: what may leave the process. */
  masked(): LoggedRequest[]
}

export function createRequestLog(): RequestLog {
  const entries: LoggedRequest[] = []
  const violations: Violation[] = []
  const keys = new Set<string>()
  return {
    enter(request) {
      const entry: LoggedRequest = { ...request, rawBody: '', status: null, code: null, durationMs: null }
      entries.push(entry)
      if (entries.length > mostRequests) entries.shift()
      return entry
    },
    keepBody: (entry, body) => {
      entry.rawBody = body.slice(0, longestBody)
    },
    noteKey: key => {
      if (keys.size < mostRequests) keys.add(key)
    },
    isKey: text => keys.has(text),
    violate(at, rule, { method, path }, detail) {
      violations.push({ at, rule, method, path, detail })
      if (violations.length > mostViolations) violations.shift()
    },
    requests: () => entries.map(entry => ({ ...entry, headers: { ...entry.headers } })),
    violations: () => [...violations],
    masked: () =>
      entries.map(entry => ({
        ...entry,
        headers: maskHeaders(entry.headers, keys),
        rawBody: scrub(entry.rawBody, keys),
      })),
  }
}

/** The query of a URL with the values of keys and signatures reduced to their last four characters. */
export function maskQuery(search: URLSearchParams): string {
  return [...search]
    .map(([name, value]) => `${name}=${secretNames.test(name) ? lastFour(value) : encodeURIComponent(value)}`)
    .join('&')
}

function maskHeaders(headers: Record<string, string>, keys: Iterable<string>): Record<string, string> {
  const masked: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    masked[name] =
      name === 'authorization' ? value.replace(/\S+$/, secret => lastFour(secret)) : scrub(value, keys)
  }
  return masked
}
