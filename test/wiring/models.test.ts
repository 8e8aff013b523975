import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'vitest'
import { shippedModels } from '../../nodes/models/index.ts'
import { readConfig } from '../../server/config.ts'
import type { RunEvent, RunResult } from '../../server/executor/index.ts'
import { type Bridge, createBridge } from '../../server/main.ts'
import { createSandbox, type SandboxOptions } from '../../server/sandbox/index.ts'
import { HandOverError, InterruptedError } from '../../server/shared/abort.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { picture } from '../nodes/support.ts'
import { createFastClock } from '../runninghub/support.ts'

const slowModel = { class_name: 'Slow', endpoint: 'sandbox/slow', output_type: 'image', params: [] }

/** A data folder and a sandbox for one test, and bridges on them as further processes would have. */
async function openCase(context: TestContext, options: SandboxOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'rh-models-'))
  await mkdir(join(folder, 'models'), { recursive: true })
  await mkdir(join(folder, 'input'), { recursive: true })
  await writeFile(join(folder, 'models', 'mine.json'), JSON.stringify([slowModel]))
  await writeFile(join(folder, 'input', 'a.png'), await picture(32, 32).png().toBuffer())
  // Eight seconds of waiting are one here; faster, a busy machine would not find its sandbox in time.
  const clock = createFastClock(8)
  const sandbox = await createSandbox({ speed: 20, seed: 1, models: shippedModels, ...options, clock })
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
  return {
    sandbox,
    clock,
    creates: () => sandbox.requests().filter(({ path, method }) => method === 'POST' && isModel(path)),
    uploads: () => sandbox.requests().filter(({ path }) => path.endsWith('/media/upload/binary')),
    async open() {
      const bridge = await createBridge(readConfig({ dataDir: folder, baseUrl: sandbox.url }, {}), { clock })
      bridges.push(bridge)
      return bridge
    },
    async end(bridge: Bridge) {
      bridges.splice(bridges.indexOf(bridge), 1)
      await bridge.close()
    },
  }
}

const isModel = (path: string) => /^\/openapi\/v2\/(alibaba|sandbox|rhart)/.test(path)

async function run(
  bridge: Bridge,
  prompt: Prompt,
  how: { signal?: AbortSignal; onEvent?: (event: RunEvent) => void } = {},
): Promise<RunResult> {
  return bridge.run({
    checked: await bridge.check(prompt),
    keys: new Map(),
    signal: how.signal ?? new AbortController().signal,
    onEvent: how.onEvent ?? (() => {}),
  })
}

const node = (class_type: string, inputs: Record<string, unknown> = {}) => ({ class_type, inputs })
const text = (prompt: string) =>
  ({
    1: node('RH_RhartTextG25FlashTextToText', { prompt }),
    2: node('PreviewAny', { source: ['1', 0] }),
  }) as Prompt
const edit = (prompt: string) =>
  ({
    1: node('LoadImage', { image: 'a.png' }),
    2: node('RH_AlibabaWan27ImageEdit', { prompt, image1: ['1', 0] }),
    3: node('SaveImage', { images: ['2', 0], filename_prefix: 'x' }),
  }) as Prompt
const slow = {
  1: node('RH_Slow'),
  2: node('SaveImage', { images: ['1', 0], filename_prefix: 'x' }),
} as Prompt

/** Its task takes three real seconds: long enough to be met while it runs, however slow this machine is. */
const unhurried: SandboxOptions = { speed: 3 }

/** Runs until the model is under way, then ends the run with that reason. */
async function endWhileRunning(bridge: Bridge, reason: unknown): Promise<string[]> {
  const stop = new AbortController()
  const said: string[] = []
  await run(bridge, slow, {
    signal: stop.signal,
    onEvent(event) {
      if (event.type !== 'node-task-changed') return
      said.push(event.task.status)
      if (event.task.status === 'running') stop.abort(reason)
    },
  })
  await bridge.idle()
  return said
}

