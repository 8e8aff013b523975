import { describe, expect, test } from 'vitest'
import { type CreateNews, createTask } from '../../server/runninghub/create-task.ts'
import type { FaultAction } from '../../server/sandbox/index.ts'
import {
  type Cloud,
  clientFor,
  createCallClock,
  failureOf,
  never,
  openCloud,
  openServer,
  says,
  sdxl,
} from './support.ts'

const request = { kind: 'workflow', targetId: sdxl, nodeInfoList: [] } as const
const createPath = '/task/openapi/create'

function creating(cloud: Pick<Cloud, 'client'>, clock = createCallClock(), random = 0.5) {
  const news: CreateNews[] = []
  const stop = new AbortController()
  const task = createTask(request, {
    client: cloud.client,
    clock,
    signal: stop.signal,
    onNews: item => news.push(item),
    random: () => random,
  })
  return { task, news, stop }
}

const code = (number: number): FaultAction => ({ kind: 'code', code: number, msg: 'AS_IT_CAME' })

describe('no room', () => {
  test.each([[421], [1003], [1011], [1520], [814]])(
    '%i is waited for with growing pauses, and one task is created',
    async number => {
      const clock = createCallClock()
      const cloud = await openCloud({ clock, faults: [{ on: 'create', times: 7, do: code(number) }] })
      const { task, news } = creating(cloud, clock)
      expect((await clock.run(task)).taskId).toMatch(/^\d{19}$/)
      expect(clock.sleeps).toEqual([3000, 4800, 7680, 12288, 19661, 30000, 30000])
      expect(news.filter(({ type }) => type === 'submitting')).toHaveLength(8)
      expect(news[1]).toMatchObject({
        type: 'refused-for-now',
        retryInMs: 3000,
        why: expect.stringMatching(/\w+/),
      })
      expect(cloud.sandbox.tasks()).toHaveLength(1)
      const times = cloud.requests(createPath).map(({ at }) => at)
      expect(times.map((at, index) => at - (times[index - 1] ?? at))).toEqual([0, ...clock.sleeps])
    },
  )

  test('415 is waited for with 30 to 120 s', async () => {
    const clock = createCallClock()
    const cloud = await openCloud({ clock, faults: [{ on: 'create', times: 4, do: code(415) }] })
    await clock.run(creating(cloud, clock).task)
    expect(clock.sleeps).toEqual([30_000, 48_000, 76_800, 120_000])
  })

  test('the pauses are spread by a fifth in both directions', async () => {
    for (const [random, pause] of [
      [0, 2400],
      [0.999_999, 3600],
    ] as const) {
      const clock = createCallClock()
      const cloud = await openCloud({ clock, faults: [{ on: 'create', do: code(421) }] })
      await clock.run(creating(cloud, clock, random).task)
      expect(clock.sleeps).toEqual([pause])
    }
  })

  test('503 and 429 with JSON of RunningHub did not take it and are waited for', async () => {
    const clock = createCallClock()
    const body = '{"code":1011,"msg":"System busy"}'
    const cloud = await openCloud({
      clock,
      faults: [
        { on: 'create', do: { kind: 'http', status: 503, body } },
        { on: 'create', do: { kind: 'http', status: 429, body } },
      ],
    })
    await clock.run(creating(cloud, clock).task)
    expect(clock.sleeps).toHaveLength(2)
    expect(cloud.sandbox.tasks()).toHaveLength(1)
  })

  test('a stop during the pause ends the wait at once and creates nothing', async () => {
    const clock = createCallClock()
    const cloud = await openCloud({ clock, faults: [{ on: 'create', times: 99, do: code(421) }] })
    const { task, news, stop } = creating(cloud, clock)
    const waited = clock.run(task)
    while (!news.some(({ type }) => type === 'refused-for-now')) await new Promise(setImmediate)
    stop.abort('stopped')
    await expect(waited).rejects.toBe('stopped')
    expect(cloud.sandbox.tasks()).toEqual([])
  })
})

