import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { type ComfyMessage, executionEnd } from '../comfy/status.ts'
import type { QueueNews, StoredRun } from '../queue/index.ts'
import type { Clock } from '../shared/clock.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { previewFrame } from './preview-frame.ts'
import { createTranslator } from './translate.ts'

export type SocketHubOptions = {
  readonly clock: Clock
  readonly remaining: () => number
  readonly features: () => Readonly<Record<string, unknown>>
}

/** Nobody needs more; a page that opens sockets in a loop gets 503. */
const maxSockets = 512
const maxMessageBytes = 1024 * 1024
/** A client that does not read is let go before its backlog costs memory. */
const maxBacklogBytes = 32 * 1024 * 1024
/** progress_state repeats every node, so it is sent at most this often, and once at the end … */
const stateIntervalMs = 100
/** … and for big graphs so seldom that no run sends more than this of it: 1,000 nodes are about 200 KB each time. */
const stateBytesPerSecond = 200_000
/** How long a client has to answer the close when the server goes away. */
const closeTimeoutMs = 500

const publicTypes: ReadonlySet<string> = new Set([
  'preview',
  'progress',
  'progress_state',
  'execution_interrupted',
])

type Live = {
  readonly run: StoredRun
  readonly translate: ReturnType<typeof createTranslator>
  stateDue: (() => void) | undefined
  /** When the next progress_state may go out. */
  stateAt: number
}

export type SocketHub = ReturnType<typeof createSocketHub>

/** The sockets of ComfyUI's /ws: who gets what, in ComfyUI's order (its reference, section 6). */
export function createSocketHub(options: SocketHubOptions) {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, clientTracking: true })
  const sockets = new Map<string, WebSocket>()
  const live = new Map<number, Live>()
  /** Those that want to know whose preview it is. */
  const detailed = new WeakSet<WebSocket>()

  function send(socket: WebSocket, text: string | Uint8Array): void {
    if (socket.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount > maxBacklogBytes) socket.terminate()
    else socket.send(text)
  }
  const encode = ([type, data]: ComfyMessage) => writeJson({ type, data })
  function sendAll(receivers: Iterable<WebSocket>, text: string): void {
    for (const socket of receivers) send(socket, text)
  }
  /** Without a client_id only some messages go out, to everybody (ComfyUI: messages). */
  function receiversOf(run: StoredRun, type: string): readonly WebSocket[] {
    if (run.clientId === undefined) return publicTypes.has(type) ? [...sockets.values()] : []
    const socket = sockets.get(run.clientId)
    return socket ? [socket] : []
  }
  function toSubmitter(run: StoredRun, message: ComfyMessage): void {
    const receivers = receiversOf(run, message[0])
    if (receivers.length > 0) sendAll(receivers, encode(message))
  }
  const status = (remaining: number): ComfyMessage => [
    'status',
    { status: { exec_info: { queue_remaining: remaining } } },
  ]

  function liveRun(run: StoredRun): Live {
    const known = live.get(run.seq)
    if (known) return known
    const entry: Live = { run, translate: createTranslator(run), stateDue: undefined, stateAt: 0 }
    live.set(run.seq, entry)
    return entry
  }

  function sendState(entry: Live): void {
    entry.stateDue?.()
    entry.stateDue = undefined
    const receivers = receiversOf(entry.run, 'progress_state')
    if (receivers.length === 0) return
    const text = encode(entry.translate.progressState())
    const restMs = Math.max(stateIntervalMs, (text.length / stateBytesPerSecond) * 1000)
    entry.stateAt = options.clock.ticks() + restMs
    sendAll(receivers, text)
  }

  function scheduleState(entry: Live): void {
    const waitMs = Math.max(stateIntervalMs, entry.stateAt - options.clock.ticks())
    entry.stateDue ??= options.clock.schedule(waitMs, () => sendState(entry))
  }

  function tell(news: QueueNews): void {
    switch (news.type) {
      case 'queue-changed':
        sendAll(sockets.values(), encode(status(news.remaining)))
        return
      case 'run-event': {
        const entry = liveRun(news.run)
        if (news.event.type === 'node-previewed') {
          for (const socket of receiversOf(news.run, 'preview')) {
            send(socket, previewFrame(news.run.id, news.event, detailed.has(socket)))
          }
          return
        }
        for (const message of entry.translate.messages(news.event)) toSubmitter(news.run, message)
        scheduleState(entry)
        return
      }
      case 'run-ended':
        sendState(liveRun(news.run))
        toSubmitter(news.run, executionEnd(news.run))
        return
      case 'run-left':
        live.delete(news.run.seq)
        toSubmitter(news.run, ['executing', { node: null, prompt_id: news.run.id }])
    }
  }

  function welcome(socket: WebSocket, clientId: string): void {
    // The newest socket of a client takes its place.
    sockets.get(clientId)?.close(1000, 'replaced')
    sockets.set(clientId, socket)
    const [type, data] = status(options.remaining())
    send(socket, encode([type, { ...data, sid: clientId }]))
    for (const { run, translate } of live.values()) {
      const node = translate.lastNode()
      if (run.clientId !== clientId || node === undefined) continue
      send(socket, encode(['executing', { node }]))
      send(socket, encode(translate.progressState()))
    }
    socket.once('message', (message, isBinary) => {
      const flags = isBinary ? undefined : featuresIn(String(message))
      if (!flags) return
      if (flags.supports_preview_metadata === true) detailed.add(socket)
      send(socket, encode(['feature_flags', options.features()]))
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      if (sockets.get(clientId) === socket) sockets.delete(clientId)
    })
  }

  return {
    tell,
    /** A message to everybody. */
    tellAll: (message: ComfyMessage) => sendAll(sockets.values(), encode(message)),
    count: () => sockets.size,
    /** Takes an upgrade request that the guard has let through. */
    upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
      if (server.clients.size >= maxSockets) {
        stream.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
        return
      }
      const query = new URL(request.url ?? '/', 'http://localhost').searchParams
      const clientId = query.get('clientId') || randomBytes(16).toString('hex')
      server.handleUpgrade(request, stream, head, socket => welcome(socket, clientId))
    },
    /** Says goodbye to everybody; who does not answer is let go. */
    async close(): Promise<void> {
      for (const entry of live.values()) entry.stateDue?.()
      const open = [...server.clients]
      const closed = Promise.all(
        open.map(socket => new Promise<void>(resolve => socket.once('close', () => resolve()))),
      )
      for (const socket of open) socket.close(1001, 'the server is going away')
      const cancel = options.clock.schedule(closeTimeoutMs, () => {
        for (const socket of open) socket.terminate()
      })
      await closed
      cancel()
    },
  }
}

/** What a client says it can do, undefined when it says something else. */
function featuresIn(text: string): Record<string, unknown> | undefined {
  try {
    const message = JSON.parse(text) as { type?: unknown; data?: unknown }
    if (message.type !== 'feature_flags') return undefined
    return typeof message.data === 'object' && message.data !== null ? { ...message.data } : {}
  } catch {
    // Clients may send anything; nothing is required of them.
    return undefined
  }
}
