import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { isInside } from '../../server/shared/own-network.ts'
import { openServer, type TestServer } from '../support/open-server.ts'

/** A site somewhere: a picture under three addresses, a page, a way without end. */
let site: Server
let address: string
const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3])
beforeAll(async () => {
  site = createServer((request, response) => {
    const path = request.url ?? ''
    if (path === '/cat%20one.png' || path === '/plain') {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': picture.length })
      response.end(picture)
    } else if (path === '/named') {
      response.writeHead(200, { 'content-disposition': `attachment; filename="../../a b.json"` }).end('{}')
    } else if (path === '/moved') response.writeHead(302, { location: '/cat%20one.png' }).end()
    else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end()
    else if (path === '/ftp') response.writeHead(302, { location: 'ftp://127.0.0.1/x' }).end()
    else if (path === '/page')
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>')
    else response.writeHead(404).end()
  })
  await new Promise<void>(done => site.listen(0, '127.0.0.1', done))
  const at = site.address()
  address = `http://127.0.0.1:${typeof at === 'object' && at ? at.port : 0}`
})
afterAll(() => {
  site.closeAllConnections()
  site.close()
})

const bring = (server: TestServer, url: unknown) => server.post('/bridge/fetch', { url })

test('the file a link names is brought, with a name and never as a page of this server', async () => {
  const server = await openServer()
  for (const path of ['/cat%20one.png', '/moved']) {
    const { status, bytes, headers } = await bring(server, address + path)
    expect(status).toBe(200)
    expect(bytes.equals(picture)).toBe(true)
    expect(decodeURIComponent(headers.get('x-file-name') ?? '')).toBe('cat one.png')
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  }
  const nameOf = async (path: string) =>
    decodeURIComponent((await bring(server, address + path)).headers.get('x-file-name') ?? '')
  expect(await nameOf('/plain')).toBe('plain.png')
  expect(await nameOf('/named')).toBe('.._.._a b.json')
})

test('what brings no file says why', async () => {
  const server = await openServer()
  const code = async (url: unknown) => {
    const { status, json } = await bring(server, url)
    return [status, (json as { error: { code: string } }).error.code]
  }
  expect(await code(`${address}/page`)).toEqual([422, 'link-page'])
  expect(await code(`${address}/gone`)).toEqual([502, 'link-refused'])
  expect(await code(`${address}/loop`)).toEqual([502, 'link-refused'])
  expect(await code(`${address}/ftp`)).toEqual([400, 'bad-link'])
  expect(await code('file:///etc/passwd')).toEqual([400, 'bad-link'])
  expect(await code('http://127.0.0.1:1/x.png')).toEqual([502, 'link-unreachable'])
  expect(await code(7)).toEqual([400, 'bad-link'])
})

test('a server for other machines does not reach into its own network for them', async () => {
  const server = await openServer({ host: '0.0.0.0', token: 'a-token-of-this-test' })
  const headers = { authorization: 'Bearer a-token-of-this-test' }
  for (const host of [
    address,
    address.replace('127.0.0.1', 'localhost'),
    'http://[::1]',
    'http://169.254.169.254',
  ]) {
    const answer = await server.post('/bridge/fetch', { url: `${host}/plain` }, { headers })
    expect([answer.status, (answer.json as { error: { code: string } }).error.code]).toEqual([
      403,
      'link-inside',
    ])
  }
  expect(['10.1.2.3', '192.168.0.9', '::ffff:127.0.0.1', 'fe80::1', 'fd00::2'].every(isInside)).toBe(true)
  expect(['8.8.8.8', '2606:4700::1111'].some(isInside)).toBe(false)
})

test('nor is a model registry fetched from there', async () => {
  const asked: string[] = []
  const inside = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('{"models":[]}')
  })
  await new Promise<void>(done => inside.listen(0, '127.0.0.1', done))
  onTestFinished(() => void inside.close())
  const at = inside.address()
  const port = typeof at === 'object' && at ? at.port : 0
  const open = await openServer({ host: '0.0.0.0', token: 'a-token-of-this-test' })
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]']) {
    const wish = { url: `http://${host}:${port}/${host}` }
    const headers = { authorization: 'Bearer a-token-of-this-test' }
    const { status, json } = await open.post('/bridge/models', wish, { headers })
    expect([host, status]).toEqual([host, 400])
    expect(JSON.stringify(json)).toContain('network of this server')
  }
  expect(asked).toEqual([])
  // In front of its own machine a person may.
  const own = await openServer()
  await own.post('/bridge/models', { url: `http://127.0.0.1:${port}/own` })
  expect(asked).toEqual(['/own'])
})
