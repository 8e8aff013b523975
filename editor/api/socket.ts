import { isObject, parseJson } from './json.ts'

export type SocketMessage = { readonly type: string; readonly data: Readonly<Record<string, unknown>> }

export type SocketState = 'connecting' | 'open' | 'lost'

type SocketOptions = {
  readonly url: string
  readonly onMessage: (message: SocketMessage) => void
  readonly onState: (state: SocketState) => void
  readonly open?: (url: string) => WebSocket
}

/** A socket that comes back by itself: after 0.5 s, then ever slower, at most every 8 s. */
export function connectSocket(options: SocketOptions): { close(): void } {
  const open = options.open ?? (url => new WebSocket(url))
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let attempts = 0
  let isClosed = false

  function connect(): void {
    options.onState(attempts === 0 ? 'connecting' : 'lost')
    const current = open(options.url)
    socket = current
    current.addEventListener('open', () => {
      attempts = 0
      options.onState('open')
    })
    current.addEventListener('message', event => {
      const message = readMessage(event.data)
      if (message) options.onMessage(message)
    })
    current.addEventListener('close', () => {
      if (isClosed) return
      options.onState('lost')
      const pauseMs = Math.min(8_000, 500 * 2 ** attempts++)
      timer = setTimeout(connect, pauseMs)
    })
  }
  connect()
  return {
    close() {
      isClosed = true
      clearTimeout(timer)
      socket?.close()
    },
  }
}

function readMessage(data: unknown): SocketMessage | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const message = parseJson(data)
    if (!isObject(message) || typeof message.type !== 'string') return undefined
    return { type: message.type, data: isObject(message.data) ? message.data : {} }
  } catch {
    // A frame we cannot read is none of ours.
    return undefined
  }
}
