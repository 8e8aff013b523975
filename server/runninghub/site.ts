import { BridgeError } from '../shared/errors.ts'

/** The packs' own default. */
export const defaultBaseUrl = 'https://www.runninghub.cn'

/** RunningHub's two sites; accounts and keys of one are unknown to the other. */
export const knownSites: readonly string[] = [defaultBaseUrl, 'https://www.runninghub.ai']

/**
 * A base_url as people write it, as an origin: a slash or `/openapi/v2` at its end is taken off, a missing scheme added, and RunningHub
 * itself is never spoken to in the clear.
 * Throws `bad-base-url`.
 */
export function normaliseBaseUrl(written: string): string {
  const text = written.trim()
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`
  let url: URL
  try {
    url = new URL(withScheme)
  } catch (cause) {
    throw badUrl(text, cause)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw badUrl(text)
  if (domainOf(url) !== undefined && url.port === '') url.protocol = 'https:'
  const path = url.pathname.replace(/(?<!\/)\/+$/, '').replace(/\/openapi\/v2$/, '')
  return `${url.origin}${path}`
}

/** Whether two addresses are the same site: RunningHub's hosts of one country are, all others by their origin. */
export function isSameSite(one: string, other: string): boolean {
  if (one === other) return true
  const [first, second] = [new URL(one), new URL(other)]
  const domain = first.protocol === 'https:' && first.port === '' ? domainOf(first) : undefined
  return (
    domain !== undefined && second.protocol === 'https:' && second.port === '' && domain === domainOf(second)
  )
}

const domainOf = ({ hostname }: URL): string | undefined =>
  /(?:^|\.)(runninghub\.(?:cn|ai))$/.exec(hostname)?.[1]

/** Whether a host is this machine. */
export function isLoopback(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)
}

/** The page of a task on the site, for people. */
export function recordPage(baseUrl: string, taskId: string): string {
  return `${baseUrl}/call-api/call-record-detail/${taskId}`
}

function badUrl(text: string, cause?: unknown): BridgeError {
  return new BridgeError(`"${text}" is no web address`, {
    code: 'bad-base-url',
    hint: `Write the site as ${defaultBaseUrl}.`,
    cause,
  })
}
