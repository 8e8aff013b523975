import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { openServer } from '../support/open-server.ts'
import { textPrompt } from '../support/prompts.ts'
import { asMultipart, dial, expectHonestClientIsServed, multipart, raw, spoken } from '../support/raw-http.ts'

test.each([
  ['without a boundary', { 'content-type': 'multipart/form-data' }, multipart('a.png')],
  ['that is JSON', { 'content-type': 'application/json' }, '{}'],
  ['that breaks off in the head of a part', asMultipart, '--b\r\nContent-Disposition: form-da'],
  ['that breaks off in a file', asMultipart, multipart('a.png').slice(0, -12)],
  ['with another boundary', asMultipart, multipart('a.png').replaceAll('--b', '--c')],
  ['with no part', asMultipart, '--b--\r\n'],
  ['with an empty body', asMultipart, ''],
  ['of noise', asMultipart, Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256))],
  ['with a part without a name', asMultipart, '--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n'],
  ['with a huge head', asMultipart, `--b\r\nX: ${'x'.repeat(200_000)}\r\n\r\nx\r\n--b--\r\n`],
])('a multipart body %s is refused with 400 and leaves nothing behind', async (_what, headers, body) => {
  const server = await openServer()
  for (const path of ['/upload/image', '/upload/mask']) {
    const { status, text } = await raw(server, path, { method: 'POST', headers, body })
    expect([status, JSON.parse(text)]).toMatchObject([400, { error: { code: expect.any(String) } }])
  }
  const imported = await raw(server, '/bridge/import', { method: 'POST', headers, body })
  expect(imported.status).toBe(400)
  for (const folder of ['temp', 'input']) {
    expect(await readdir(join(server.dataDir, folder)).catch(() => [])).toEqual([])
  }
})

test('a body larger than announced limits is refused with 413 before it is read', async () => {
  const server = await openServer()
  const ask = (path: string, bytes: number, headers: Record<string, string> = {}) =>
    spoken(
      server,
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${bytes}\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n{`,
    )
  const tooBig = 101 * 1024 * 1024
  for (const path of [
    '/prompt',
    '/api/prompt',
    '/queue',
    '/history',
    '/settings',
    '/userdata/a',
    '/bridge/run',
    '/bridge/import',
  ]) {
    const answer = await ask(path, tooBig)
    expect(answer, path).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('"too-big"')
  }
  expect(await ask('/upload/image', 5 * 1024 ** 3, asMultipart)).toMatch(/^HTTP\/1\.1 413 /)
  expect(await ask('/bridge/import', 200 * 1024 ** 2, asMultipart)).toMatch(/^HTTP\/1\.1 413 /)
  await expectHonestClientIsServed(server)
})

test('a body that grows beyond the limit without announcing it is cut off', async () => {
  const server = await openServer()
  const { socket } = await dial(server)
  socket.write('POST /prompt HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n')
  let answer = ''
  socket.on('data', chunk => {
    answer += String(chunk)
  })
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x100000, 32), Buffer.from('\r\n')])
  const closed = new Promise(resolve => socket.once('close', resolve))
  for (let sent = 0; sent < 110 && !socket.destroyed; sent++) {
    if (!socket.write(chunk))
      await Promise.race([new Promise(resolve => socket.once('drain', resolve)), closed])
  }
  await closed
  // The answer may be lost in the reset; what counts is that the server has not taken it all.
  expect(answer).toMatch(/^(HTTP\/1\.1 413 |$)/)
  await expectHonestClientIsServed(server)
})

test('clients that dribble their requests are cut off with 408, and nobody else waits for them', async () => {
  const server = await openServer({ headersTimeoutMs: 300 })
  const slow = await Promise.all(Array.from({ length: 100 }, () => dial(server)))
  const answers = slow.map(async ({ socket }) => {
    let text = ''
    socket.on('data', chunk => {
      text += String(chunk)
    })
    socket.write('POST /prompt HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')
    await new Promise(resolve => socket.once('close', resolve))
    return text
  })
  await expectHonestClientIsServed(server)
  for (const text of await Promise.all(answers)) expect(text).toMatch(/^HTTP\/1\.1 408 /)
})

test('of 1,000 sockets those beyond the limit are refused with 503, and an honest client goes on', async () => {
  const server = await openServer()
  const honest = await server.socket('honest')
  const statuses = new Map<number, number>()
  const opened: WebSocket[] = []
  onTestFinished(() => {
    for (const socket of opened) socket.terminate()
  })
  await Promise.all(
    Array.from({ length: 1000 }, async (_, index) => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws?clientId=${index}`)
      opened.push(socket)
      socket.on('error', () => {})
      const status = await new Promise<number>(resolve => {
        socket.once('open', () => resolve(101))
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }),
  )
  expect(Object.fromEntries(statuses)).toEqual({ 101: 511, 503: 489 })
  const id = await server.submit(textPrompt(), { client_id: 'honest' })
  await honest.until(({ type, data }) => type === 'execution_success' && data.prompt_id === id)
})

