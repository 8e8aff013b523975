import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { RunEvent, RunResult } from '../../server/executor/index.ts'
import {
  type FaultAction,
  type FaultPlace,
  type SandboxOptions,
  specialWorkflows as special,
} from '../../server/sandbox/index.ts'
import { InterruptedError } from '../../server/shared/abort.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { node } from '../support/prompts.ts'
import { openWorld, type Process, type RunHow } from './world.ts'

const picture = '1867632304280715265'
const hour = 3_600_000
const html = '<!DOCTYPE html><html><body>Please wait.</body></html>'
const page = (status: number): FaultAction => ({ kind: 'http', status, body: html, contentType: 'text/html' })
const says = (code: number): FaultAction => ({ kind: 'code', code, msg: 'as the cloud says' })
const answers = (body: unknown): FaultAction => ({ kind: 'http', status: 200, body: JSON.stringify(body) })

/** One task and its picture saved. */
const one = (targetId: string = picture, runTimeoutS = 600, apiKey = ''): Prompt => ({
  s: node('RH_SettingsNode', { base_url: '', apiKey, workflowId_webappId: targetId }),
  i: node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: 'a case' }),
  e: node('RH_ExecuteNode', { apiConfig: ['s', 0], nodeInfoList: ['i', 0], run_timeout: runTimeoutS }),
})

async function openCase(options: SandboxOptions = {}) {
  const world = await openWorld(options)
  onTestFinished(world.close)
  const { clock, sandbox } = world
  const process = await world.open()
  const events: RunEvent[] = []
  const run = async (prompt: Prompt = one(), how: RunHow & { by?: Process } = {}): Promise<RunResult> => {
    const startedAt = clock.now()
    const result = await clock.run(
      (how.by ?? process).run(prompt, { ...how, onEvent: event => events.push(event) }),
    )
    tookMs = clock.now() - startedAt
    return result
  }
  let tookMs = 0
  return {
    ...world,
    process,
    run,
    events,
    tookMs: () => tookMs,
    fault(on: FaultPlace, action: FaultAction, times = 1, skip = 0) {
      sandbox.addFaults([{ on, do: action, times, skip }])
    },
    calls: (end: string) => sandbox.requests().filter(({ path }) => path.endsWith(end)),
    phases: () =>
      events
        .flatMap(event => (event.type === 'node-progressed' ? [event.progress.phase] : []))
        .filter((phase, at, all) => phase !== all[at - 1]),
  }
}

type Case = Awaited<ReturnType<typeof openCase>>

/** It came to its end in good order: one create, one result. */
function expectOnce({ sandbox }: Case, result: RunResult): void {
  expect(result.errors).toEqual([])
  expect(result.status).toBe('success')
  expect(sandbox.tasks()).toHaveLength(1)
}

const errorOf = (result: RunResult) => result.errors[0]

test('ambiguous create: told, not repeated, and followed on when somebody names the task', async () => {
  const it = await openCase()
  it.fault('create', { kind: 'commit-then-reset' })
  const first = await it.run()
  expect(errorOf(first)).toMatchObject({
    code: 'cloud-create-unknown',
    hint: expect.stringContaining('task list'),
  })
  // Asked again, it still pays nothing twice by itself.
  expect(errorOf(await it.run())).toMatchObject({ code: 'cloud-create-unknown' })
  expect(it.sandbox.tasks()).toHaveLength(1)
  const asking = await it.open({ onUnknown: 'ask' })
  asking.bridge.decisions.onQuestion(({ record }) => {
    const taskId = it.sandbox.tasks()[0]?.taskId ?? ''
    setImmediate(() => asking.bridge.decisions.settle(record.seq, { choice: 'adopt', taskId }))
  })
  expectOnce(it, await it.run(one(), { by: asking }))
})

test('ambiguous create that came to nothing: settled by looking, and sent once more', async () => {
  const it = await openCase()
  it.fault('create', { kind: 'reset' })
  expectOnce(it, await it.run())
})

test('ambiguous create that a gateway carries out late: looked for after a while, not sent again', async () => {
  const it = await openCase()
  it.fault('create', { kind: 'commit-late', ms: 2_000 })
  expect(errorOf(await it.run())).toMatchObject({ code: 'cloud-create-unknown' })
  expect(it.sandbox.tasks()).toHaveLength(1)
})

