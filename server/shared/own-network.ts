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

/** Whether an address, not a name, is one of them. */
export function isInside(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  const plain = mapped ?? address
  return own.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
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