test('a client that opens its own socket again and again never holds more than the limit', async () => {
  const server = await openServer()
  const { port } = new URL(server.url)
  const opened: Socket[] = []
  onTestFinished(() => {
    for (const socket of opened) socket.destroy()
  })
  // Never answers the close of its replaced sockets.
  const statuses = await Promise.all(
    Array.from({ length: 600 }, async () => {
      const socket = connect(Number(port), '127.0.0.1')
      opened.push(socket)
      socket.on('error', () => {})
      socket.write(
        'GET /ws?clientId=same HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      )
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      return String(chunk).slice(9, 12)
    }),
  )
  expect(statuses.filter(status => status === '101').length).toBeLessThanOrEqual(512)
  expect(statuses.filter(status => status === '503').length).toBeGreaterThanOrEqual(88)
})

test('a socket message beyond 1 MB closes its socket with 1009 and no other', async () => {
  const server = await openServer()
  const [honest, greedy] = await Promise.all([server.socket('honest'), server.socket('greedy')])
  const code = new Promise<number>(resolve => greedy.raw.once('close', resolve))
  greedy.raw.send('x'.repeat(1_100_000))
  expect(await code).toBe(1009)
  const id = await server.submit(textPrompt(), { client_id: 'honest' })
  await honest.until(({ type, data }) => type === 'execution_success' && data.prompt_id === id)
})

/** A whole, valid PNG of so many black points each way, one bit each: 50 MB of rows in some KB of file. */
function hugePng(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.writeUInt8(1, 8)
  const rows = deflateSync(Buffer.alloc(side * (1 + side / 8)))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

test('a small file that holds a huge picture is refused at every preview, and the server stays', async () => {
  const server = await openServer()
  await mkdir(join(server.dataDir, 'input'), { recursive: true })
  const bomb = hugePng(20_000)
  expect(bomb.length).toBeLessThan(2_000_000)
  await writeFile(join(server.dataDir, 'input/bomb.png'), bomb)
  for (const query of ['preview=webp;90', 'preview=jpeg&channel=rgb', 'channel=rgb', 'channel=a']) {
    const answer = await server.get(`/view?filename=bomb.png&type=input&${query}`)
    expect([query, answer.status, answer.json]).toMatchObject([query, 415, { error: { code: 'no-picture' } }])
  }
  const form = new FormData()
  form.append('image', new Blob([bomb as BlobPart]), 'mask.png')
  form.append('original_ref', JSON.stringify({ filename: 'bomb.png', type: 'input' }))
  expect((await server.request('/upload/mask', { method: 'POST', body: form })).status).toBe(400)
  expect((await server.get('/view?filename=bomb.png&type=input')).bytes.length).toBe(bomb.length)
})
