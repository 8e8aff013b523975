import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { openServer, openSocket, type TestServer, tempFolder } from '../support/open-server.ts'
import { node, textPrompt } from '../support/prompts.ts'

/** A request word for word, with headers fetch would not send; gives the status and the body. */
function raw(
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
async function spoken(server: { url: string }, text: string): Promise<string> {
  const { socket } = await dial(server)
  socket.write(text)
  let answer = ''
  socket.on('data', chunk => {
    answer += String(chunk)
  })
  await new Promise(resolve => socket.once('close', resolve))
  return answer
}

async function dial(server: { url: string }): Promise<{ socket: Socket }> {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return { socket }
}

const statusOfHandshake = async (url: string, headers: Record<string, string> = {}) => {
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
async function expectHonestClientIsServed(server: TestServer): Promise<void> {
  const { entry } = await server.runToEnd(textPrompt())
  expect(entry.status.status_str).toBe('success')
}

const portOf = (server: { url: string }) => new URL(server.url).port

test.each([
  ['a foreign name', { Host: 'evil.example' }],
  ['a foreign name that resolves here', { Host: 'rebind.evil.example:8188' }],
  ['an address of the local net', { Host: '192.168.1.5:8188' }],
  ['a name that starts like a loopback one', { Host: '127.0.0.1.evil.example' }],
  ['a name that ends like localhost', { Host: 'evil-localhost' }],
  ['a foreign Origin', { Origin: 'https://evil.example' }],
  ['the Origin null', { Origin: 'null' }],
  ['an Origin that is none', { Origin: 'nonsense' }],
  ['a page of another port', { Origin: 'http://127.0.0.1:1' }],
  ['a page of localhost for 127.0.0.1', { Origin: 'http://localhost:PORT' }],
  ['an extension’s page', { Origin: 'chrome-extension://abcdef' }],
  ['a cross-site fetch', { 'Sec-Fetch-Site': 'cross-site' }],
])('%s is refused with 403 on HTTP and sockets', async (_what, headers) => {
  const server = await openServer()
  const sent = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', portOf(server))]),
  )
  for (const path of ['/', '/api/queue', '/view?filename=a.png', '/bridge/keys', '/nowhere']) {
    const answer = await raw(server, path, { headers: sent })
    expect([path, answer.status]).toEqual([path, 403])
    expect(JSON.parse(answer.text)).toMatchObject({
      error: { code: expect.any(String), hint: expect.any(String) },
    })
  }
  const posted = await raw(server, '/prompt', {
    method: 'POST',
    headers: { ...sent, 'content-type': 'text/plain' },
    body: JSON.stringify({ prompt: textPrompt(), prompt_id: 'forged' }),
  })
  expect(posted.status).toBe(403)
  expect((await server.get('/history/forged')).json).toEqual({})
  for (const path of ['/ws', '/api/ws']) {
    expect(await statusOfHandshake(`${server.url}${path}`, sent), path).toBe(403)
  }
  await expectHonestClientIsServed(server)
})

test.each([
  ['a script', {}],
  ['our own page', { Origin: 'http://127.0.0.1:PORT', 'Sec-Fetch-Site': 'same-origin' }],
  ['our own page under localhost', { Host: 'localhost:PORT', Origin: 'http://localhost:PORT' }],
  ['the address line', { 'Sec-Fetch-Site': 'none' }],
  ['IPv6', { Host: '[::1]:PORT', Origin: 'http://[::1]:PORT' }],
])('%s is served', async (_what, headers) => {
  const server = await openServer()
  const sent = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', portOf(server))]),
  )
  expect((await raw(server, '/api/queue', { headers: sent })).status).toBe(200)
  expect(await statusOfHandshake(`${server.url}/ws`, sent)).toBe(101)
})

