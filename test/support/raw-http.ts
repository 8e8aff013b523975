import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { TestServer } from './open-server.ts'
import { textPrompt } from './prompts.ts'

/** A request word for word, with headers fetch would not send; gives the status and the body. */
export function raw(
  server: { url: string },
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers, body } = options
    const request = httpRequest({ host: hostname, port, path, method, headers, agent: false }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk as Buffer))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString('utf8'),
          headers: response.headers,
        }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Bytes as they are, for what no HTTP client would send; resolves with all that came back until the end. */
export async function spoken(server: { url: string }, text: string): Promise<string> {
  const { socket } = await dial(server)
  socket.write(text)
  let answer = ''
  socket.on('data', chunk => {
    answer += String(chunk)
  })
  await new Promise(resolve => socket.once('close', resolve))
  return answer
}

export async function dial(server: { url: string }): Promise<{ socket: Socket }> {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return { socket }
}

export const statusOfHandshake = async (url: string, headers: Record<string, string> = {}) => {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers })
  socket.on('error', () => {})
  const status = await new Promise<number>(resolve => {
    socket.once('open', () => resolve(101))
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
  })
  socket.terminate()
  return status
}

/** What must go on working beside every attack: a prompt from its POST to its history entry. */
export async function expectHonestClientIsServed(server: TestServer): Promise<void> {
  const { entry } = await server.runToEnd(textPrompt())
  expect(entry.status.status_str).toBe('success')
}

export const asMultipart = { 'content-type': 'multipart/form-data; boundary=b' }

/** A multipart body with fields and one file of that name. */
export const multipart = (name: string, fields: Record<string, string> = {}) => {
  const parts = Object.entries(fields).map(
    ([field, value]) => `--b\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  )
  return `${parts.join('')}--b\r\nContent-Disposition: form-data; name="image"; filename="${name}"\r\nContent-Type: image/png\r\n\r\nbytes\r\n--b--\r\n`
}
