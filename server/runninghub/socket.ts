import { WebSocket } from 'undici'
import type { Transport } from './transport.ts'

export type TaskSocket = { close(): void }

/**
 * Listens to a task's progress socket. Whatever goes wrong with it is no failure of the task: `onEnd` says that it is over, and
 * polling goes on. The URL is a credential and is never part of an error or an event.
 */
export function openTaskSocket(
  url: string,
  transport: Pick<Transport, 'dispatcherFor'>,
  on: { message(text: string): void; end(): void },
): TaskSocket {
  let open = true
  const end = () => {
    if (!open) return
    open = false
    on.end()
  }
  try {
    const socket = new WebSocket(url, {
      dispatcher: transport.dispatcherFor(url.replace(/^ws/i, 'http')),
    })
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('message', event => {
      // Binary frames are preview pictures.
      if (open && typeof event.data === 'string') on.message(event.data)
    })
    socket.addEventListener('close', end)
    socket.addEventListener('error', end)
    return {
      close() {
        open = false
        socket.close()
      },
    }
  } catch {
    // An address that is none (RunningHub: netWssUrl); reported like any other socket that does not work.
    queueMicrotask(end)
    return { close() {} }
  }
}