test('ambiguous create of a killed process whose clock was an hour behind: its age is not believed, and it is looked for after a while', async () => {
  const it = await openCase()
  it.process.jump(-hour)
  it.fault('create', { kind: 'commit-late', ms: 2_000 })
  void it.process.run(one(), { runId: 'killed' })
  await it.clock.advance(500)
  expect(it.calls('/create')).toHaveLength(1)
  it.process.kill()
  const again = await it.run(one(), { by: await it.open(), runId: 'killed' })
  expect(errorOf(again)).toMatchObject({ code: 'cloud-create-unknown' })
  expect(it.sandbox.tasks()).toHaveLength(1)
})

test('silent socket: the task is followed by asking', async () => {
  const it = await openCase()
  expectOnce(it, await it.run(one(special.silentSocket.id)))
})

test('dropped socket: opened again a few times, and no end of the task', async () => {
  const it = await openCase()
  expectOnce(it, await it.run(one(special.dropsSocket.id)))
})

test('refused socket: no end of the task', async () => {
  const it = await openCase()
  expectOnce(it, await it.run(one(special.refusesSocket.id)))
})

test('garbage frames: broken JSON, unknown types and binary are no news', async () => {
  const it = await openCase()
  expectOnce(it, await it.run(one(special.brokenSocket.id)))
})

test('500s: questions are asked again, whatever form the fault has', async () => {
  const it = await openCase()
  it.fault('outputs', page(500))
  it.fault('outputs', page(502), 2)
  it.fault('outputs', says(500), 2)
  it.fault('status', page(500))
  it.fault('file', page(503), 2)
  expectOnce(it, await it.run())
})

test('a 500 to the create is no refusal: looked first, then sent again', async () => {
  const it = await openCase()
  it.fault('create', page(500))
  expectOnce(it, await it.run())
})

test('421 storm: waited out with growing pauses that are shown, and one task in the end', async () => {
  const it = await openCase()
  it.fault('create', says(421), 25)
  expectOnce(it, await it.run())
  const times = it.calls('/create').map(({ at }) => at)
  expect(times).toHaveLength(26)
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0))
  expect(pauses[0]).toBeLessThan(5_000)
  expect(Math.min(...pauses.slice(8))).toBeGreaterThan(20_000)
  expect(Math.max(...pauses)).toBeLessThan(40_000)
  expect(it.phases()).toContain('waiting-slot')
})

test('HTML with 200 in place of an answer: asked again; to a create it is ambiguous', async () => {
  const it = await openCase()
  it.fault('outputs', page(200), 3)
  expectOnce(it, await it.run())
  it.fault('create', { ...page(200), kind: 'commit-then-http', status: 200 })
  expect(errorOf(await it.run(one(special.text.id)))).toMatchObject({ code: 'cloud-create-unknown' })
})

test('HTML with 200 in place of a picture: not saved as one, and fetched when it is there', async () => {
  const it = await openCase()
  it.fault('file', page(200), 100)
  const result = await it.run()
  expect(errorOf(result)).toMatchObject({
    code: 'result-expired',
    message: expect.stringContaining('web page'),
  })
  expect(errorOf(result)?.taskId).toBe(it.sandbox.tasks()[0]?.taskId)
  it.sandbox.clearFaults()
  expectOnce(it, await it.run())
  const files = it.process.bridge.state().journal.ofRun(result.runId)[0]?.result?.files ?? []
  expect(files.length).toBeGreaterThan(0)
  for (const { asset } of files) expect((await readFile(asset.path)).subarray(1, 4).toString()).toBe('PNG')
})

test('truncated download: resumed where it broke off, whole in the end', async () => {
  const it = await openCase()
  for (const afterBytes of [1, 5_000, 3_000]) it.fault('file', { kind: 'truncate', afterBytes })
  const result = await it.run()
  expectOnce(it, result)
  const ranges = it.sandbox.requests().flatMap(({ headers }) => headers.range ?? [])
  expect(ranges).toEqual(['bytes=1-', 'bytes=5001-', 'bytes=8001-'])
  const [file] = it.process.bridge.state().journal.ofRun(result.runId)[0]?.result?.files ?? []
  expect(file?.asset.sizeBytes).toBe(20_000)
})

