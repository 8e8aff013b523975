import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import type { Force, RunEvent, RunResult } from '../../server/executor/index.ts'
import { type Bridge, createBridge } from '../../server/main.ts'
import {
  createSandbox,
  type Sandbox,
  type SandboxOptions,
  seededFaults,
  specialWorkflows,
} from '../../server/sandbox/index.ts'
import { HandOverError, InterruptedError } from '../../server/shared/abort.ts'
import { systemClock } from '../../server/shared/clock.ts'
import type { Prompt } from '../../server/shared/prompt.ts'

/** A data folder and a sandbox of its own for one test, and bridges on them as further processes would have. */
async function openCase(context: TestContext, options: SandboxOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'rh-once-'))
  const sandbox = await createSandbox({ speed: 10, concurrency: 3, ...options })
  const bridges: Bridge[] = []
  context.onTestFinished(async () => {
    for (const bridge of bridges) {
      await bridge.idle()
      await bridge.close()
    }
    context.expect(sandbox.violations()).toEqual([])
    await sandbox.close()
    await rm(folder, { recursive: true, force: true })
  })
  async function open(clock = systemClock): Promise<Bridge> {
    const bridge = await createBridge(readConfig({ dataDir: folder, baseUrl: sandbox.url }, {}), { clock })
    bridges.push(bridge)
    return bridge
  }
  const end = async (bridge: Bridge) => {
    bridges.splice(bridges.indexOf(bridge), 1)
    await bridge.close()
  }
  return { folder, sandbox, open, end }
}

/** Takes six seconds at this speed (the sandbox's "slow"). */
const slowWorkflow = '2099100000000000123'

/** Independent branches, each a paid task with a prompt of its own. */
function branches(texts: readonly string[], runTimeout = 60, workflowId = '1904136902449209346'): Prompt {
  const prompt: Record<
    string,
    { class_type: string; inputs: Record<string, string | number | [string, number]> }
  > = {
    s: {
      class_type: 'RH_SettingsNode',
      inputs: {
        base_url: 'https://www.runninghub.cn',
        apiKey: '',
        workflowId_webappId: workflowId,
      },
    },
  }
  for (const [index, text] of texts.entries()) {
    prompt[`i${index}`] = {
      class_type: 'RH_NodeInfoListNode',
      inputs: { nodeId: 6, fieldName: 'text', fieldValue: text },
    }
    prompt[`e${index}`] = {
      class_type: 'RH_ExecuteNode',
      inputs: {
        apiConfig: ['s', 0],
        nodeInfoList: [`i${index}`, 0],
        run_timeout: runTimeout,
        concurrency_limit: 1,
      },
    }
    prompt[`o${index}`] = {
      class_type: 'SaveImage',
      inputs: { images: [`e${index}`, 0], filename_prefix: `o${index}` },
    }
  }
  return prompt as Prompt
}

async function run(
  bridge: Bridge,
  prompt: Prompt,
  how: { signal?: AbortSignal; onEvent?: (event: RunEvent) => void; force?: Force; runId?: string } = {},
): Promise<RunResult> {
  return bridge.run({
    checked: await bridge.check(prompt, { force: how.force }),
    keys: new Map(),
    signal: how.signal ?? new AbortController().signal,
    onEvent: how.onEvent ?? (() => {}),
    ...(how.runId !== undefined && { runId: how.runId }),
  })
}

/** The most tasks that were alive at one moment. */
function mostAtOnce(tasks: ReturnType<Sandbox['tasks']>): number {
  const ends = tasks.map(task => task.endedAt ?? Number.POSITIVE_INFINITY)
  return Math.max(
    ...tasks.map(
      ({ createdAt }) =>
        tasks.filter((task, i) => task.createdAt <= createdAt && (ends[i] ?? 0) > createdAt).length,
    ),
  )
}

