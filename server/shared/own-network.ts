import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Addresses of this machine and its own networks (RFC 6890). */
const own = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const) {
  own.addSubnet(net, bits, 'ipv4')
}
for (const [net, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  own.addSubnet(net, bits, 'ipv6')
}

/** Whether an address, not a name, is one of them. Rules for IPv4 hold for its form inside IPv6 too. */
export function isInside(address: string): boolean {
  return own.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Whether the host of a URL is this machine or an address inside, as it is written; other names are judged when they are looked up. */
export function isOwnHost({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  return isIP(host) === 0 ? host === 'localhost' || host.endsWith('.localhost') : isInside(host)
}

/** Looks names up and refuses those that lead inside: at connecting, so that nothing can change between. */
export const publicOnly: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, options, (error, address, family) => {
    const all = Array.isArray(address) ? address.map(entry => entry.address) : [address]
    const refused = error === null && all.some(isInside)
    const why = refused ? Object.assign(new Error('inside'), { code: 'ERR_INSIDE' }) : error
    callback(why, address as never, family)
  })
}