const secret = 'what lies out there'
const outside = [
  '..',
  '../x',
  '../../etc/passwd',
  '/etc/passwd',
  'a/../../x',
  '..\\x',
  'C:\\x',
  '%2e%2e/x',
  '..%2fx',
  '..%5cx',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '%00',
  'a%00b',
  '..%00/x',
  '%252e%252e%252fx',
  '%c0%ae%c0%ae%c0%afx',
  '.../...//x',
  '~/x',
  '%ZZ',
]

test.each(outside)('the name %s leads out of no folder on any route', async name => {
  const around = await tempFolder()
  const server = await openServer({ dataDir: join(around, 'data') })
  await writeFile(join(around, 'x'), secret)
  await mkdir(join(server.dataDir, 'user'), { recursive: true })
  await mkdir(join(server.dataDir, 'workflows'), { recursive: true })
  const encoded = name.includes('%') ? name : encodeURIComponent(name)
  const paths = [
    `/view?filename=${encoded}`,
    `/view?filename=a.png&subfolder=${encoded}`,
    `/view?filename=a.png&type=${encoded}`,
    `/view_metadata/${encoded}?filename=a.safetensors`,
    `/view_metadata/input?filename=${encoded}`,
    `/userdata?dir=${encoded}`,
    `/v2/userdata?path=${encoded}`,
    `/userdata/${encoded}`,
    `/userdata/workflows%2F${encoded}`,
    `/workflow_templates/rh-bridge/${encoded}.json`,
    `/templates/${encoded}.json`,
    `/internal/files/${encoded}`,
    `/models/${encoded}`,
    `/settings/${encoded}`,
    `/object_info/${encoded}`,
    `/history/${encoded}`,
    `/api/jobs/${encoded}`,
    `/bridge/runs/${encoded}`,
    `/bridge/assets?type=${encoded}`,
    `/${encoded}`,
    `/assets/${encoded}`,
  ]
  for (const path of paths) {
    const { status, text } = await raw(server, path)
    expect(status < 500 && !text.includes(secret) && !text.includes('root:'), `${path} ${status}`).toBe(true)
  }
  for (const method of ['POST', 'DELETE'])
    for (const path of [
      `/userdata/${encoded}`,
      `/userdata/a/move/${encoded}`,
      `/userdata/${encoded}/move/b`,
    ]) {
      const { status } = await raw(server, path, { method, body: 'x' })
      expect(status < 500, `${method} ${path} ${status}`).toBe(true)
    }
  expect((await readdir(around)).toSorted()).toEqual(['data', 'x'])
  expect(await readFile(join(around, 'x'), 'utf8')).toBe(secret)
})