const ambiguous: [string, FaultAction, number][] = [
  ['a timeout after sending', { kind: 'commit-then-hang' }, 1],
  ['a hang before anything was done', { kind: 'hang' }, 0],
  ['a reset after sending', { kind: 'commit-then-reset' }, 1],
  ['a reset before anything was done', { kind: 'reset' }, 0],
  ['502 with HTML', { kind: 'commit-then-http', status: 502 }, 1],
  ['504 with HTML', { kind: 'commit-then-http', status: 504 }, 1],
  ['500 with HTML', { kind: 'commit-then-http', status: 500 }, 1],
  ['503 with HTML', { kind: 'commit-then-http', status: 503 }, 1],
  ['200 with HTML', { kind: 'commit-then-http', status: 200, body: '<html>hello</html>' }, 1],
  ['200 with nothing', { kind: 'empty' }, 1],
  ['truncated JSON', { kind: 'truncate', afterBytes: 30 }, 1],
  ['garbage', { kind: 'garbage' }, 1],
  ['code 0 without data', says({ code: 0, msg: 'success', data: null }), 0],
  ['code 0 without taskId', says({ code: 0, msg: 'success', data: { taskStatus: 'QUEUED' } }), 0],
  ['code 0 with an empty taskId', says({ code: 0, msg: 'success', data: { taskId: '' } }), 0],
  ['a task id that is none', says({ code: 0, msg: 'success', data: { taskId: 'null' } }), 0],
  ['JSON that is no envelope', says({ hello: 1 }), 0],
  [
    '500 with JSON of somebody else',
    { kind: 'http', status: 500, body: '{"error":"Internal Server Error"}' },
    0,
  ],
  ['code 500', code(500), 0],
  ['code 1000', code(1000), 0],
  ['code 1005', code(1005), 0],
  ['code 1010', code(1010), 0],
  ['code 1012', code(1012), 0],
]

