import { describe, expect, test } from 'vitest'
import { followTask, type TaskSight } from '../../server/runninghub/follow.ts'
import { CloudError, type RunningHubClient } from '../../server/runninghub/index.ts'
import type { TaskState } from '../../server/runninghub/outputs.ts'
import { type FaultRule, specialWorkflows } from '../../server/sandbox/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { clientFor, createCallClock, never, openCloud, says, sdxl, typesOf } from './support.ts'

const done = says({
  code: 0,
  msg: 'success',
  data: [
    {
      fileUrl: 'http://127.0.0.1:1/output/x.png',
      fileType: 'png',
      taskCostTime: '83',
      nodeId: '9',
      consumeCoins: '17',
    },
  ],
})
const queued = says({ code: 813, msg: 'APIKEY_TASK_IS_QUEUED', data: null })
const running = says({ code: 804, msg: 'APIKEY_TASK_IS_RUNNING', data: null })
const nullData = says({ code: 0, msg: '任务正在运行中', data: null })
const empty = says({ code: 0, msg: 'success', data: [] })

/** A sandbox that answers outputs with these, one after the other, then truly. */
async function openScripted(answers: FaultRule['do'][], more: FaultRule[] = []) {
  const clock = createCallClock()
  const faults = answers.map((action): FaultRule => ({ on: 'outputs', do: action }))
  const cloud = await openCloud({ clock, faults: [...faults, ...more] })
  const polls = () => {
    const created = cloud.requests('/create')[0]?.at ?? 0
    return cloud.requests('/outputs').map(({ at }) => at - created)
  }
  return { ...cloud, clock, polls }
}

const gaps = (times: number[]) => times.map((time, index) => time - (times[index - 1] ?? 0))

describe('the states on the way', () => {
  test('813, then 804, then a list: queued, running, done', async () => {
    const { runToEnd, clock } = await openScripted([queued, queued, running, done])
    const { events } = await clock.run(runToEnd(sdxl))
    expect(typesOf(events)).toEqual(['submitting', 'created', 'queued', 'running', 'done'])
    expect(events.at(-1)).toMatchObject({ files: [{ type: 'png', nodeId: '9' }], texts: [] })
  })

  test('code 0 with null is running, however long it lasts', async () => {
    const { runToEnd, clock } = await openScripted([...Array.from({ length: 60 }, () => nullData), done])
    const { events } = await clock.run(runToEnd(sdxl))
    expect(typesOf(events)).toEqual(['submitting', 'created', 'running', 'done'])
  })

  test('an old server says queued in words', async () => {
    const { runToEnd, clock } = await openScripted([says({ code: 0, msg: '任务排队中', data: null }), done])
    expect(typesOf((await clock.run(runToEnd(sdxl))).events)).toEqual([
      'submitting',
      'created',
      'queued',
      'done',
    ])
  })

  test('running never falls back to queued', async () => {
    const { runToEnd, clock } = await openScripted([running, queued, running, done])
    expect(typesOf((await clock.run(runToEnd(sdxl))).events)).toEqual([
      'submitting',
      'created',
      'running',
      'done',
    ])
  })

  test('an empty list is asked about twice more before it is believed, and status must agree', async () => {
    const ended: FaultRule = { on: 'status', do: says({ code: 0, msg: '', data: 'SUCCESS' }) }
    const { runToEnd, clock, polls } = await openScripted([empty, empty, empty, done], [ended])
    const { events } = await clock.run(runToEnd(sdxl))
    expect(events.at(-1)).toMatchObject({ type: 'done', files: [], texts: [] })
    expect(polls()).toHaveLength(3)
  })

  test('files that come a little after an empty list are not lost', async () => {
    const { runToEnd, clock } = await openScripted([empty, empty, done])
    expect((await clock.run(runToEnd(sdxl))).events.at(-1)).toMatchObject({ files: [{ type: 'png' }] })
  })

  test.each([
    ['nothing', 0],
    ['finishesQueued', 1],
    ['runsAsNull', 1],
    ['runsWithoutUrl', 1],
    ['createWithoutUrl', 1],
  ] as const)('the workflow "%s" comes to its end with %i files', async (name, files) => {
    const { runToEnd, clock } = await openScripted([])
    const { events } = await clock.run(runToEnd(specialWorkflows[name].id))
    const last = events.at(-1)
    expect(last?.type === 'done' && last.files).toHaveLength(files)
  })
})

