import { expect, test } from 'vitest'
import { openServer, openSocket } from '../support/open-server.ts'
import { textPrompt } from '../support/prompts.ts'
import { expectHonestClientIsServed, raw, spoken, statusOfHandshake } from '../support/raw-http.ts'

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
