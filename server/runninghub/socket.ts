import type { Duplex } from 'node:stream'
import { type Dispatcher, WebSocket } from 'undici'
import type { Transport } from './transport.ts'

export type TaskSocket = { close(): void }

/**
 * Listens to a task's progress socket. Whatever goes wrong with it is no failure of the task: `end` says that it is over, and
 * polling goes on. The URL is a credential and is never part of an error or an event.
 */
export function openTaskSocket(
  url: string,
  transport: Pick<Transport, 'dispatcherFor'>,
  on: { message(text: string): void; end(): void },
): TaskSocket {
  let open = true
  let connection: Duplex | undefined
  const end = () => {
    if (!open) return
    open = false
    on.end()
  }
  try {
    const socket = new WebSocket(url, {
      dispatcher: notingUpgrades(transport.dispatcherFor(url.replace(/^ws/i, 'http')), upgraded => {
        connection = upgraded
      }),
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
        // A peer that never answers the closing would hold the connection, and with it the process, for ever.
        connection?.end(() => connection?.destroy())
      },
    }
  } catch {
    // An address that is none (RunningHub: netWssUrl); reported like any other socket that does not work.
    queueMicrotask(end)
    return { close() {} }
  }
}

/** undici's WebSocket does not give its connection away; the dispatcher under it sees it pass. */
function notingUpgrades(dispatcher: Dispatcher, note: (connection: Duplex) => void): Dispatcher {
  return dispatcher.compose(
    dispatch => (options, handler) =>
      dispatch(options, {
        onRequestStart: (...start) => handler.onRequestStart?.(...start),
        onRequestUpgrade(controller, status, headers, connection) {
          note(connection)
          return handler.onRequestUpgrade?.(controller, status, headers, connection)
        },
        onResponseStart: (...start) => handler.onResponseStart?.(...start),
        onResponseData: (...data) => handler.onResponseData?.(...data),
        onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
        onResponseError: (...error) => handler.onResponseError?.(...error),
      }),
  )
}
