import { Agent, type Dispatcher, request } from 'undici'
import { BridgeError, messageOf, systemCodeOf } from '../shared/errors.ts'
import { isOwnHost, publicOnly } from '../shared/own-network.ts'
import type { Delivery } from './types.ts'

/** Where a call may go, as a whole address. Throws `bad-notify-url`. */
export function readNotifyUrl(written: string, allowsPrivate: boolean): string {
  const url = URL.canParse(written) ? new URL(written) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new BridgeError(`"${written.slice(0, 200)}" is no http or https address.`, {
      code: 'bad-notify-url',
      hint: 'Write it as https://example.com/hook.',
    })
  }
  if (!allowsPrivate && isOwnHost(url)) throw inside(url.hostname)
  return url.href
}

const ways = new Map<boolean, Dispatcher>()

/**
 * One try; answers the status. Names are looked up and judged as the connection is made, and no redirect is followed: neither leads into a network
 * it may not reach.
 */
export async function post(
  { url, body }: Pick<Delivery, 'url' | 'body'>,
  headers: Readonly<Record<string, string>>,
  how: { allowsPrivate: boolean; signal: AbortSignal; timeoutMs: number },
): Promise<number> {
  const { allowsPrivate, timeoutMs } = how
  const address = new URL(readNotifyUrl(url, allowsPrivate))
  const dispatcher =
    ways.get(allowsPrivate) ?? new Agent(allowsPrivate ? {} : { connect: { lookup: publicOnly } })
  ways.set(allowsPrivate, dispatcher)
  try {
    const response = await request(address, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'rh-bridge', ...headers },
      body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.any([how.signal, AbortSignal.timeout(2 * timeoutMs)]),
    })
    // What it says besides is not read.
    response.body.on('error', () => {})
    response.body.destroy()
    return response.statusCode
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ERR_INSIDE') throw inside(address.hostname)
    throw new Error(code ?? messageOf(error))
  }
}

function inside(host: string): BridgeError {
  return new BridgeError(`${host} lies in this machine's own network.`, {
    code: 'notify-inside',
    hint: 'Add --notify-private to call it all the same.',
  })
}
