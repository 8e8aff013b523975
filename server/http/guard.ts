import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { BridgeError } from '../shared/errors.ts'

export type GuardOptions = {
  /** The address the server listens on. On a loopback address only loopback names are served. */
  readonly host: string
  /** Asked of everybody when given. */
  readonly token?: string
}

export type Verdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly status: 401 | 403; readonly why: BridgeError }

export const tokenCookie = 'rh_bridge_token'

/**
 * Who may speak to the server, for HTTP and sockets alike: no page of another site (Origin, Sec-Fetch-Site), no name that somebody pointed
 * at this machine (DNS rebinding: Host), and nobody without the token where one is set. Scripts without an Origin pass (ComfyUI: origin).
 */
export function createGuard(options: GuardOptions): (request: IncomingMessage) => Verdict {
  const expected = options.token === undefined ? undefined : digest(options.token)
  const onlyLoopback = isLoopbackName(options.host)
  return request => {
    const { headers } = request
    const host = headers.host ?? ''
    if (onlyLoopback && !isLoopbackName(hostName(host))) {
      return refuse(
        403,
        'host-refused',
        'This server answers to localhost only.',
        'Open http://127.0.0.1 with its port.',
      )
    }
    if (headers['sec-fetch-site'] === 'cross-site') return foreign()
    const { origin } = headers
    if (origin !== undefined && !isSameOrigin(origin, host)) return foreign()
    if (expected && !tokensOf(request).some(token => timingSafeEqual(digest(token), expected))) {
      return refuse(
        401,
        'token-missing',
        'This server wants its token.',
        'Open the address it printed, with ?token=…',
      )
    }
    return { ok: true }
  }
}

/** The tokens a request brings: Authorization, cookie, or ?token= of an address that was opened. */
function tokensOf(request: IncomingMessage): string[] {
  const bearer = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const cookie = (request.headers.cookie ?? '')
    .split(';')
    .map(part => part.trim())
    .find(part => part.startsWith(`${tokenCookie}=`))
    ?.slice(tokenCookie.length + 1)
  const query = tokenInQuery(request)
  return [bearer, cookie && decode(cookie), query].filter(
    token => token !== undefined && token !== '',
  ) as string[]
}

export function tokenInQuery(request: IncomingMessage): string | undefined {
  const url = request.url ?? '/'
  const at = url.indexOf('?')
  return at < 0 ? undefined : (new URLSearchParams(url.slice(at)).get('token') ?? undefined)
}

export function isLoopbackName(name: string): boolean {
  const bare = name.replace(/^\[|\]$/g, '').toLowerCase()
  return (
    bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare)
  )
}

function hostName(host: string): string {
  return host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : (host.split(':')[0] ?? '')
}

/** localhost and 127.0.0.1 are different origins here, as in ComfyUI. */
function isSameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
}

/** Equal lengths for timingSafeEqual, whatever was sent. */
export function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not what we set: it will not match.
    return text
  }
}

function foreign(): Verdict {
  return refuse(
    403,
    'origin-refused',
    'A page of another site may not use this server.',
    'Open it under its own address.',
  )
}

function refuse(status: 401 | 403, code: string, message: string, hint: string): Verdict {
  return { ok: false, status, why: new BridgeError(message, { code, hint }) }
}