describe('an answer that leaves it open', () => {
  test.each(ambiguous)('%s sends one create and is told as unknown', async (_what, action, tasks) => {
    const clock = createCallClock()
    const cloud = await openCloud({ clock, faults: [{ on: 'create', do: action }] })
    const error = await failureOf(clock.run(creating(cloud, clock).task))
    expect(error).toMatchObject({
      code: 'cloud-create-unknown',
      created: 'unknown',
      askAgain: false,
      message: expect.stringContaining('A paid task may exist'),
      hint: expect.stringContaining('Nothing was sent a second time'),
    })
    expect(cloud.requests(createPath)).toHaveLength(1)
    expect(cloud.sandbox.tasks()).toHaveLength(tasks)
    expect(clock.sleeps).toEqual([])
  })

  test('a timeout is not told before a minute has passed', async () => {
    const clock = createCallClock()
    const cloud = await openCloud({ clock, faults: [{ on: 'create', do: { kind: 'hang' } }] })
    const began = clock.now()
    await failureOf(clock.run(creating(cloud, clock).task))
    expect(clock.now() - began).toBe(60_000)
  })

  test('a connection that is cut in the middle of the request may have carried it', async () => {
    const clock = createCallClock()
    let requests = 0
    const baseUrl = await openServer(request => {
      requests++
      request.socket.resetAndDestroy()
    })
    const { client } = clientFor(baseUrl, clock)
    expect(await failureOf(clock.run(creating({ client }, clock).task))).toMatchObject({
      code: 'cloud-create-unknown',
    })
    expect(requests).toBe(1)
  })

  test.each([['ETIMEDOUT'], ['EHOSTUNREACH'], ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC']])(
    '%s on a connection that was made is no proof',
    async systemCode => {
      const failure = Object.assign(new Error('read'), { code: systemCode, syscall: 'read' })
      expect(await failureOf(exchangeThatFails(failure))).toMatchObject({ created: 'unknown' })
    },
  )
})

describe('no connection', () => {
  test('a refused one is tried again, and one task is created when the host comes back', async () => {
    const clock = createCallClock()
    const cloud = await openCloud({ clock })
    let refused = 0
    const client: typeof cloud.client = {
      ...cloud.client,
      create: async sent => {
        if (refused++ >= 2) return cloud.client.create(sent)
        return clientFor('http://127.0.0.1:1', clock).client.create(sent)
      },
    }
    await clock.run(creating({ client }, clock).task)
    expect(clock.sleeps).toEqual([1000, 1600])
    expect(cloud.sandbox.tasks()).toHaveLength(1)
  })

  test('a host that stays away is given up after four tries, with nothing created', async () => {
    const clock = createCallClock()
    const { client } = clientFor('http://127.0.0.1:1', clock)
    const error = await failureOf(clock.run(creating({ client }, clock).task))
    expect(error).toMatchObject({ code: 'cloud-unreachable', created: 'wait' })
    expect(error.message).toBe('127.0.0.1:1 cannot be reached (ECONNREFUSED).')
    expect(clock.sleeps).toHaveLength(3)
  })

  test.each([
    ['connect', 'ECONNREFUSED'],
    ['connect', 'ETIMEDOUT'],
    ['getaddrinfo', 'ENOTFOUND'],
    ['getaddrinfo', 'EAI_AGAIN'],
    [undefined, 'UND_ERR_CONNECT_TIMEOUT'],
    [undefined, 'CERT_HAS_EXPIRED'],
    [undefined, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    [undefined, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [undefined, 'ERR_SSL_WRONG_VERSION_NUMBER'],
  ])('%s %s proves that nothing was sent', async (syscall, systemCode) => {
    const failure = Object.assign(new Error('no'), { code: systemCode, syscall })
    expect(await failureOf(exchangeThatFails(failure))).toMatchObject({ created: 'wait' })
  })
})

test.each([[802], [803], [810], [380], [301], [433], [416], [801], [901]])(
  '%i is refused at once',
  async number => {
    const clock = createCallClock()
    const cloud = await openCloud({ clock, faults: [{ on: 'create', times: 9, do: code(number) }] })
    const error = await failureOf(clock.run(creating(cloud, clock).task))
    expect(error).toMatchObject({ cloudCode: number, created: 'no' })
    expect(cloud.requests(createPath)).toHaveLength(1)
    expect(clock.sleeps).toEqual([])
  },
)

test('HTTP 401 and 404 refuse at once, whatever their body is', async () => {
  for (const status of [401, 404, 403]) {
    const clock = createCallClock()
    const cloud = await openCloud({ clock, faults: [{ on: 'create', do: { kind: 'http', status } }] })
    expect(await failureOf(clock.run(creating(cloud, clock).task))).toMatchObject({ created: 'no' })
    expect(cloud.requests(createPath)).toHaveLength(1)
  }
})

test('a stop before the create sends nothing', async () => {
  const clock = createCallClock()
  const cloud = await openCloud({ clock })
  const task = createTask(request, {
    client: cloud.client,
    clock,
    signal: AbortSignal.abort('before'),
    onNews: () => {},
    random: () => 0.5,
  })
  await expect(task).rejects.toBe('before')
  expect(cloud.requests(createPath)).toEqual([])
})

test('a stop while the create is on its way waits for the id of the task', async () => {
  const clock = createCallClock()
  const cloud = await openCloud({ clock, faults: [{ on: 'create', do: { kind: 'delay', ms: 3000 } }] })
  const { task, stop } = creating(cloud, clock)
  stop.abort('stopped')
  expect((await clock.run(task)).taskId).toBe(cloud.sandbox.tasks()[0]?.taskId)
})

/** An exchange whose connection fails as told. */
function exchangeThatFails(failure: Error): Promise<unknown> {
  const clock = createCallClock()
  const { transport } = clientFor('http://127.0.0.1:1', clock)
  const body = (async function* () {
    yield Buffer.from('{')
    throw failure
  })()
  return openServer(() => {}).then(baseUrl =>
    transport.exchange({
      method: 'POST',
      url: baseUrl,
      body: body as unknown as import('node:stream').Readable,
      requestTimeoutMs: 60_000,
      signal: never,
    }),
  )
}
