import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type ConfigFlags, readConfig } from '../../server/config.ts'
import { type ServeOptions, serve } from '../../server/serve.ts'
import { type JsonValue, parseJson, writeJson } from '../../server/shared/lossless-json.ts'
import type { Prompt } from '../../server/shared/prompt.ts'

export type ServerWish = ConfigFlags &
  Partial<Omit<ServeOptions, 'config'>> & { environment?: Readonly<Record<string, string>> }

/** An answer read whole; `json` is undefined when the body is none. */
export type Answer = { status: number; headers: Headers; bytes: Buffer; text: string; json: unknown }

export type TestServer = Awaited<ReturnType<typeof openServer>>

/** The whole server on a free port, with the sandbox fast; closed at the end of the test. */
export async function openServer(wish: ServerWish = {}) {
  const dataDir = wish.dataDir ?? (await tempFolder())
  const {
    dataDir: _dir,
    inputDir,
    outputDir,
    sandbox,
    sandboxSpeed = 500,
    metadata,
    environment,
    ...rest
  } = wish
  const server = await serve({
    config: readConfig(
      {
        dataDir,
        sandboxSpeed,
        ...(inputDir !== undefined && { inputDir }),
        ...(outputDir !== undefined && { outputDir }),
        ...(sandbox !== undefined && { sandbox }),
        ...(metadata !== undefined && { metadata }),
      },
      // A new key is not looked for at the real sites.
      { RH_BRIDGE_SITES: '', ...environment },
    ),
    host: '127.0.0.1',
    port: 0,
    parallel: 2,
    logLevel: 'silent',
    version: '0.0.0-test',
    argv: ['serve'],
    ...rest,
  })
  let closed: Promise<void> | undefined
  const close = (graceMs = 0) => {
    closed ??= server.close(graceMs)
    return closed
  }
  onTestFinished(() => close())
  return { ...clientOf(server.url), ...server, dataDir, close }
}

/** Plain HTTP and sockets for any server of ours, in this process or another. */
export function clientOf(url: string) {
  const request = (path: string, init: RequestInit = {}) =>
    fetch(url + path, { redirect: 'manual', ...init }).then(read)
  const post = (path: string, body: unknown = {}, init: RequestInit = {}) =>
    request(path, { method: 'POST', body: writeJson(body), ...init })
  const submit = async (prompt: unknown, more: Record<string, unknown> = {}): Promise<string> => {
    const answer = await post('/prompt', { prompt, ...more })
    if (answer.status !== 200) throw new Error(`the prompt was refused: ${answer.text}`)
    return (answer.json as { prompt_id: string }).prompt_id
  }
  return {
    url,
    request,
    get: (path: string, headers: Record<string, string> = {}) => request(path, { headers }),
    post,
    submit,
    socket: (clientId?: string, headers: Record<string, string> = {}, path = '/ws') =>
      openSocket(`${url}${path}${clientId === undefined ? '' : `?clientId=${clientId}`}`, headers),
    /** Queues a prompt, hears it to its end, and gives its id, history entry and messages. */
    async runToEnd(prompt: unknown, more: Record<string, unknown> = {}) {
      const clientId = `listener-${Math.random().toString(36).slice(2)}`
      const socket = await openSocket(`${url}/ws?clientId=${clientId}`)
      const id = await submit(prompt, { client_id: clientId, ...more })
      await socket.until(isEndOf(id))
      socket.close()
      const { json } = await request(`/history/${encodeURIComponent(id)}`)
      return { id, entry: (json as Record<string, HistoryEntry>)[id] as HistoryEntry, socket }
    },
  }
}

export type HistoryEntry = {
  prompt: [number, string, Prompt, Record<string, JsonValue>, string[]]
  outputs: Record<string, Record<string, unknown[]>>
  status: { status_str: string; completed: boolean; messages: [string, Record<string, unknown>][] }
  meta: Record<string, unknown>
}

async function read(response: Response): Promise<Answer> {
  const bytes = Buffer.from(await response.arrayBuffer())
  const text = bytes.toString('utf8')
  let json: unknown
  try {
    json = parseJson(text)
  } catch {
    json = undefined
  }
  return { status: response.status, headers: response.headers, bytes, text, json }
}

export type Message = { type: string; data: Record<string, unknown> }
export type TestSocket = Awaited<ReturnType<typeof openSocket>>

/** A socket that keeps all it hears. */
export async function openSocket(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers })
  const messages: Message[] = []
  const texts: string[] = []
  const frames: { data: Buffer; after: string | undefined }[] = []
  let bytes = 0
  let ended = false
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  socket.on('message', (data, isBinary) => {
    if (isBinary) {
      frames.push({ data: data as Buffer, after: messages.at(-1)?.type })
      return
    }
    const text = String(data)
    bytes += Buffer.byteLength(text)
    texts.push(text)
    messages.push(JSON.parse(text) as Message)
    tell()
  })
  socket.on('close', () => {
    ended = true
    tell()
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('unexpected-response', (_request, response) =>
      reject(new Error(`the handshake answered ${response.statusCode}`)),
    )
  })
  socket.on('error', () => {})
  const until = (wanted: (message: Message) => boolean): Promise<Message> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = messages.find(wanted)
        if (!found && !ended) return
        listeners.delete(look)
        if (found) resolve(found)
        else reject(new Error(`the socket closed after ${messages.map(({ type }) => type).join(', ')}`))
      }
      listeners.add(look)
      look()
    })
  await until(({ type }) => type === 'status')
  return {
    messages,
    texts,
    /** Binary ones, with the type of the message before each. */
    frames,
    until,
    bytes: () => bytes,
    types: () => messages.map(({ type }) => type),
    /** Messages about one prompt that ComfyUI knows, and what their order is told by. */
    about: (id: string) => messages.filter(({ data }) => data.prompt_id === id),
    send: (text: string) => socket.send(text),
    closed: () => (ended ? Promise.resolve() : once(socket, 'close').then(() => {})),
    close: () => socket.terminate(),
    raw: socket,
  }
}

export const isEndOf = (id: string) => (message: Message) =>
  message.type === 'executing' && message.data.node === null && message.data.prompt_id === id

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rh-server-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}
