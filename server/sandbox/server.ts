import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createServer } from '../shared/create-server.ts'
import { parseJson } from '../shared/lossless-json.ts'
import { readText } from './body.ts'
import type { Call, House } from './call.ts'
import { faultOfHeader, isObject } from './faults.ts'
import { maskQuery } from './log.ts'
import {
  bodyText,
  codeOf,
  flatRefuse,
  paramsInvalid,
  type Reply,
  refuse,
  text,
  uploadRefuse,
} from './reply.ts'
import { findRoute, type Route } from './routes.ts'
import type { SocketHub } from './socket.ts'
import { type Bend, send } from './transport.ts'
import type { FaultAction, LoggedRequest } from './types.ts'

/** The HTTP rim: log, read, route, bend by a fault, answer. */
export function createSandboxServer(house: House, sockets: SocketHub): Server {
  const connectionIds = new WeakMap<Socket, number>()
  let connections = 0

  const server = createServer((request, response) => {
    const began = performance.now()
    const { entry, url } = enter(request)
    const done = (status: number | null) => {
      entry.status = status
      entry.durationMs = performance.now() - began
    }
    // An aborted request raises here; its log entry simply stays without a status.
    response.on('error', () => {})
    handle(request, response, entry, url).then(done, () => {
      response.destroy()
      done(null)
    })
  })
  // Longer than any client keeps an idle connection, so that it is never the server that closes under a request.
  server.keepAliveTimeout = 65_000
  server.headersTimeout = 70_000
  server.maxConnections = 2000
  server.on('connection', socket => {
    connectionIds.set(socket, ++connections)
  })
  server.on('upgrade', (request, socket, head) => {
    const { entry, url } = enter(request)
    entry.status = sockets.upgrade(request, socket, head, url) || null
    entry.durationMs = 0
  })
  return server

  function enter(request: IncomingMessage): { entry: LoggedRequest; url: URL } {
    const url = urlOf(request)
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value)
    const entry = house.log.enter({
      at: house.timers.now(),
      method: request.method ?? '',
      path: url.pathname,
      query: maskQuery(url.searchParams),
      headers,
      connectionId: connectionIds.get(request.socket) ?? 0,
    })
    return { entry, url }
  }

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    entry: LoggedRequest,
    url: URL,
  ): Promise<number | null> {
    const method = request.method ?? ''
    const path = url.pathname
    const route = findRoute(method, path)
    const call: Call = { request, method, path, query: url.searchParams, body: {}, entry }
    const answer = (reply: Reply, bend: Bend = {}) => {
      entry.code = codeOf(reply)
      const sent = send(request, response, reply, bend, house.timers)
      // The headers are written by now: whoever holds the answer finds its status in the log.
      entry.status = response.statusCode
      return sent
    }

    if (route.body === 'json' && method !== 'GET' && method !== 'HEAD') {
      const raw = await readText(request)
      if (raw === 'too-big') return answer(text(413, 'Request Entity Too Large\n'))
      house.log.keepBody(entry, raw)
      const body = readBody(raw)
      if (body === null)
        return answer(path.startsWith('/openapi/') ? flatRefuse(1007, 'Invalid parameters') : paramsInvalid())
      call.body = body
    }

    const fault =
      route.place === 'none'
        ? null
        : (faultOfHeader(request.headers['x-sandbox-fault']) ??
          house.faults.choose(route.place, targetsOf(call, house)))
    const early = fault && beforeCommit(fault, path)
    if (early === 'hang') return null
    if (early === 'reset') {
      request.socket.resetAndDestroy()
      return null
    }
    if (early) {
      request.resume()
      return answer(early)
    }
    if (fault?.kind === 'commit-late') {
      request.socket.resetAndDestroy()
      await house.timers.sleep(fault.ms)
    }
    const reply = await carryOut(route, call)
    // An unread rest would be taken for the next request of this connection.
    if (!request.complete) request.resume()
    if (!fault) return answer(reply)
    return afterCommit(fault, reply, request, answer)
  }

  async function carryOut(route: Route, call: Call): Promise<Reply> {
    try {
      return await route.handler(call, house)
    } catch (error) {
      // A client that went away while its body was read also ends here; nobody hears the answer then.
      const why = error instanceof Error ? error.message : String(error)
      return refuse({ code: 500, msg: `UNKNOWN_ERROR: ${why}` })
    }
  }

  async function afterCommit(
    fault: FaultAction,
    reply: Reply,
    request: IncomingMessage,
    answer: (reply: Reply, bend?: Bend) => Promise<number>,
  ): Promise<number | null> {
    switch (fault.kind) {
      case 'commit-then-reset':
        request.socket.resetAndDestroy()
        return null
      case 'commit-then-hang':
      case 'commit-late':
        return null
      case 'commit-then-http':
        return answer(gateway(fault))
      case 'truncate':
        return answer(reply, { truncateAfter: fault.afterBytes })
      case 'slow':
        return answer(reply, { bytesPerSecond: fault.bytesPerSecond })
      case 'delay':
        await house.timers.sleep(fault.ms)
        return answer(reply)
      case 'garbage':
        return answer(
          text(
            200,
            reply.kind === 'file' ? '\u0000garbage' : `${bodyText(reply).slice(0, 12)}<<garbage`,
            'application/json',
          ),
        )
      case 'empty':
        return answer(text(200, '', 'application/json'))
      default:
        return answer(reply)
    }
  }
}

/** Faults that keep the call from being carried out. */
function beforeCommit(fault: FaultAction, path: string): Reply | 'hang' | 'reset' | null {
  if (fault.kind === 'hang' || fault.kind === 'reset') return fault.kind
  if (fault.kind === 'http') return gateway(fault)
  if (fault.kind === 'code')
    return path.includes('/media/upload/')
      ? uploadRefuse(fault)
      : refuse({ code: fault.code, msg: fault.msg })
  return null
}

const gatewayPage = (status: number) =>
  `<html>\r\n<head><title>${status}</title></head>\r\n<body><center><h1>${status}</h1></center><hr><center>nginx</center></body>\r\n</html>\r\n`

function gateway({
  status,
  body,
  contentType,
}: {
  status: number
  body?: string
  contentType?: string
}): Reply {
  return text(
    status,
    body ?? gatewayPage(status),
    contentType ?? (body?.trimStart().startsWith('{') ? 'application/json' : 'text/html'),
  )
}

function readBody(raw: string): Call['body'] | null {
  if (raw.trim() === '') return {}
  try {
    const value = parseJson(raw)
    return isObject(value) ? value : Array.isArray(value) ? { faults: value } : null
  } catch {
    return null // Not JSON; the caller says so in the family's words.
  }
}

/** What a fault rule may name: the workflow, app or model, and the task. */
function targetsOf(call: Call, house: House): string[] {
  const { workflowId, webappId, taskId } = call.body
  const named = [workflowId, webappId, taskId]
    .filter(value => value !== undefined && value !== null)
    .map(String)
  const task = house.engine.find(String(taskId ?? ''))
  if (task) named.push(task.target.id)
  const file = house.store.find(call.path, house.timers.now())
  if (typeof file === 'object') named.push(file.targetId)
  const last = call.path.split('/').at(-1)
  if (last) named.push(last)
  if (call.path.startsWith('/openapi/v2/')) named.push(call.path.slice('/openapi/v2/'.length))
  for (const id of call.query.getAll('webappId')) named.push(id)
  return named
}

function urlOf(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', 'http://sandbox')
  } catch {
    return new URL('http://sandbox/')
  }
}
