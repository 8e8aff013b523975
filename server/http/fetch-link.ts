import { isIP } from 'node:net'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Router } from 'express'
import mime from 'mime'
import { Agent, type Dispatcher, EnvHttpProxyAgent, request as send } from 'undici'
import { isLoopback } from '../runninghub/index.ts'
import { systemCodeOf } from '../shared/errors.ts'
import { isInside, publicOnly } from '../shared/own-network.ts'
import { HttpError, readObject } from './answer.ts'
import type { Services } from './services.ts'

/** What a link may bring; a video of some minutes. */
const maxBytes = 500_000_000
const mostRedirects = 5
const headersTimeoutMs = 20_000

/**
 * POST /bridge/fetch `{ url }`: the file a link names, for links dropped on the canvas. A page may not read other sites; the server may, for the
 * people in front of it. Listening for other machines it does not reach into its own network for them.
 */
export function addLinkRoute(router: Router, { facts }: Services): void {
  let ways: { direct: Dispatcher; outside: Dispatcher } | undefined

  router.post('/fetch', async (request, response) => {
    const { url } = await readObject(request)
    const stop = new AbortController()
    response.on('close', () => stop.abort())
    ways ??= {
      direct: new Agent(facts.isLocal ? {} : { connect: { lookup: publicOnly } }),
      outside: new EnvHttpProxyAgent(facts.isLocal ? {} : { connect: { lookup: publicOnly } }),
    }
    const { direct, outside } = ways
    const found = await follow(String(url ?? ''), {
      allows: host => facts.isLocal || isIP(host) === 0 || !isInside(host),
      dispatcherFor: address => (isLoopback(address) ? direct : outside),
      signal: stop.signal,
    })
    const { address, headers, body } = found
    const type =
      String(headers['content-type'] ?? '')
        .split(';')[0]
        ?.trim() ?? ''
    if (type === 'text/html') {
      letGo(body)
      throw new HttpError(
        422,
        'link-page',
        'The link leads to a web page, not to a file.',
        'Drop the picture itself, or save the file and drop that.',
      )
    }
    const length = Number(headers['content-length'] ?? 0)
    if (length > maxBytes) {
      letGo(body)
      throw tooMuch()
    }
    // Whatever it is, the browser is not to show it as a page of this server.
    response.setHeader('Content-Type', 'application/octet-stream')
    response.setHeader('X-File-Name', encodeURIComponent(nameOf(address, headers, type)))
    if (length > 0) response.setHeader('Content-Length', length)
    await pipeline(body, limited(maxBytes), response)
  })
}

type Found = {
  readonly address: URL
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Dispatcher.ResponseData['body']
}

async function follow(
  url: string,
  how: {
    allows: (host: string) => boolean
    dispatcherFor: (url: string) => Dispatcher
    signal: AbortSignal
  },
): Promise<Found> {
  let address = readAddress(url)
  for (let hop = 0; hop <= mostRedirects; hop++) {
    if (!how.allows(address.hostname.replace(/^\[|\]$/g, ''))) throw inside()
    const { statusCode, headers, body } = await send(address, {
      dispatcher: how.dispatcherFor(address.href),
      signal: how.signal,
      headersTimeout: headersTimeoutMs,
      headers: { 'user-agent': 'rh-bridge', accept: '*/*' },
    }).catch(error => {
      throw unreachable(address, error)
    })
    const next = headers.location
    if (statusCode >= 300 && statusCode < 400 && typeof next === 'string') {
      letGo(body)
      address = readAddress(new URL(next, address).href)
      continue
    }
    if (statusCode >= 200 && statusCode < 300) return { address, headers, body }
    letGo(body)
    throw new HttpError(
      502,
      'link-refused',
      `${address.hostname} answered ${statusCode}.`,
      'Open the link in the browser; when it shows there, save the file and drop that.',
    )
  }
  throw new HttpError(502, 'link-refused', 'The link leads from one address to the next without end.')
}

/** An answer nobody reads. */
function letGo(body: Found['body']): void {
  body.on('error', () => {})
  body.destroy()
}

function readAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined
  if (address && ['http:', 'https:'].includes(address.protocol)) return address
  throw new HttpError(400, 'bad-link', 'That is no http or https link.', 'Send { "url": "https://…" }.')
}

function unreachable(address: URL, error: unknown): HttpError {
  if (error instanceof HttpError) return error
  const code = systemCodeOf(error)
  if (code === 'ERR_INSIDE') return inside()
  return new HttpError(
    502,
    'link-unreachable',
    `${address.hostname} cannot be reached${code === undefined ? '' : ` (${code})`}.`,
    'Check the link, or save the file and drop that.',
  )
}

const inside = () =>
  new HttpError(
    403,
    'link-inside',
    'The link leads into the network of this server.',
    'Save the file and drop that.',
  )
const tooMuch = () =>
  new HttpError(
    413,
    'link-too-big',
    `The file is larger than ${maxBytes / 1_000_000} MB.`,
    'Save it and put it into the input folder.',
  )

/** From the answer's own name, else from the address; with the ending its type has, when it has none. */
function nameOf(address: URL, headers: Found['headers'], type: string): string {
  const given = /filename\*?=(?:UTF-8'')?"?([^";]+)/i.exec(String(headers['content-disposition'] ?? ''))?.[1]
  const last = (given ?? address.pathname.split('/').at(-1) ?? '').trim()
  const plain = decode(last).replace(/[\\/]/g, '_').slice(0, 120) || 'file'
  if (/\.[a-z0-9]{2,5}$/i.test(plain)) return plain
  const ending = mime.getExtension(type)
  return ending ? `${plain}.${ending}` : plain
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A sign of percent that means itself.
    return text
  }
}

function limited(bytes: number): Transform {
  let size = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > bytes) done(tooMuch())
      else done(null, chunk)
    },
  })
}