describe.concurrent('a model', () => {
  test('that ran is not paid again by another process, and costs what the cloud says', async context => {
    const { sandbox, open, creates } = await openCase(context)
    const { expect } = context
    const first = await run(await open(), text('a'))
    expect(first.errors).toEqual([])
    expect(first.tasks).toMatchObject([{ status: 'success', money: '0.02', coins: null }])
    expect((await run(await open(), text('a'))).status).toBe('success')
    expect(creates()).toHaveLength(1)
    await run(await open(), text('b'))
    expect(sandbox.tasks().map(({ kind, targetId }) => `${kind} ${targetId}`)).toEqual([
      'model rhart-text-g-25-flash/text-to-text',
      'model rhart-text-g-25-flash/text-to-text',
    ])
    const [body] = creates().map(({ rawBody }) => JSON.parse(rawBody) as object)
    expect(body).toEqual({ prompt: 'a' })
  })

  test('whose process ends is followed on by the next', async context => {
    const { sandbox, open, end, creates } = await openCase(context, unhurried)
    const { expect } = context
    const first = await open()
    await endWhileRunning(first, new HandOverError())
    await end(first)
    expect(sandbox.tasks().map(({ state }) => state)).toEqual(['RUNNING'])
    expect((await run(await open(), slow)).status).toBe('success')
    expect(creates()).toHaveLength(1)
  })

  test('that is stopped is cancelled in the cloud', async context => {
    const { sandbox, open } = await openCase(context, unhurried)
    const { expect } = context
    const said = await endWhileRunning(await open(), new InterruptedError())
    expect(said.at(-1)).toBe('cancelled')
    expect(sandbox.tasks().map(({ state }) => state)).toEqual(['CANCEL'])
  })

  test('whose create went and was not answered is not created twice', async context => {
    const { sandbox, open } = await openCase(context, unhurried)
    const { expect } = context
    sandbox.addFaults([{ on: 'create', do: { kind: 'commit-then-reset' } }])
    for (let time = 0; time < 2; time++) {
      const { errors } = await run(await open(), slow)
      expect(errors.map(({ code }) => code)).toEqual(['cloud-create-unknown'])
    }
    expect(sandbox.tasks()).toHaveLength(1)
  })

  test.for([1520, 1003, 421])('is tried again after %i, which made nothing', async (code, context) => {
    const { sandbox, open, creates } = await openCase(context)
    const { expect } = context
    sandbox.addFaults([{ on: 'create', times: 2, do: { kind: 'code', code, msg: 'later' } }])
    expect((await run(await open(), text('a'))).status).toBe('success')
    expect(creates()).toHaveLength(3)
    expect(sandbox.tasks()).toHaveLength(1)
  })

  test('that a key may not call says which key may', async context => {
    const { sandbox, open } = await openCase(context, { keyKind: 'normal' })
    const { expect } = context
    const { errors } = await run(await open(), text('a'))
    const message = expect.stringContaining('enterprise-shared key')
    expect(errors).toMatchObject([{ nodeId: '1', code: 'cloud-1014', message }])
    expect(sandbox.tasks()).toEqual([])
  })

  test('shares the line in front of a key with everything else', async context => {
    const { sandbox, open } = await openCase(context, { concurrency: 1 })
    const { expect } = context
    const bridge = await open()
    const results = await Promise.all([
      run(bridge, text('a')),
      run(bridge, text('b')),
      run(bridge, text('c')),
    ])
    expect(results.map(({ status }) => status)).toEqual(['success', 'success', 'success'])
    expect(sandbox.requests().filter(({ code }) => code === 421)).toEqual([])
  })

  test('is given the address of a picture, which is uploaded once', async context => {
    const { open, creates, uploads } = await openCase(context)
    const { expect } = context
    await run(await open(), edit('a'))
    expect((await run(await open(), edit('b'))).errors).toEqual([])
    expect(uploads()).toHaveLength(1)
    const bodies = creates().map(({ rawBody }) => JSON.parse(rawBody) as { imageUrls: string[] })
    expect(bodies[0]?.imageUrls).toEqual([
      expect.stringMatching(/^http:.*\/input\/openapi\/[0-9a-f]{64}\.png$/),
    ])
    expect(bodies[1]?.imageUrls).toEqual(bodies[0]?.imageUrls)
  })

  test('that no longer knows a picture is given it again, once', async context => {
    const { sandbox, open, creates, uploads } = await openCase(context)
    const { expect } = context
    await run(await open(), edit('a'))
    const refusal = {
      errorCode: '1013',
      errorMessage: 'File processing failed',
      taskId: '',
      status: 'FAILED',
    }
    sandbox.addFaults([{ on: 'create', do: { kind: 'http', status: 200, body: JSON.stringify(refusal) } }])
    expect((await run(await open(), edit('b'))).errors).toEqual([])
    expect(uploads()).toHaveLength(2)
    expect(creates()).toHaveLength(3)
    expect(sandbox.tasks()).toHaveLength(2)
  })
})
