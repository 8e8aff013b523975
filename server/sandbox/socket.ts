import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { Faults } from './faults.ts'
import type { SocketMessage } from './tasks/socket-script.ts'
import type { Task } from './tasks/task.ts'
import type { Timers } from './timers.ts'
import type { FaultAction } from './types.ts'

/** The progress sockets behind `netWssUrl` (RunningHub: section socket). Live only: what was sent before is not sent again. */
export type SocketHub = {
  /** Answers an upgrade request; the status it was answered with, 0 when the connection was destroyed. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, url: URL): number
  publish(task: Task, message: SocketMessage): void
  /** The task has ended, however it did: its sockets are closed a little later. */
  ended(task: Task): void
  close(): void
}

/** A finished task's sockets stay open for so long, as the machine behind them does. */
const lingerMs = 10_000
const mostSockets = 1000

export function createSocketHub(parts: {
  timers: Timers
  faults: Faults
  ofClient: (clientId: string) => Task | undefined
}): SocketHub {
  const server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 })
  const listeners = new Map<string, Set<WebSocket>>()

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, url: URL): number {
    // A client that vanishes in the middle of the handshake is no event.
    socket.on('error', () => {})
    const task = parts.ofClient(url.searchParams.get('clientId') ?? '')
    const fault = parts.faults.choose('socket', task ? [task.target.id, task.id] : [])
    const allowed = task !== undefined && url.searchParams.get('Rh-Comfy-Auth') === task.socketAuth
    if (fault?.kind === 'reset') {
      socket.destroy()
      return 0
    }
    if (fault?.kind === 'hang') return 0
    if (fault?.kind === 'http') return deny(socket, fault.status)
    if (url.pathname !== '/ws/c_instance') return deny(socket, 404)
    if (!allowed || task.target.behaviour.socket === 'refused') return deny(socket, 403)
    if (server.clients.size >= mostSockets) return deny(socket, 503)
    server.handleUpgrade(request, socket, head, connection => greet(connection, task, fault))
    return 101
  }

  function greet(connection: WebSocket, task: Task, fault: FaultAction | null): void {
    connection.on('error', () => {})
    const { socket: behaviour } = task.target.behaviour
    if (behaviour === 'silent') return
    if (behaviour === 'garbage' || fault?.kind === 'garbage') {
      speakNonsense(connection)
      return
    }
    if (fault?.kind === 'empty' || fault?.kind === 'truncate') {
      connection.close()
      return
    }
    const join = () => {
      let mates = listeners.get(task.id)
      if (!mates) {
        mates = new Set()
        listeners.set(task.id, mates)
      }
      mates.add(connection)
      connection.on('close', () => leave(task.id, connection))
      const status = { exec_info: { queue_remaining: task.endedAt === null ? 1 : 0 } }
      send(connection, { type: 'status', data: { status, sid: task.clientId } })
      if (task.endedAt !== null) parts.timers.afterTaskTime(lingerMs, () => connection.close())
    }
    if (fault?.kind === 'delay') parts.timers.after(fault.ms, join)
    else join()
  }

  function leave(taskId: string, connection: WebSocket): void {
    const mates = listeners.get(taskId)
    mates?.delete(connection)
    if (mates?.size === 0) listeners.delete(taskId)
  }

  return {
    upgrade,
    publish(task, message) {
      const mates = listeners.get(task.id)
      if (!mates) return
      for (const connection of mates) send(connection, message)
      if (task.target.behaviour.socket === 'drops' && message.type === 'executing') {
        for (const connection of mates) connection.terminate()
      }
    },
    ended(task) {
      const mates = listeners.get(task.id)
      if (!mates) return
      parts.timers.afterTaskTime(lingerMs, () => {
        for (const connection of mates) connection.close()
      })
    },
    close() {
      for (const connection of server.clients) connection.terminate()
      server.close()
      listeners.clear()
    },
  }
}

function send(connection: WebSocket, message: SocketMessage): void {
  if (connection.readyState === WebSocket.OPEN) connection.send(JSON.stringify(message))
}

/** Broken JSON, an unknown type, a ComfyUI preview frame, bytes without meaning, then the end. */
function speakNonsense(connection: WebSocket): void {
  connection.send('{"type":"executing","data":{"node":')
  connection.send('{"type":"crystools.monitor","data":{"cpu":7}}')
  connection.send(Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xd8, 0xff, 0xd9]))
  connection.send(Buffer.from([0xde, 0xad, 0xbe, 0xef]))
  connection.close(1011)
}

function deny(socket: Duplex, status: number): number {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  return status
}
