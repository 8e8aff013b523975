import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { notifySchema } from '../../server/http/control-schemas.ts'
import { createNotifier } from '../../server/notify/index.ts'
import { createDeliveryStore, openDatabase } from '../../server/storage/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { openServer } from '../support/open-server.ts'
import { cloudPrompt } from '../support/prompts.ts'

const sdxl = '1904136902449209346'
const secret = `whsec_${Buffer.from('a secret of thirty-two bytes 123').toString('base64')}`

type Call = { headers: IncomingHttpHeaders; body: string }

/** Somebody who is called; answers with these, one after the other, then 200. */
async function openReceiver(answers: readonly (number | { location: string })[] = []) {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    const answer = answers[calls.length] ?? 200
    calls.push({ headers: request.headers, body: await text(request) })
    if (typeof answer === 'number') response.writeHead(answer).end('thanks')
    else response.writeHead(307, answer).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, calls }
}

/** As the README tells receivers to do it. */
function isGenuine({ headers, body }: Call, key = secret, nowMs = Date.now()): boolean {
  const [id, at, given] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(name =>
    String(headers[name]),
  )
  if (Math.abs(nowMs / 1000 - Number(at)) > 300) return false
  const mac = createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
    .update(`${id}.${at}.${body}`)
    .digest('base64')
  const expected = Buffer.from(`v1,${mac}`)
  return given?.length === expected.length && timingSafeEqual(Buffer.from(given), expected)
}

async function openNotifier(allowsPrivate = true, path = ':memory:') {
  const clock = createFakeClock(Date.now())
  const database = openDatabase(path)
  const store = createDeliveryStore(database)
  const trouble: unknown[] = []
  const open = () =>
    createNotifier({
      ...{ clock, allowsPrivate, secret: () => secret },
      store: () => store,
      clean: body => body.replaceAll('a-key', '…'),
      cleanOfAll: async body => body.replaceAll('kept-one', '…'),
      onTrouble: error => trouble.push(error),
    })
  const notifier = open()
  onTestFinished(async () => {
    await notifier.close()
    database.close()
    expect(trouble).toEqual([])
  })
  return { clock, store, notifier, open }
}