describe('a task that failed', () => {
  const reason = {
    node_id: 276,
    node_name: 'SONIC_PreData',
    exception_type: 'TypeError',
    exception_message: 'bad\n',
  }
  const sentence = 'The cloud task failed at node 276 (SONIC_PreData): TypeError: bad'

  test.each([
    ['an object', { failedReason: reason }, sentence],
    ['JSON in a text', { failedReason: JSON.stringify(reason) }, sentence],
    [
      'plain words',
      { failedReason: 'the machine caught fire' },
      'The cloud task failed: the machine caught fire',
    ],
    ['words in JSON', { failedReason: '"quoted words"' }, 'The cloud task failed: quoted words'],
    [
      'a node alone',
      { failedReason: { node_id: '3', node_name: 'KSampler' } },
      'The cloud task failed at node 3 (KSampler).',
    ],
    [
      'an empty object',
      { failedReason: {} },
      'The cloud task failed or was cancelled; RunningHub gave no reason.',
    ],
    [
      'an empty text',
      { failedReason: '' },
      'The cloud task failed or was cancelled; RunningHub gave no reason.',
    ],
    ['null', null, 'The cloud task failed or was cancelled; RunningHub gave no reason.'],
  ])('805 with %s tells what is known', async (_what, data, message) => {
    const { runToEnd, clock, sandbox } = await openScripted([
      says({ code: 805, msg: 'APIKEY_TASK_STATUS_ERROR', data }),
    ])
    const { error } = await clock.run(runToEnd(sdxl))
    expect(error).toMatchObject({
      message,
      code: 'cloud-805',
      cloudCode: 805,
      taskId: sandbox.tasks()[0]?.taskId,
      hint: expect.stringMatching(/\w+\.$/),
    })
  })

  test.each([
    ['CUDA out of memory', 'use_rtx4090_48g'],
    ['显存不足', 'use_rtx4090_48g'],
    ['NSFW content', 'moderation'],
  ])('%s gets advice of its own', async (failedReason, word) => {
    const { runToEnd, clock } = await openScripted([says({ code: 805, msg: '', data: { failedReason } })])
    expect((await clock.run(runToEnd(sdxl))).error).toMatchObject({ hint: expect.stringContaining(word) })
  })

  test.each([['FAILED'], ['CANCEL']])('code 0 with taskStatus %s is a failure', async taskStatus => {
    const { runToEnd, clock } = await openScripted([
      says({ code: 0, msg: '', data: { taskStatus, failedReason: reason } }),
    ])
    expect((await clock.run(runToEnd(sdxl))).error).toMatchObject({ message: sentence, code: 'cloud-805' })
  })

  test.each([
    ['fails', 'node 3 (KSampler)'],
    ['failsWithoutReason', 'gave no reason'],
    ['fails500', '任务执行失败'],
  ] as const)('the workflow "%s" ends with an error that says %s', async (name, words) => {
    const { runToEnd, clock } = await openScripted([])
    const { error } = await clock.run(runToEnd(specialWorkflows[name].id))
    expect(error).toMatchObject({ cloudCode: 805, message: expect.stringContaining(words) })
  })

  test('promptTips that say the graph cannot run name the nodes and the task', async () => {
    const errors = [{ type: 'value_not_in_list', message: 'Value not in list', details: "scheduler: 'x'" }]
    const node_errors = { 3: { errors, class_type: 'KSampler' }, '57:8': {} }
    const promptTips = JSON.stringify({ result: false, error: {}, node_errors })
    const data = { taskId: '1910246754753896450', taskStatus: 'QUEUED', promptTips }
    const { runToEnd, clock } = await openScripted(
      [],
      [{ on: 'create', do: says({ code: 0, msg: '', data }) }],
    )
    expect((await clock.run(runToEnd(sdxl))).error).toMatchObject({
      taskId: '1910246754753896450',
      message: [
        'RunningHub took the task but its graph cannot run: 2 nodes have errors',
        "node 3 (KSampler): Value not in list: scheduler: 'x'",
        'node 57:8 (?)',
      ].join('\n'),
    })
  })
})

describe('code 500 in outputs', () => {
  const fault = says({ code: 500, msg: '任务执行失败', data: null })

  test.each([['QUEUED'], ['RUNNING'], ['CREATE'], ['SOMETHING_NEW']])(
    'is no end while status says %s',
    async data => {
      const { runToEnd, clock } = await openScripted(
        [fault, done],
        [{ on: 'status', do: says({ code: 0, msg: '', data }) }],
      )
      expect(typesOf((await clock.run(runToEnd(sdxl))).events).at(-1)).toBe('done')
    },
  )

  test('is no end while status says SUCCESS: the result is asked for again', async () => {
    const { runToEnd, clock } = await openScripted(
      [fault, done],
      [{ on: 'status', do: says({ code: 0, msg: '', data: 'SUCCESS' }) }],
    )
    const { events, error } = await clock.run(runToEnd(sdxl))
    expect(error).toBeUndefined()
    expect(events.at(-1)?.type).toBe('done')
  })

  test('is no end when the status call fails as well', async () => {
    const { runToEnd, clock } = await openScripted(
      [fault, done],
      [{ on: 'status', do: { kind: 'http', status: 502 } }],
    )
    expect((await clock.run(runToEnd(sdxl))).events.at(-1)?.type).toBe('done')
  })

  test.each([['FAILED'], ['CANCEL']])('is the end when status says %s', async data => {
    const { runToEnd, clock } = await openScripted(
      [fault],
      [{ on: 'status', do: says({ code: 0, msg: '', data }) }],
    )
    expect((await clock.run(runToEnd(sdxl))).error).toMatchObject({ cloudCode: 805 })
  })
})

