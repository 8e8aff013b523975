import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import type { Force, RunEvent, RunResult } from '../../server/executor/index.ts'
import { type Bridge, createBridge } from '../../server/main.ts'
import { createSandbox, type Sandbox, type SandboxOptions, seededFaults } from '../../server/sandbox/index.ts'
import { InterruptedError } from '../../server/shared/abort.ts'
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
  async function open(): Promise<Bridge> {
    const bridge = await createBridge(readConfig({ dataDir: folder, baseUrl: sandbox.url }, {}))
    bridges.push(bridge)
    return bridge
  }
  return { folder, sandbox, open }
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

  test('the same graph twice side by side is one task', async context => {
    const { sandbox, open } = await openCase(context)
    const { expect } = context
    const bridge = await open()
    const results = await Promise.all([run(bridge, branches(['a'])), run(bridge, branches(['a']))])
    expect(results.map(result => result.status)).toEqual(['success', 'success'])
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
    { timeout: 60_000 },
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