test('slow download: as long as it gets on it is waited for', async () => {
  const it = await openCase()
  it.fault('file', { kind: 'slow', bytesPerSecond: 100 })
  expectOnce(it, await it.run())
  expect(it.tookMs()).toBeGreaterThan(150_000)
})

test('silent download: given up after 30 s and asked again', async () => {
  const it = await openCase()
  it.fault('file', { kind: 'hang' })
  expectOnce(it, await it.run())
})

test('code 0 with null forever: running until run_timeout, which says so; taken up by the next run', async () => {
  const it = await openCase()
  it.fault('outputs', answers({ code: 0, msg: '任务正在运行中', data: null }), 200)
  const result = await it.run(one(picture, 300))
  expect(errorOf(result)).toMatchObject({
    code: 'cloud-run-timeout',
    taskId: it.sandbox.tasks()[0]?.taskId,
    hint: expect.stringContaining('goes on'),
  })
  expect(it.tookMs()).toBeGreaterThanOrEqual(300_000)
  expect(it.tookMs()).toBeLessThan(306_000)
  it.sandbox.clearFaults()
  expectOnce(it, await it.run(one(picture, 600)))
})

test('[]: believed when it stays, and says that there is nothing', async () => {
  const it = await openCase()
  const result = await it.run({
    ...one(special.nothing.id),
    out: node('SaveImage', { images: ['e', 0], filename_prefix: 'none' }),
  })
  expect(it.sandbox.tasks()).toHaveLength(1)
  expect(errorOf(result)).toMatchObject({
    code: 'output-absent',
    message: expect.stringContaining('gave nothing'),
  })
})

test('[] that is only early: the files that come after it are not lost', async () => {
  const it = await openCase()
  it.fault('outputs', answers({ code: 0, msg: 'success', data: [] }), 2)
  const result = await it.run()
  expectOnce(it, result)
  expect(it.process.bridge.state().journal.ofRun(result.runId)[0]?.result?.files).toHaveLength(1)
})

test('[] three times, and running in between: a slip of the cloud, no end', async () => {
  const it = await openCase()
  for (const skip of [0, 1, 1]) it.fault('outputs', answers({ code: 0, msg: 'success', data: [] }), 1, skip)
  const result = await it.run(one(special.slow.id))
  expectOnce(it, result)
  expect(it.process.bridge.state().journal.ofRun(result.runId)[0]?.result?.files).toHaveLength(1)
})

test('finishing while queued: never seen running, and done', async () => {
  const it = await openCase()
  expectOnce(it, await it.run(one(special.finishesQueued.id)))
})

test('missing netWssUrl: in the answer to the create, and while it runs', async () => {
  const it = await openCase()
  expect((await it.run(one(special.createWithoutUrl.id))).status).toBe('success')
  expect((await it.run(one(special.runsWithoutUrl.id))).status).toBe('success')
  expect(it.sandbox.tasks()).toHaveLength(2)
})

test('expired URL: told with the time that is over; made anew only by the run after that', async () => {
  const it = await openCase()
  it.fault('file', page(503), 1_000)
  const first = await it.run()
  expect(errorOf(first)).toMatchObject({
    code: 'download-failed',
    hint: expect.stringContaining('run again before'),
  })
  it.sandbox.clearFaults()
  await it.clock.advance(25 * hour)
  const second = await it.run()
  expect(errorOf(second)).toMatchObject({
    code: 'result-expired',
    hint: expect.stringContaining('paid again'),
  })
  expect(it.sandbox.tasks()).toHaveLength(1)
  expect((await it.run()).status).toBe('success')
  expect(it.sandbox.tasks()).toHaveLength(2)
})

test.each([
  ['forward', 30 * 24 * hour],
  ['back', -30 * 24 * hour],
])(
  'clock set %s in the middle: no run is timed out, none hangs, no question is put off',
  async (_where, ms) => {
    const it = await openCase()
    it.clock.schedule(1_500, () => it.process.jump(ms))
    it.clock.schedule(8_000, () => it.process.jump(-ms))
    it.clock.schedule(15_000, () => it.process.jump(ms))
    const result = await it.run(one(special.slow.id))
    expectOnce(it, result)
    expect(it.tookMs()).toBeLessThan(75_000)
    expect(result.durationMs).toBe(it.tookMs())
    const times = it.calls('/outputs').map(({ at }) => at)
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    // Five seconds, and the turn of one who asked before the clock was set.
    expect(Math.max(...gaps)).toBeLessThanOrEqual(6_000)
  },
)