describe('questions that fail', () => {
  test('are tolerated, and the result is still fetched', async () => {
    const { runToEnd, clock } = await openScripted([
      { kind: 'http', status: 502 },
      running,
      { kind: 'garbage' },
      { kind: 'reset' },
      running,
      says({ code: 1005, msg: 'Internal server error' }),
      { kind: 'empty' },
      done,
    ])
    const { events, error } = await clock.run(runToEnd(sdxl))
    expect(error).toBeUndefined()
    expect(events.at(-1)?.type).toBe('done')
  })

  test('807 is tolerated just after the create', async () => {
    const unknown = says({ code: 807, msg: 'APIKEY_TASK_NOT_FOUND', data: null })
    const { runToEnd, clock } = await openScripted([unknown, unknown, done])
    expect((await clock.run(runToEnd(sdxl))).events.at(-1)?.type).toBe('done')
  })

  test('807 later ends it, and the error names the task', async () => {
    const { runToEnd, clock, sandbox } = await openScripted([
      ...Array.from({ length: 8 }, () => running),
      says({ code: 807, msg: 'APIKEY_TASK_NOT_FOUND', data: null }),
    ])
    const { error } = await clock.run(runToEnd(sdxl))
    expect(error).toMatchObject({ code: 'cloud-lost-sight', taskId: sandbox.tasks()[0]?.taskId })
    expect(String((error as Error).message)).toContain('807')
  })

  test('a key that is refused ends it at once', async () => {
    const { runToEnd, clock, polls } = await openScripted([
      running,
      says({ code: 802, msg: 'APIKEY_UNAUTHORIZED', data: null }),
    ])
    expect((await clock.run(runToEnd(sdxl))).error).toMatchObject({ code: 'cloud-lost-sight' })
    expect(polls()).toHaveLength(2)
  })

  test('a dead host on this machine is given up after ten seconds, with the taskId', async () => {
    const { runToEnd, clock, sandbox } = await openScripted(Array.from({ length: 3 }, () => running))
    let taskId = ''
    const { error } = await clock.run(
      runToEnd(sdxl, {
        onEvent: event => {
          if (event.type === 'created') taskId = event.taskId
          if (event.type === 'running') void sandbox.close()
        },
      }),
    )
    expect(error).toMatchObject({
      code: 'cloud-lost-sight',
      taskId,
      hint: expect.stringContaining('24 hours'),
      message: expect.stringContaining(`Task ${taskId} can no longer be followed`),
    })
  })

  test('a host that takes connections and never answers does not hang the run', async () => {
    const { runToEnd, clock } = await openScripted([], [{ on: 'outputs', times: 99, do: { kind: 'hang' } }])
    const began = clock.now()
    const { error } = await clock.run(runToEnd(sdxl))
    expect(error).toMatchObject({ code: 'cloud-lost-sight' })
    expect(clock.now() - began).toBeLessThan(90_000)
  })
})

/** A client whose outputs are told by a function of the time since the start; nothing else is called. */
function following(
  clock: ReturnType<typeof createFakeClock>,
  answer: (elapsedMs: number, count: number) => TaskState | Error,
  more: { giveUpAfterMs?: number; baseUrl?: string; signal?: AbortSignal } = {},
) {
  const start = clock.now()
  const asked: number[] = []
  const client = {
    ...clientFor('http://127.0.0.1:1', clock).client,
    baseUrl: more.baseUrl ?? 'https://www.runninghub.cn',
    outputs: async () => {
      asked.push(clock.now() - start)
      const state = answer(clock.now() - start, asked.length)
      if (state instanceof Error) throw state
      return state
    },
  } satisfies RunningHubClient
  const sights: TaskSight[] = []
  const end = (async () => {
    for await (const sight of followTask('1910246754753896450', {
      client,
      transport: clientFor('http://127.0.0.1:1', clock).transport,
      clock,
      signal: more.signal ?? never,
      patienceMs: more.giveUpAfterMs ?? 24 * 3600_000,
    })) {
      sights.push(sight)
    }
  })()
  return { asked, sights, end: clock.run(end), start }
}

