import type { Transport } from '../runninghub/index.ts'
import { BridgeError, messageOf, systemCodeOf } from '../shared/errors.ts'
import { isOwnHost } from '../shared/own-network.ts'

const maxBytes = 64 * 1024 * 1024
const mostRedirects = 5
const deadlineMs = 60_000

/** A registry's bytes from a web address; redirects are followed. `isPublic`: neither leads into this server's own network. Throws `bad-registry-url`. */
export async function fetchRegistry(
  address: string,
  transport: Pick<Transport, 'dispatcherFor' | 'outside'>,
  { isPublic = false } = {},
): Promise<Uint8Array> {
  const way = isPublic ? transport.outside : transport
  const signal = AbortSignal.timeout(deadlineMs)
  let url = address
  try {
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const target = rawAddress(url)
      if (isPublic && isOwnHost(target)) throw inside(target.host)
      const { statusCode, headers, body } = await way.dispatcherFor(target.href).request({
        origin: target.origin,
        path: `${target.pathname}${target.search}`,
        method: 'GET',
        headers: { 'user-agent': 'rh-bridge', accept: 'application/json' },
        signal,
      })
      const { location } = headers
      if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
        await body.dump()
        url = new URL(location, target).href
        continue
      }
      if (statusCode !== 200) {
        await body.dump()
        throw bad(`${target.host} answered with HTTP ${statusCode}.`)
      }
      return await readAll(body)
    }
    throw bad('It leads from one address to the next without an end.')
  } catch (error) {
    if (error instanceof BridgeError) throw error
    if (systemCodeOf(error) === 'ERR_INSIDE') throw inside(new URL(url).host)
    const why = signal.aborted ? 'no answer within a minute' : (systemCodeOf(error) ?? messageOf(error))
    throw bad(`"${address}" cannot be fetched (${why}).`, error)
  }
}

/** The file behind a GitHub page, which is what people copy. */
function rawAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw bad(`"${text}" is no web address.`)
  const page = /^\/([^/]+)\/([^/]+)\/blob\/(.+)$/.exec(url.pathname)
  if (url.hostname !== 'github.com' || !page) return url
  return new URL(`https://raw.githubusercontent.com/${page[1]}/${page[2]}/${page[3]}`)
}

async function readAll(body: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += (chunk as Buffer).length
    if (size > maxBytes) throw bad(`The file has more than ${maxBytes / 1024 / 1024} MB.`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

const inside = (host: string) => bad(`${host} leads into the network of this server.`)

function bad(message: string, cause?: unknown): BridgeError {
  return new BridgeError(message, {
    code: 'bad-registry-url',
    hint: 'Open the address in a browser; it must give the JSON file itself. Or download it and import the file.',
    cause,
  })
}