test('6-hour task: followed to its end with a bounded number of calls', async () => {
  // The slow task of a minute, 360 times as slow.
  const it = await openCase({ speed: 1 / 360 })
  expectOnce(it, await it.run(one(special.slow.id, 8 * 3600)))
  expect(it.tookMs()).toBeGreaterThan(6 * hour)
  const calls = it.calls('/outputs').length
  expect(calls).toBeGreaterThan(1_000)
  expect(calls).toBeLessThan((6 * 3600) / 9)
  const [record] = it.process.bridge.state().journal.ofRun(it.events[0]?.runId ?? '')
  expect(record?.events.length).toBeLessThan(200)
})

test('stop whose answer is lost: the cloud is asked what became of it', async () => {
  const it = await openCase()
  it.fault('cancel', { kind: 'commit-then-reset' })
  const stop = new AbortController()
  it.clock.schedule(2_000, () => stop.abort(new InterruptedError()))
  const result = await it.run(one(special.slow.id), { signal: stop.signal })
  await it.clock.run(it.process.bridge.idle())
  expect(result.status).toBe('interrupted')
  expect(it.process.bridge.state().journal.ofRun(result.runId)).toMatchObject([{ state: 'cancelled' }])
})

test('stop whose answer and what came of it are both lost: the next run makes the work anew', async () => {
  const it = await openCase()
  it.fault('cancel', { kind: 'commit-then-reset' })
  const stop = new AbortController()
  it.clock.schedule(2_000, () => {
    it.fault('outputs', { kind: 'empty' })
    stop.abort(new InterruptedError())
  })
  await it.run(one(special.slow.id), { signal: stop.signal })
  await it.clock.run(it.process.bridge.idle())
  const again = await it.run(one(special.slow.id))
  expect(again.errors).toEqual([])
  expect(it.sandbox.tasks().map(({ state }) => state)).toEqual(['CANCEL', 'SUCCESS'])
})

test('stop in the middle of which the process is killed: the next run makes the work anew, and does not call it a failure', async () => {
  const it = await openCase()
  it.fault('cancel', { kind: 'commit-then-hang' })
  const stop = new AbortController()
  it.clock.schedule(2_000, () => stop.abort(new InterruptedError()))
  await it.run(one(special.slow.id), { signal: stop.signal })
  await it.clock.advance(1_000)
  it.process.kill()
  const again = await it.run(one(special.slow.id), { by: await it.open() })
  expect(again.errors).toEqual([])
  expect(it.sandbox.tasks().map(({ state }) => state)).toEqual(['CANCEL', 'SUCCESS'])
})

test('lost create beside a task that has just ended: its place is not mistaken for the lost one', async () => {
  const it = await openCase()
  // Done in the cloud after a moment, and for a minute not known to be here.
  it.sandbox.addFaults([{ on: 'outputs', targetId: special.finishesQueued.id, do: page(502), times: 15 }])
  const first = it.process.run(one(special.finishesQueued.id))
  await it.clock.advance(5_000)
  it.fault('create', { kind: 'commit-then-http', status: 504 })
  const second = await it.run(one(special.slow.id))
  expect(second.errors.map(({ code }) => code)).toEqual(['cloud-create-unknown'])
  expect((await it.clock.run(first)).status).toBe('success')
  expect(it.sandbox.tasks()).toHaveLength(2)
})

test('the same settings with another key: that key pays', async () => {
  const it = await openCase()
  const keys = ['aTestKeyOf32Characters0123450001', 'aTestKeyOf32Characters0123450002']
  for (const [index, key] of keys.entries()) {
    const taken = await it.process.bridge.takeIn(
      { ...one(index === 0 ? picture : special.text.id, 600, key) } as never,
      {},
    )
    expect((await it.run(taken.prompt)).status).toBe('success')
  }
  expect(it.sandbox.tasks().map(({ keyLastFour }) => keyLastFour)).toEqual(['0001', '0002'])
  // The very same settings node, and only the work is another.
  const third = one(picture, 600, keys[1])
  const other = {
    ...third,
    i: node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: 'other' }),
  }
  const taken = await it.process.bridge.takeIn(other as never, {})
  expect((await it.run(taken.prompt)).status).toBe('success')
  expect(it.sandbox.tasks()[2]?.keyLastFour).toBe('0002')
})