const multipart = (name: string, fields: Record<string, string> = {}) => {
  const parts = Object.entries(fields).map(
    ([field, value]) => `--b\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  )
  return `${parts.join('')}--b\r\nContent-Disposition: form-data; name="image"; filename="${name}"\r\nContent-Type: image/png\r\n\r\nbytes\r\n--b--\r\n`
}
const asMultipart = { 'content-type': 'multipart/form-data; boundary=b' }

test.each([
  ['name', '../x.png', {}],
  ['name', '../../../../../../tmp/x.png', {}],
  ['name', '/etc/x.png', {}],
  ['name', '..\\\\..\\\\x.png', {}],
  ['name', '..', {}],
  ['subfolder', 'x.png', { subfolder: '..' }],
  ['subfolder', 'x.png', { subfolder: '../..' }],
  ['subfolder', 'x.png', { subfolder: '/etc' }],
  ['subfolder', 'x.png', { subfolder: 'a/../../b' }],
  ['subfolder', 'x.png', { subfolder: 'a\0b' }],
  ['subfolder', 'x.png', { subfolder: '..\\x' }],
])('an upload whose %s is %s %o is refused with 400 and writes nothing', async (_field, name, fields) => {
  const server = await openServer()
  const answer = await raw(server, '/upload/image', {
    method: 'POST',
    headers: asMultipart,
    body: multipart(name, fields),
  })
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([400, { error: { code: 'path-outside' } }])
  expect(await readdir(join(server.dataDir, 'input')).catch(() => [])).toEqual([])
})

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

test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
  'the key %s is a name like any other and changes no prototype',
  async key => {
    const server = await openServer()
    const poison = `{"polluted":true,"class_type":"PreviewAny"}`
    const bodies = [
      `{"${key}":${poison}}`,
      `{"prompt":{"${key}":${poison}}}`,
      `{"prompt":{"1":{"class_type":"PreviewAny","inputs":{"source":["${key}",0]}}}}`,
      `{"prompt":{"1":{"class_type":"${key}","inputs":{}}}}`,
      `{"prompt":{"1":{"class_type":"PreviewAny","inputs":{"source":"x","${key}":${poison}}}},"extra_data":{"${key}":${poison}}}`,
    ]
    for (const path of [
      '/prompt',
      '/settings',
      '/queue',
      '/history',
      '/interrupt',
      '/bridge/run',
      '/bridge/import',
      '/bridge/keys',
    ])
      for (const body of bodies) {
        const { status } = await server.request(path, { method: 'POST', body })
        expect(status < 500, `${path} ${body} ${status}`).toBe(true)
      }
    await server.post(`/settings/${key}`, { polluted: true })
    expect((await server.get(`/settings/${key}`)).json).toEqual({ polluted: true })
    expect((await server.get(`/object_info/${key}`)).json).toEqual({})
    for (const path of [`/history/${key}`, `/api/jobs/${key}`, `/bridge/runs/${key}`, `/userdata/${key}`]) {
      expect((await server.get(path)).status, path).toBeLessThan(500)
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.prototype).not.toHaveProperty('polluted')
    // Nodes may be called so, and run.
    const { entry } = await server.runToEnd(
      JSON.parse(
        `{"${key}":{"class_type":"PrimitiveString","inputs":{"value":"named ${key}"}},"2":{"class_type":"PreviewAny","inputs":{"source":["${key}",0]}}}`,
      ),
    )
    expect(entry.outputs).toEqual({ '2': { text: [`named ${key}`] } })
  },
)

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

test('no answer of any route may be framed, sniffed or run, and none shows a stack', async () => {
  const server = await openServer()
  for (const path of [
    '/api/queue',
    '/history',
    '/nowhere',
    '/bridge/health',
    '/api/nowhere',
    '/view?filename=x',
    '/%ZZ',
  ]) {
    const { headers, text } = await server.get(path)
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(headers.get('content-security-policy'), path).toBe("default-src 'none'; sandbox")
    expect(headers.get('x-powered-by'), path).toBeNull()
    expect(headers.get('access-control-allow-origin'), path).toBeNull()
    expect(text).not.toMatch(/at .*\.(ts|js):\d+/)
  }
  const page = await server.get('/')
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(page.headers.get('cache-control')).toBe('no-store')
})

test('malformed requests are answered with 400 and an offer of h2c as the plain request it is', async () => {
  const server = await openServer()
  expect(await spoken(server, 'NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  expect(await spoken(server, 'GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  const nameless = 'GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'
  expect(await spoken(server, nameless)).toMatch(/^HTTP\/1\.1 403 /)
  const h2c = await raw(server, '/api/queue', {
    headers: {
      Connection: 'Upgrade, HTTP2-Settings, close',
      Upgrade: 'h2c',
      'HTTP2-Settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
    },
  })
  expect([h2c.status, h2c.text]).toEqual([200, '{"queue_running":[],"queue_pending":[]}'])
  expect(await statusOfHandshake(`${server.url}/elsewhere`)).toBe(404)
})

const token = 'a-token-of-some-length'

test('with a token nothing is answered without it, on HTTP and sockets', async () => {
  const server = await openServer({ token })
  for (const path of ['/', '/api/queue', '/ws', '/view?filename=a.png', '/bridge/keys', '/index.html']) {
    const { status, text } = await raw(server, path)
    expect([path, status, JSON.parse(text)]).toMatchObject([path, 401, { error: { code: 'token-missing' } }])
  }
  for (const wrong of ['', 'wrong', `${token}x`, token.slice(1)]) {
    expect((await raw(server, '/api/queue', { headers: { Authorization: `Bearer ${wrong}` } })).status).toBe(
      401,
    )
    expect((await raw(server, `/api/queue?token=${wrong}`)).status).toBe(401)
    expect(
      (await raw(server, '/api/queue', { headers: { Cookie: `rh_bridge_token=${wrong}` } })).status,
    ).toBe(401)
    expect(await statusOfHandshake(`${server.url}/ws?token=${wrong}`)).toBe(401)
  }
})

test('the token is taken as bearer, as cookie and in the address, on HTTP and sockets', async () => {
  const server = await openServer({ token })
  for (const [path, headers] of [
    ['/api/queue', { Authorization: `Bearer ${token}` }],
    ['/api/queue', { Cookie: `other=1; rh_bridge_token=${token}` }],
    [`/api/queue?token=${token}`, {}],
  ] as const) {
    expect((await raw(server, path, { headers })).status).toBe(200)
    const socket = await openSocket(`${server.url}${path.replace('/api/queue', '/ws')}`, headers)
    socket.close()
  }
})

test('a page opened with the token gets a cookie, and the token leaves the address', async () => {
  const server = await openServer({ token })
  const opened = await raw(server, `/?token=${token}`, { headers: { Accept: 'text/html' } })
  expect([opened.status, opened.headers.location]).toEqual([302, '/'])
  const cookie = String(opened.headers['set-cookie'])
  expect(cookie).toMatch(/rh_bridge_token=.*HttpOnly.*SameSite=Strict/)
  const page = await raw(server, '/', { headers: { Cookie: cookie.split(';')[0] ?? '' } })
  expect([page.status, page.headers['content-type']]).toMatchObject([
    200,
    expect.stringContaining('text/html'),
  ])
  const elsewhere = await raw(server, `//evil.example/?token=${token}`, { headers: { Accept: 'text/html' } })
  expect(elsewhere.headers.location ?? '').not.toMatch(/^\/\//)
})

test('a cookie does not open the server to another site’s page', async () => {
  const server = await openServer({ token })
  const headers = { Cookie: `rh_bridge_token=${token}`, Origin: 'https://evil.example' }
  expect((await raw(server, '/api/queue', { headers })).status).toBe(403)
  expect(await statusOfHandshake(`${server.url}/ws`, headers)).toBe(403)
})

test('listening for other machines wants a token, and then takes any name for the machine', async () => {
  await expect(openServer({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'token-needed' })
  const server = await openServer({ host: '0.0.0.0', token })
  const headers = { Host: 'my-machine.local:8188', Authorization: `Bearer ${token}` }
  expect((await raw(server, '/api/queue', { headers })).status).toBe(200)
  expect(
    (await raw(server, '/api/queue', { headers: { ...headers, Origin: 'http://my-machine.local:8188' } }))
      .status,
  ).toBe(200)
  expect(
    (await raw(server, '/api/queue', { headers: { ...headers, Origin: 'http://evil.example' } })).status,
  ).toBe(403)
})

test('a node that names files outside its folder is refused by validation', async () => {
  const server = await openServer()
  for (const image of ['../../etc/passwd', '/etc/passwd', 'a\0.png', '../x.png [output]']) {
    const { status, json } = await server.post('/prompt', {
      prompt: { '1': node('LoadImage', { image }), '2': node('PreviewImage', { images: ['1', 0] }) },
    })
    expect([status, json]).toMatchObject([400, { error: { type: 'prompt_outputs_failed_validation' } }])
  }
})
