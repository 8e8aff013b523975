import { BlockList, isIP } from 'node:net'
import { BridgeError } from '../shared/errors.ts'

/** The packs' own default. */
export const defaultBaseUrl = 'https://www.runninghub.cn'

/**
 * A base_url as people write it, as an origin: a slash or `/openapi/v2` at its end is taken off, a missing scheme added.
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
  const path = url.pathname.replace(/\/+$/, '').replace(/\/openapi\/v2$/, '')
  return `${url.origin}${path}`
}

/** Whether a host is this machine. */
export function isLoopback(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)
}

/** Addresses no public site is reached under. Rules for IPv4 hold for its form inside IPv6 too. */
const privateRanges = new BlockList()
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateRanges.addSubnet(address, bits, 'ipv4')
}
privateRanges.addSubnet('::', 127, 'ipv6')
privateRanges.addSubnet('fc00::', 7, 'ipv6')
privateRanges.addSubnet('fe80::', 10, 'ipv6')

/** Whether a host, written as an address, lies in a private or link-local range. */
export function isPrivateAddress(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const family = isIP(host)
  if (family === 0) return host === 'localhost' || host.endsWith('.localhost')
  return privateRanges.check(host, family === 6 ? 'ipv6' : 'ipv4')
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
