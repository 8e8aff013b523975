import type { ChildProcess } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { specialWorkflows } from '../../server/sandbox/index.ts'
import { openBench, prompt } from './support.ts'

const slow = () => prompt({ targetId: specialWorkflows.slow.id })

/** Calls `act` once when the child says that its task exists. */
const whenCreated = (act: (child: ChildProcess) => void) => (child: ChildProcess) => {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    const before = /RunningHub task \d{19}/.test(said)
    said += chunk
    if (!before && /RunningHub task \d{19}/.test(said)) act(child)
  })
}

describe.concurrent('Ctrl-C', () => {
  test.for([['SIGINT'], ['SIGTERM']] as const)(
    '%s cancels the cloud task and ends with 130',
    async ([signal], context) => {
      const { run, write, sandbox } = await openBench(context, { speed: 1 })
      const { code, stderr } = await run(await write('a.json', slow()), [], {
        onChild: whenCreated(child => child.kill(signal)),
      })
      expect(code).toBe(130)
      expect(sandbox.tasks().map(({ state }) => state)).toEqual(['CANCEL'])
      expect(stderr).toMatch(/^RunningHub task \d{19}: cancelled$/m)
      expect(stderr).toMatch(/^Stopped after/m)
    },
  )

  test('while the create is on its way cancels the task that came of it', async context => {
    const { run, write, sandbox } = await openBench(context, {
      speed: 1,
      faults: [{ on: 'create', do: { kind: 'delay', ms: 700 } }],
    })
    const { code, stderr } = await run(await write('a.json', slow()), [], {
      onChild(child) {
        child.stderr?.on('data', (chunk: Buffer) => {
          if (String(chunk).includes('Sending to RunningHub')) child.kill('SIGINT')
        })
      },
    })
    expect(code).toBe(130)
    expect(sandbox.tasks().map(({ state }) => state)).toEqual(['CANCEL'])
    expect(stderr).toMatch(/^RunningHub task \d{19}: cancelled$/m)
  })

  test('while waiting for a slot creates nothing', async context => {
    const { runJson, write, sandbox } = await openBench(context, {
      faults: [{ on: 'create', times: 99, do: { kind: 'code', code: 421, msg: 'TASK_QUEUE_MAXED' } }],
    })
    const stopWhenRefused = (child: ChildProcess) => {
      const look = setInterval(() => {
        if (sandbox.requests().some(({ path }) => path === '/task/openapi/create')) {
          clearInterval(look)
          child.kill('SIGINT')
        }
      }, 20)
    }
    const { code, report } = await runJson(await write('a.json', slow()), [], { onChild: stopWhenRefused })
    expect(code).toBe(130)
    expect(report).toMatchObject({ status: 'interrupted', tasks: [] })
    expect(sandbox.tasks()).toEqual([])
  })
})

describe.concurrent('--timeout', () => {
  test('stops the run, cancels its task and is an error', async context => {
    const { runJson, write, sandbox } = await openBench(context, { speed: 1 })
    const { code, report } = await runJson(await write('a.json', slow()), ['--timeout', '1.2'])
    expect(code).toBe(1)
    expect(report).toMatchObject({ status: 'error', tasks: [{ status: 'cancelled' }] })
    expect(report.errors.at(-1)).toMatchObject({ code: 'run-timeout' })
    expect(sandbox.tasks()[0]?.state).toBe('CANCEL')
  })

  test('is no matter to a run that is faster', async context => {
    const { runJson, write } = await openBench(context)
    expect((await runJson(await write('a.json', prompt()), ['--timeout', '30'])).code).toBe(0)
  })
})

test.concurrent('a sandbox that dies in the middle is told with node and task, and nothing hangs', async context => {
  const { runJson, write, sandbox } = await openBench(context, { speed: 1 })
  const file = await write('a.json', slow())
  const kill = (child: ChildProcess) => {
    const look = setInterval(() => {
      if (sandbox.requests().some(({ path }) => path.endsWith('/outputs'))) {
        clearInterval(look)
        void sandbox.close()
      }
    }, 20)
    child.on('close', () => clearInterval(look))
  }
  const { code, report, durationMs } = await runJson(file, [], { onChild: kill })
  expect(code).toBe(1)
  const [taskId] = sandbox.tasks().map(task => task.taskId)
  expect(report.errors).toMatchObject([
    { nodeId: '4', nodeType: 'RH_ExecuteNode', code: 'cloud-lost-sight', taskId },
  ])
  expect(report.tasks).toMatchObject([{ taskId, status: 'unknown' }])
  // It asks again for 12 s before it gives up.
  expect(durationMs).toBeLessThan(60_000)
})

test.concurrent('a result that cannot be fetched fails the node and leaves no half file', async context => {
  const { runJson, write, dataDir } = await openBench(context)
  const { code, report } = await runJson(
    await write('a.json', prompt({ targetId: specialWorkflows.forbiddenFile.id })),
  )
  expect(code).toBe(1)
  expect(report.errors).toMatchObject([
    { code: 'result-expired', nodeId: '4', taskId: expect.stringMatching(/^\d{19}$/) },
  ])
  const left = await readdir(join(dataDir, 'results'), { recursive: true })
  expect(left.filter(name => name.endsWith('.part'))).toEqual([])
})