const finished: TaskState = {
  state: 'done',
  files: [{ url: 'https://x/y.png', type: 'png', nodeId: null }],
  texts: [],
  cost: { coins: null, money: null, thirdPartyMoney: null, seconds: null },
}
const noAnswer = () =>
  new CloudError('no answer', { code: 'cloud-no-answer', created: 'unknown', askAgain: true })

describe('time', () => {
  test('a running task is asked for after 1 s, then ever more rarely, down to every 5 s', async () => {
    const { asked, end } = following(createFakeClock(), ms => (ms > 30_000 ? finished : { state: 'running' }))
    await end
    expect(gaps(asked)).toEqual([1000, 1500, 2250, 3375, 5000, 5000, 5000, 5000, 5000])
  })

  test('a queued task is asked for every 2 s at least, because nothing hints at its start', async () => {
    const { asked, end } = following(createFakeClock(), ms => (ms > 15_000 ? finished : { state: 'queued' }))
    await end
    expect(gaps(asked)).toEqual([1000, 1500, 2000, 2000, 2000, 2000, 2000, 2000, 2000])
  })

  test('the polls of a real exchange come at those times too', async () => {
    const { runToEnd, clock, polls } = await openScripted([
      nullData,
      nullData,
      nullData,
      nullData,
      nullData,
      done,
    ])
    await clock.run(runToEnd(sdxl))
    expect(gaps(polls())).toEqual([1000, 1500, 2250, 3375, 5000, 5000])
  })

  test('a task of six hours is followed to its end', async () => {
    const clock = createFakeClock()
    const sixHours = 6 * 3600_000
    const { asked, sights, end, start } = following(clock, ms =>
      ms >= sixHours ? finished : { state: 'running' },
    )
    await end
    expect(sights.at(-1)?.type).toBe('done')
    expect(clock.now() - start).toBeLessThan(sixHours + 5001)
    expect(asked.length).toBeLessThan(sixHours / 5000 + 5)
  })

  test('run_timeout ends the wait with the taskId', async () => {
    const { end } = following(createFakeClock(), () => ({ state: 'running' }), { giveUpAfterMs: 600_000 })
    await expect(end).rejects.toMatchObject({
      code: 'cloud-run-timeout',
      taskId: '1910246754753896450',
      message: 'Task 1910246754753896450 was not done within 600 s (run_timeout).',
    })
  })

  test('a task that is done when run_timeout is over is not thrown away', async () => {
    const { sights, asked, end } = following(
      createFakeClock(),
      ms => (ms > 9000 ? finished : { state: 'running' }),
      { giveUpAfterMs: 10_000 },
    )
    await end
    expect(sights.at(-1)?.type).toBe('done')
    expect(asked.at(-1)).toBe(10_000)
  })

  test('run_timeout counts from the creation, not from the wait for a slot', async () => {
    const busy: FaultRule = {
      on: 'create',
      times: 5,
      do: { kind: 'code', code: 421, msg: 'TASK_QUEUE_MAXED' },
    }
    const { runToEnd, clock } = await openScripted([running, done], [busy])
    const { error } = await clock.run(runToEnd(sdxl, { runTimeoutMs: 20_000 }))
    expect(error).toBeUndefined()
    expect(clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(20_000)
  })

  test('a real site may be silent for two minutes and no more', async () => {
    const back = following(createFakeClock(), ms => (ms < 100_000 ? noAnswer() : finished))
    await back.end
    expect(back.sights.at(-1)?.type).toBe('done')
    const gone = following(createFakeClock(), () => noAnswer())
    await expect(gone.end).rejects.toMatchObject({ code: 'cloud-lost-sight' })
    expect(gone.asked.at(-1)).toBeGreaterThanOrEqual(121_000)
  })

  test('a machine that slept for hours asks at least three times before it gives up', async () => {
    const clock = createFakeClock()
    let jumped = 0
    const sleeping = {
      ...clock,
      now: () => clock.now() + jumped,
    }
    const { asked, sights, end } = following(sleeping, (_ms, count) => {
      if (count === 2) jumped = 8 * 3600_000
      return count < 4 ? (count === 1 ? { state: 'running' } : noAnswer()) : finished
    })
    await end
    expect(asked).toHaveLength(4)
    expect(sights.at(-1)?.type).toBe('done')
  })

  test('a stop ends the wait at once with its reason', async () => {
    const stop = new AbortController()
    const { end } = following(
      createFakeClock(),
      (_ms, count) => {
        if (count === 2) stop.abort('stopped')
        return { state: 'running' }
      },
      { signal: stop.signal },
    )
    await expect(end).rejects.toBe('stopped')
  })
})
