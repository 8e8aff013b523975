import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import { type Clock, DeadlineError, withDeadline } from '../shared/clock.ts'
import { messageOf, systemCodeOf } from '../shared/errors.ts'
import { type JsonValue, parseJson } from '../shared/lossless-json.ts'
import { publicOnly } from '../shared/own-network.ts'
import { scrub } from '../shared/secrets.ts'
import { CloudError } from './errors.ts'
import { isLoopback } from './site.ts'

/** An answer of any status whose body was read. `json` is undefined when the body is none. */
export type Answer = { readonly status: number; readonly json: JsonValue | undefined; readonly text: string }

export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Dispatcher.DispatchOptions['body']
  /** One exchange, from connecting to the last byte. */
  readonly requestTimeoutMs: number
  /** Undefined only for calls that must not be cut off half-way: creating a task, cancelling one. */
  readonly signal: AbortSignal | undefined
}

export type Transport = {
  /** Makes a call and reads the whole answer. Throws CloudError when there is none. */
  exchange(call: Call): Promise<Answer>
  readonly dispatcherFor: (url: string) => Dispatcher
  /** The same for names that must not lead to this machine or its own networks. Where a proxy looks names up, it decides. */
  readonly outside: Pick<Transport, 'exchange' | 'dispatcherFor'>
  close(): Promise<void>
}

/** Longest answer that is read; the largest real ones (workflow graphs) stay below 5 MB. */
const maxAnswerBytes = 64 * 1024 * 1024

/** Codes that come before any byte of a request has left: connecting took too long, or the TLS handshake failed. */
const neverSentCodes =
  /^(UND_ERR_CONNECT_TIMEOUT|CERT_|DEPTH_|SELF_|UNABLE_|ERR_TLS_CERT|ERR_SSL_(WRONG_VERSION|UNSUPPORTED|TLSV1_|SSLV3_ALERT_HANDSHAKE|PACKET_LENGTH))/

type Ways = {
  clock: Clock
  environment: Readonly<Record<string, string | undefined>>
  secrets: () => Iterable<string>
  /** Stands in for the network. */
  network?: Dispatcher
}

/**
 * The way out: pooled connections, proxies from the environment (never for this machine itself). `secrets` are kept out of error
 * texts.
 */
export function createTransport(options: Ways): Transport {
  const [all, outside] = [openWay(options, {}), openWay(options, { lookup: publicOnly })]
  return {
    ...all,
    outside,
    async close() {
      await Promise.all([all.close(), outside.close()])
    },
  }
}

function openWay(options: Ways, connect: { lookup?: LookupFunction }): Omit<Transport, 'outside'> {
  const direct = options.network ?? new Agent({ keepAliveTimeout: 30_000, connect })
  const { environment } = options
  const hasProxy = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy'].some(name => environment[name])
  const proxied = hasProxy
    ? new EnvHttpProxyAgent({
        httpProxy: environment.http_proxy ?? environment.HTTP_PROXY ?? '',
        httpsProxy: environment.https_proxy ?? environment.HTTPS_PROXY ?? '',
        noProxy: environment.no_proxy ?? environment.NO_PROXY ?? '',
        connect,
      })
    : undefined
  const dispatcherFor = (url: string): Dispatcher => (proxied && !isLoopback(url) ? proxied : direct)

  return {
    dispatcherFor,
    async exchange(call) {
      try {
        return await withDeadline(options.clock, call.requestTimeoutMs, call.signal, async signal => {
          const url = new URL(call.url)
          const response = await dispatcherFor(call.url).request({
            origin: url.origin,
            path: `${url.pathname}${url.search}`,
            method: call.method,
            headers: { 'user-agent': 'rh-bridge', ...call.headers },
            body: call.body ?? null,
            signal,
            // Our own deadline bounds the exchange; undici's would end long quiet calls on its own.
            headersTimeout: 0,
            bodyTimeout: 0,
          })
          const text = await readText(response.body)
          return { status: response.statusCode, text, json: readJson(text) }
        })
      } catch (error) {
        if (call.signal?.aborted || error instanceof CloudError) throw error
        throw noAnswer(error, new URL(call.url).host, options.secrets())
      }
    },
    async close() {
      await Promise.all([direct.destroy(), proxied?.destroy()])
    },
  }
}

async function readText(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += (chunk as Buffer).length
    if (size > maxAnswerBytes) {
      throw new CloudError('RunningHub sent an answer of more than 64 MB.', {
        code: 'cloud-answer-too-big',
        created: 'unknown',
        askAgain: false,
      })
    }
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function readJson(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    // Gateways answer with HTML or nothing; the caller sees the status and the text.
    return undefined
  }
}

function noAnswer(error: unknown, host: string, secrets: Iterable<string>): CloudError {
  const systemCode = systemCodeOf(error)
  const why = error instanceof DeadlineError ? error.message : scrub(systemCode ?? messageOf(error), secrets)
  const unsent = isUnsent(error, systemCode)
  return new CloudError(unsent ? `${host} cannot be reached (${why}).` : `${host} gave no answer (${why}).`, {
    code: unsent ? 'cloud-unreachable' : 'cloud-no-answer',
    hint: 'Check the network, the proxy settings and base_url.',
    created: unsent ? 'wait' : 'unknown',
    askAgain: true,
    cause: error,
  })
}

/**
 * Whether no connection was made, so that nothing can have been created. The same code (ETIMEDOUT, EHOSTUNREACH) can also end a
 * connection that has carried a request, so what counts is the system call it came from.
 */
function isUnsent(error: unknown, systemCode: string | undefined): boolean {
  if (systemCode !== undefined && neverSentCodes.test(systemCode)) return true
  let current = error
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0]
    const { syscall } = current as NodeJS.ErrnoException
    if (syscall === 'connect' || syscall === 'getaddrinfo') return true
    current = (current as Error).cause
  }
  return false
}
