import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { type ComfyMessage, executionEnd } from '../comfy/status.ts'
import type { QueueNews, StoredRun } from '../queue/index.ts'
import type { Clock } from '../shared/clock.ts'
import { writeJson } from '../shared/lossless-json.ts'
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
/** progress_state repeats every node, so it is sent at most this often, and once at the end. */
const stateIntervalMs = 100

type Live = {
  readonly run: StoredRun
  readonly translate: ReturnType<typeof createTranslator>
  stateDue: (() => void) | undefined
}

export type SocketHub = ReturnType<typeof createSocketHub>

/** The sockets of ComfyUI's /ws: who gets what, in ComfyUI's order (its reference, section 6). */
export function createSocketHub(options: SocketHubOptions) {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, clientTracking: false })
  const sockets = new Map<string, WebSocket>()
  const live = new Map<number, Live>()

  function send(socket: WebSocket, text: string): void {
    if (socket.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount > maxBacklogBytes) socket.terminate()
    else socket.send(text)
  }
  const encode = ([type, data]: ComfyMessage) => writeJson({ type, data })
  function toAll(message: ComfyMessage): void {
    const text = encode(message)
    for (const socket of sockets.values()) send(socket, text)
  }
  function toSubmitter(run: StoredRun, message: ComfyMessage): void {
    if (run.clientId === undefined) {
      // Without a client_id only these go out, to everybody (ComfyUI: messages).
      if (['progress', 'progress_state', 'execution_interrupted'].includes(message[0])) toAll(message)
      return
    }
    const socket = sockets.get(run.clientId)
    if (socket) send(socket, encode(message))
  }
  const status = (remaining: number): ComfyMessage => [
    'status',
    { status: { exec_info: { queue_remaining: remaining } } },
  ]

  function liveRun(run: StoredRun): Live {
    const known = live.get(run.seq)
    if (known) return known
    const entry: Live = { run, translate: createTranslator(run), stateDue: undefined }
    live.set(run.seq, entry)
    return entry
  }

  function sendState(entry: Live): void {
    entry.stateDue?.()
    entry.stateDue = undefined
    toSubmitter(entry.run, entry.translate.progressState())
  }

  function tell(news: QueueNews): void {
    switch (news.type) {
      case 'queue-changed':
        toAll(status(news.remaining))
        return
      case 'run-event': {
        const entry = liveRun(news.run)
        for (const message of entry.translate.messages(news.event)) toSubmitter(news.run, message)
        entry.stateDue ??= options.clock.schedule(stateIntervalMs, () => sendState(entry))
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
      if (!isBinary && asksFeatures(String(message)))
        send(socket, encode(['feature_flags', options.features()]))
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      if (sockets.get(clientId) === socket) sockets.delete(clientId)
    })
  }

  return {
    tell,
    count: () => sockets.size,
    /** Takes an upgrade request that the guard has let through. */
    upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
      if (sockets.size >= maxSockets) {
        stream.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
        return
      }
      const query = new URL(request.url ?? '/', 'http://localhost').searchParams
      const clientId = query.get('clientId') || randomBytes(16).toString('hex')
      server.handleUpgrade(request, stream, head, socket => welcome(socket, clientId))
    },
    close(): void {
      for (const entry of live.values()) entry.stateDue?.()
      for (const socket of sockets.values()) socket.close(1001, 'the server is going away')
    },
  }
}

function asksFeatures(text: string): boolean {
  try {
    return (JSON.parse(text) as { type?: unknown }).type === 'feature_flags'
  } catch {
    // Clients may send anything; nothing is required of them.
    return false
  }
}