describe.concurrent('a paid task', () => {
  test('ten tasks of two processes on a key with three slots: never a fourth at once, none refused, all done', async context => {
    const { sandbox, open } = await openCase(context)
    const { expect } = context
    const [one, two] = [await open(), await open()]
    const names = (from: string) => [1, 2, 3, 4, 5].map(n => `${from} ${n}`)
    const results = await Promise.all([run(one, branches(names('one'))), run(two, branches(names('two')))])
    expect(results.map(result => result.status)).toEqual(['success', 'success'])
    expect(sandbox.tasks()).toHaveLength(10)
    expect(mostAtOnce(sandbox.tasks())).toBe(3)
    expect(sandbox.requests().filter(request => request.code === 421)).toEqual([])
    // About one question a second for both processes together, and one more when a socket says that a task has ended.
    const asked = sandbox.requests().filter(({ path }) => path === '/task/openapi/outputs')
    const seconds = ((asked.at(-1)?.at ?? 0) - (asked[0]?.at ?? 0)) / 1000
    expect(asked.length).toBeLessThanOrEqual(seconds + 1 + 10)
  })

  test('an unchanged graph after a restart creates nothing; one changed prompt creates one', async context => {
    const { sandbox, open } = await openCase(context)
    const { expect } = context
    await run(await open(), branches(['a', 'b']))
    expect(sandbox.tasks()).toHaveLength(2)
    const again = await open()
    expect((await run(again, branches(['a', 'b']))).status).toBe('success')
    expect(sandbox.tasks()).toHaveLength(2)
    await run(again, branches(['a', 'c']))
    expect(sandbox.tasks()).toHaveLength(3)
  })

  test('asked for anew, an unchanged graph is paid again', async context => {
    const { sandbox, open } = await openCase(context)
    const { expect } = context
    const bridge = await open()
    await run(bridge, branches(['a']))
    await run(bridge, branches(['a']), { force: true })
    expect(sandbox.tasks()).toHaveLength(2)
  })

  test('asked for anew and cut off by a crash, the same run and the next one take up what was begun; a result of before is not wanted', async context => {
    const { sandbox, open, end } = await openCase(context, { speed: 20 })
    const { expect } = context
    const slow = branches(['a'], 60, slowWorkflow)
    const dying = await open()
    const crash = new AbortController()
    await run(dying, slow, {
      force: true,
      runId: 'cut off',
      signal: crash.signal,
      onEvent(event) {
        if (event.type === 'node-task-changed') crash.abort(new HandOverError())
      },
    })
    await end(dying)
    const [same, next] = [await open(), await open()]
    expect((await run(same, slow, { force: true, runId: 'cut off' })).status).toBe('success')
    expect(sandbox.tasks()).toHaveLength(1)
    // Once more in the same run, as after a crash behind the task's end: it is fetched already.
    expect((await run(same, slow, { force: true, runId: 'cut off' })).status).toBe('success')
    expect(sandbox.tasks()).toHaveLength(1)
    const late = new AbortController()
    await run(next, branches(['b'], 60, slowWorkflow), {
      force: true,
      signal: late.signal,
      onEvent(event) {
        if (event.type === 'node-task-changed') late.abort(new HandOverError())
      },
    })
    await end(next)
    expect((await run(same, branches(['b'], 60, slowWorkflow), { force: true })).status).toBe('success')
    expect(sandbox.tasks()).toHaveLength(2)
    await run(same, branches(['b'], 60, slowWorkflow), { force: ['e0'] })
    expect(sandbox.tasks()).toHaveLength(3)
  })

  test('fed by what the cloud says of this moment it is paid once, too, when its run goes on after a crash', async context => {
    const { sandbox, open, end } = await openCase(context, { speed: 20 })
    const { expect } = context
    const prompt = {
      ...branches(['a'], 60, slowWorkflow),
      kind: { class_type: 'RH_AccountStatus', inputs: { apiConfig: ['s', 0] } },
      i0: {
        class_type: 'RH_NodeInfoListNode',
        inputs: { nodeId: 6, fieldName: 'text', fieldValue: ['kind', 5] },
      },
    } as Prompt
    const dying = await open()
    const crash = new AbortController()
    await run(dying, prompt, {
      runId: 'cut off',
      signal: crash.signal,
      onEvent(event) {
        if (event.type === 'node-task-changed') crash.abort(new HandOverError())
      },
    })
    await end(dying)
    const next = await open()
    expect((await run(next, prompt, { runId: 'cut off' })).status).toBe('success')
    expect(sandbox.tasks()).toHaveLength(1)
    // Another run asks anew.
    await run(next, prompt)
    expect(sandbox.tasks()).toHaveLength(2)
  })

  test('of two runs that wait for one task, the stop of the first leaves it to the second; the stop of both ends it', async context => {
    const { sandbox, open } = await openCase(context, { speed: 20 })
    const { expect } = context
    const bridge = await open()
    /** Both wait for the one task when it is there. */
    const both = async (workflowId: string) => {
      const prompt = branches(['a'], 60, workflowId)
      const stops = [new AbortController(), new AbortController()] as const
      const [taskIsThere, isShared] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const notes: (string | undefined)[] = []
      const first = run(bridge, prompt, {
        signal: stops[0].signal,
        onEvent(event) {
          if (event.type !== 'node-task-changed') return
          notes.push(event.task.note)
          taskIsThere.resolve()
        },
      })
      await taskIsThere.promise
      const second = run(bridge, prompt, {
        signal: stops[1].signal,
        onEvent(event) {
          if (event.type === 'node-progressed' && event.progress.phase === 'working') isShared.resolve()
        },
      })
      await isShared.promise
      return { stops, runs: [first, second] as const, notes }
    }
    const cancels = () => sandbox.requests().filter(({ path }) => path === '/task/openapi/cancel').length
    const one = await both(specialWorkflows.endless.id)
    for (const stop of one.stops) stop.abort(new InterruptedError())
    await Promise.all(one.runs)
    await bridge.idle()
    expect([sandbox.tasks().length, cancels()]).toEqual([1, 1])
    const two = await both(slowWorkflow)
    two.stops[0].abort(new InterruptedError())
    expect((await two.runs[0]).status).toBe('interrupted')
    expect((await two.runs[1]).status).toBe('success')
    expect([sandbox.tasks().length, cancels()]).toEqual([2, 1])
    expect(two.notes.at(-1)).toBe('another run waits for it: it goes on')
  })

  test('files that cannot be had yet stay fetchable, and say until when; gone for good, the work is made anew when asked for again', async context => {
    const { sandbox, open } = await openCase(context, { speed: 200 })
    const { expect } = context
    const prompt = branches(['a'], 60, specialWorkflows.forbiddenFile.id)
    const first = await run(await open(), prompt)
    const [task] = sandbox.tasks()
    const until = new Date(Date.now() + 24 * 3600_000).toLocaleDateString('sv-SE')
    expect(first.errors).toMatchObject([{ code: 'result-expired', taskId: task?.taskId }])
    expect(first.errors[0]?.hint).toMatch(
      /Its task is done and paid for: run again before \S+ \d\d:\d\d to fetch the files\. Nothing is created anew\.$/,
    )
    expect(first.errors[0]?.hint).toContain(until)
    expect(first.tasks[0]?.note).toContain(`run again before ${until}`)
    expect((await run(await open(), prompt)).errors[0]?.code).toBe('result-expired')
    expect(sandbox.tasks()).toHaveLength(1)
    const nextDay = { ...systemClock, now: () => Date.now() + 25 * 3600_000 }
    const gone = await run(await open(nextDay), prompt)
    expect(gone.errors).toMatchObject([
      {
        code: 'result-expired',
        hint: expect.stringContaining('Run again to make them anew, which is paid again.'),
      },
    ])
    expect(sandbox.tasks()).toHaveLength(1)
    await run(await open(nextDay), prompt)
    expect(sandbox.tasks()).toHaveLength(2)
  })

  test('results that were cleaned up here are fetched again while RunningHub has them', async context => {
    const { sandbox, open, folder } = await openCase(context, { speed: 200 })
    const { expect } = context
    await run(await open(), branches(['a']))
    await rm(join(folder, 'results'), { recursive: true })
    await rm(join(folder, 'output'), { recursive: true })
    const again = await open()
    const { status, tasks } = await run(again, branches(['a']))
    expect(status).toBe('success')
    expect(sandbox.tasks()).toHaveLength(1)
    expect(
      again.reportTasks(
        'any',
        tasks.map(({ taskId }) => taskId),
      ),
    ).toMatchObject([
      {
        state: 'fetched',
        files: expect.any(Number),
        events: expect.arrayContaining([
          { at: expect.any(Number), what: 'taken up', why: expect.stringContaining('by run') },
        ]),
      },
    ])
  })

  test('the report of a task tells its states, waits and why, what was tried again, and what it gave and cost', async context => {
    const { sandbox, open } = await openCase(context, { speed: 50, concurrency: 1 })
    const { expect } = context
    sandbox.addFaults([{ on: 'create', times: 1, do: { kind: 'code', code: 421, msg: 'TASK_QUEUE_MAXED' } }])
    const bridge = await open()
    const { runId, tasks } = await run(bridge, branches(['a', 'b']))
    const reports = bridge.reportTasks(runId, [])
    expect(reports.map(({ taskId }) => taskId).toSorted()).toEqual(
      tasks.map(({ taskId }) => taskId).toSorted(),
    )
    const [first, second] = reports
    expect(first).toMatchObject({
      ...{ state: 'fetched', retries: 1, site: sandbox.url, recordPage: null, createdBy: runId },
      ...{ files: expect.any(Number), coins: expect.stringMatching(/^\d+$/), seconds: expect.any(String) },
    })
    expect(first?.bytes).toBeGreaterThan(1000)
    expect(first?.events.map(({ what }) => what)).toEqual([
      ...['submitting', 'refused', 'waiting for a slot', 'submitting', 'created'],
      ...(first?.events.some(({ what }) => what === 'queued') ? ['queued'] : []),
      ...(first?.events.some(({ what }) => what === 'running') ? ['running'] : []),
      ...['done', 'fetched'],
    ])
    expect(second?.events[0]).toMatchObject({ what: 'waiting for a slot', why: '1 of 1 busy' })
    expect(second?.waitedMs).toBeGreaterThan(1000)
  })

  test('the same graph twice side by side is one task', async context => {
    const { sandbox, open } = await openCase(context)
    const { expect } = context
    const bridge = await open()
    const results = await Promise.all([run(bridge, branches(['a'])), run(bridge, branches(['a']))])
    expect(results.map(result => result.status)).toEqual(['success', 'success'])
    expect(sandbox.tasks()).toHaveLength(1)
  })

  test('the same graph in two processes at the same moment is one task, and the failure of one is the failure of both', async context => {
    const { sandbox, open } = await openCase(context)
    const { expect } = context
    const bridges = [await open(), await open()]
    const both = (prompt: Prompt) => Promise.all(bridges.map(bridge => run(bridge, prompt)))
    const good = await both(branches(['a', 'b']))
    expect(good.map(result => result.status)).toEqual(['success', 'success'])
    expect(good[0]?.tasks.map(({ taskId }) => taskId).toSorted()).toEqual(
      good[1]?.tasks.map(({ taskId }) => taskId).toSorted(),
    )
    expect(sandbox.tasks()).toHaveLength(2)
    const bad = await both(branches(['a'], 60, specialWorkflows.fails.id))
    expect(bad.map(result => result.errors[0]?.code)).toEqual(['cloud-805', 'cloud-805'])
    expect(sandbox.tasks()).toHaveLength(3)
    await both(branches(['a'], 60, specialWorkflows.fails.id))
    expect(sandbox.tasks()).toHaveLength(4)
  })

  test('a process that ends or is stopped leaves its task to the other that waits for it', async context => {
    const { sandbox, open, end } = await openCase(context, { speed: 20 })
    const { expect } = context
    const cancels = () => sandbox.requests().filter(({ path }) => path === '/task/openapi/cancel').length
    for (const reason of [new HandOverError(), new InterruptedError()]) {
      const [leaving, staying] = [await open(), await open()]
      const slow = branches([reason.name], 60, slowWorkflow)
      const [taskIsThere, isAwaited] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const stop = new AbortController()
      const before = sandbox.tasks().length
      const first = run(leaving, slow, {
        signal: stop.signal,
        onEvent: ({ type }) => type === 'node-task-changed' && taskIsThere.resolve(),
      })
      await taskIsThere.promise
      const second = run(staying, slow, {
        onEvent: event =>
          event.type === 'node-progressed' && event.progress.phase === 'working' && isAwaited.resolve(),
      })
      await isAwaited.promise
      stop.abort(reason)
      expect((await first).status).toBe('interrupted')
      if (reason instanceof HandOverError) await end(leaving)
      expect((await second).status).toBe('success')
      expect([sandbox.tasks().length - before, cancels()]).toEqual([1, 0])
    }
  })

  test('run again while its stop is on the way to the cloud, it waits for what comes of that', async context => {
    const { sandbox, open } = await openCase(context, { speed: 20 })
    const { expect } = context
    const bridge = await open()
    const slow = branches(['a'], 60, slowWorkflow)
    const stop = new AbortController()
    // The cloud says no: the task that goes on is the one to follow.
    sandbox.addFaults([{ on: 'cancel', times: 1, do: { kind: 'code', code: 500, msg: 'BUSY' } }])
    const first = run(bridge, slow, {
      signal: stop.signal,
      onEvent: ({ type }) => type === 'node-task-changed' && stop.abort(new InterruptedError()),
    })
    expect((await first).status).toBe('interrupted')
    expect((await run(bridge, slow)).status).toBe('success')
    expect(sandbox.tasks()).toHaveLength(1)
  })

  test('stopped while the answer to its create is lost, the work is not created again by itself', async context => {
    const { sandbox, open } = await openCase(context)
    const { expect } = context
    const bridge = await open()
    sandbox.addFaults([{ on: 'create', times: 1, do: { kind: 'commit-then-reset' } }])
    const stop = new AbortController()
    const first = await run(bridge, branches(['a']), {
      signal: stop.signal,
      onEvent: event =>
        event.type === 'node-progressed' &&
        event.progress.phase === 'submitting' &&
        stop.abort(new InterruptedError()),
    })
    expect(first.status).toBe('interrupted')
    await bridge.idle()
    expect(sandbox.tasks()).toHaveLength(1)
    expect((await run(bridge, branches(['a']))).errors).toMatchObject([{ code: 'cloud-create-unknown' }])
    expect(sandbox.tasks()).toHaveLength(1)
  })

  test('a result whose saved file was deleted is saved again without being paid again', async context => {
    const { sandbox, open, folder } = await openCase(context)
    const { expect } = context
    const bridge = await open()
    const first = await run(bridge, branches(['a']))
    await rm(join(folder, 'output'), { recursive: true })
    const second = await run(await open(), branches(['a']))
    expect([...second.outputs.keys()]).toEqual([...first.outputs.keys()])
    expect(sandbox.tasks()).toHaveLength(1)
  })

  test('a task that outlives its run_timeout is followed on by the next run, not created again', async context => {
    const { sandbox, open } = await openCase(context)
    const { expect } = context
    const slow = (runTimeout: number) => branches(['a'], runTimeout, slowWorkflow)
    const first = await run(await open(), slow(1))
    expect(first.errors.map(error => error.code)).toEqual(['cloud-run-timeout'])
    expect(first.errors[0]?.taskId).toBe(sandbox.tasks()[0]?.taskId)
    const second = await run(await open(), slow(60))
    expect(second.status).toBe('success')
    expect(sandbox.tasks()).toHaveLength(1)
  })

  test('a stop cancels the task in the cloud and says so; the next run creates a new one', async context => {
    const { sandbox, open } = await openCase(context)
    const { expect } = context
    const bridge = await open()
    const stop = new AbortController()
    const said: string[] = []
    const result = await run(bridge, branches(['a'], 60, slowWorkflow), {
      signal: stop.signal,
      onEvent(event) {
        if (event.type === 'node-task-changed') said.push(event.task.status)
        if (event.type === 'node-task-changed' && event.task.status === 'running')
          stop.abort(new InterruptedError())
      },
    })
    expect(result.status).toBe('interrupted')
    await bridge.idle()
    expect(said.at(-1)).toBe('cancelled')
    expect(sandbox.requests().filter(request => request.path === '/task/openapi/cancel')).toHaveLength(1)
    expect((await run(bridge, branches(['a'], 60, slowWorkflow))).status).toBe('success')
    expect(sandbox.tasks()).toHaveLength(2)
  })

  test('a lost answer to a create is settled by looking when nothing was created', async context => {
    const { sandbox, open } = await openCase(context)
    const { expect } = context
    sandbox.addFaults([{ on: 'create', times: 1, do: { kind: 'reset' } }])
    const result = await run(await open(), branches(['a']))
    expect(result.status).toBe('success')
    expect(sandbox.tasks()).toHaveLength(1)
  })

  test('a lost answer to a create that was carried out is never repeated: the run fails and says what to do', async context => {
    const { sandbox, open } = await openCase(context)
    const { expect } = context
    sandbox.addFaults([{ on: 'create', times: 1, do: { kind: 'commit-then-reset' } }])
    const result = await run(await open(), branches(['a']))
    expect(result.errors.map(error => error.code)).toEqual(['cloud-create-unknown'])
    expect(sandbox.tasks()).toHaveLength(1)
    // Asked again, it still does not pay twice by itself.
    const second = await run(await open(), branches(['a']))
    expect(second.errors.map(error => error.code)).toEqual(['cloud-create-unknown'])
    expect(sandbox.tasks()).toHaveLength(1)
  })

  test.for([1, 2, 3])(
    'on a bad day of the cloud (seed %i) every task is still paid once and every result arrives',
    async (seed, context) => {
      const { expect } = context
      const { sandbox, open } = await openCase(context, {
        seed,
        faults: seededFaults({ lostAnswers: false }),
      })
      const result = await run(await open(), branches(['a', 'b', 'c']))
      expect(result.errors).toEqual([])
      expect(result.outputs.size).toBe(3)
      expect(sandbox.tasks()).toHaveLength(3)
    },
  )
})