test('a call is signed, told once, and tried again under the same id with growing pauses', async () => {
  const { url, calls } = await openReceiver([500, 503])
  const { clock, notifier, store } = await openNotifier()
  const id = notifier.tell(url, 'run.ended', { id: 'r1', text: 'with a-key and kept-one in it' })
  expect(await notifier.settled(id, 1)).toMatchObject({ state: 'waiting', tries: 1, last: 'HTTP 500' })
  expect(calls).toHaveLength(1)
  await clock.advance(4_000)
  expect(calls).toHaveLength(1)
  await clock.advance(2_000)
  await notifier.settled(id, 2)
  await clock.advance(31_000)
  expect(await notifier.settled(id, 9)).toMatchObject({ state: 'done', tries: 3 })
  await clock.advance(24 * 3600_000)
  expect(calls).toHaveLength(3)
  expect(new Set(calls.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([id]))
  expect(calls.every(call => isGenuine(call))).toBe(true)
  expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({
    event: 'run.ended',
    id: 'r1',
    text: 'with … and … in it',
  })
  const [call] = calls
  if (!call) throw new Error('nobody was called')
  expect(isGenuine({ ...call, body: call.body.replace('r1', 'r2') })).toBe(false)
  expect(isGenuine(call, 'whsec_b3RoZXI=')).toBe(false)
  expect(isGenuine(call, secret, Date.now() + 3600_000)).toBe(false)
  store.trim(clock.now() + 1, 1000)
  expect(store.list(9)).toEqual([])
})

test('what never arrives is given up after eight tries; what was left is taken up by the next start', async () => {
  const { url, calls } = await openReceiver(Array.from({ length: 20 }, () => 500))
  const { clock, notifier, store, open } = await openNotifier()
  const id = notifier.tell(url, 'run.ended', {})
  await notifier.settled(id, 1)
  await notifier.close()
  const next = open()
  onTestFinished(() => next.close())
  next.start()
  for (let tries = 2; tries <= 8; tries++) {
    await clock.advance(22_000_000)
    await expect.poll(() => store.find(id)?.tries).toBe(tries)
  }
  expect(store.find(id)).toMatchObject({ state: 'failed', last: 'HTTP 500' })
  await clock.advance(100_000_000)
  expect(calls).toHaveLength(8)
})

test('nothing of this machine or its network is called unless allowed, by whatever name; redirects are not followed', async () => {
  const inner = await openReceiver()
  const port = new URL(inner.url).port
  const { notifier } = await openNotifier(false)
  for (const host of [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '2130706433',
    'localhost.',
    '10.0.0.1',
  ]) {
    const id = notifier.tell(`http://${host}:${port}/hook`, 'ping', {})
    expect(await notifier.settled(id, 1), host).toMatchObject({
      state: 'waiting',
      last: expect.stringContaining('own network'),
    })
  }
  expect(inner.calls).toEqual([])
  const outer = await openReceiver([{ location: inner.url }])
  const { notifier: free } = await openNotifier()
  expect(await free.settled(free.tell(outer.url, 'ping', {}), 1)).toMatchObject({ last: 'HTTP 307' })
  expect(inner.calls).toEqual([])
})

test('a server tells of runs and batches that end, with files, costs and errors, and never a key', async () => {
  const { url, calls } = await openReceiver()
  const server = await openServer({ notifyUrl: url, notifyPrivate: true })
  const { id } = await server.runToEnd(cloudPrompt(sdxl))
  await expect.poll(() => calls.length).toBe(1)
  const run = JSON.parse(calls[0]?.body ?? '')
  expect(run).toMatchObject({
    ...{ event: 'run.ended', id, status: 'success', errors: [] },
    outputs: [{ kind: 'image', filename: expect.stringMatching(/\.png$/), sha256: expect.any(String) }],
    tasks: [{ taskId: expect.stringMatching(/^\d+$/), coins: expect.any(String) }],
  })
  expect(run.coins).toBe(Number(run.tasks[0].coins))
  const own = (await readFile(join(server.dataDir, 'notify.secret'), 'utf8')).trim()
  const key = `whsec_${Buffer.from(own, 'base64url').toString('base64')}`
  expect(calls.map(call => isGenuine(call, key))).toEqual([true])

  const mapping = { prompt: ['2.fieldValue'] }
  await server.post('/bridge/batches', {
    title: 'cats',
    prompt: cloudPrompt(sdxl),
    csv: 'prompt\na\nb\n',
    mapping,
  })
  await expect.poll(() => calls.length).toBe(2)
  expect(JSON.parse(calls[1]?.body ?? '')).toMatchObject({
    ...{ event: 'batch.ended', name: 'cats', status: 'done', rows: 2, done: 2, failed: 0 },
    outputs: [{ row: 1, kind: 'image' }, { row: 2 }],
  })
  const known = notifySchema.strict().parse((await server.get('/bridge/notify')).json)
  expect(known).toMatchObject({ url, fromFlag: true, deliveries: [{ state: 'done' }, { state: 'done' }] })
})

test('the address can be set and tried in the settings, but not one of the own network', async () => {
  const { url, calls } = await openReceiver()
  const closed = await openServer()
  const patch = (server: typeof closed, to: unknown) =>
    server.post('/bridge/notify', { url: to }, { method: 'PATCH' })
  expect((await patch(closed, url)).json).toMatchObject({ error: { code: 'notify-inside' } })
  expect((await patch(closed, 'x')).json).toMatchObject({ error: { code: 'bad-notify-url' } })
  expect((await closed.post('/bridge/notify/test')).status).toBe(409)
  const server = await openServer({ notifyPrivate: true })
  expect((await patch(server, url)).json).toMatchObject({ url, fromFlag: false })
  expect((await server.post('/bridge/notify/test')).json).toMatchObject({
    deliveries: [{ event: 'ping', state: 'done', last: 'HTTP 200' }],
  })
  expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({ event: 'ping' })
  await server.close()
  const again = await openServer({ dataDir: server.dataDir, notifyPrivate: true })
  expect((await again.get('/bridge/notify')).json).toMatchObject({ url })
  expect((await patch(again, null)).json).toMatchObject({ url: null })
})
