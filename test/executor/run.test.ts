import { describe, expect, test } from 'vitest'
import { NodeError } from '../../nodes/context.ts'
import type { ResultCache } from '../../server/executor/index.ts'
import { BridgeError } from '../../server/shared/errors.ts'
import { createMoment, fed, idsOf, memoryCache, node, openExecutor, stopButton, typesOf } from './support.ts'

describe('a run', () => {
  test('gives each node what its sources gave, and tells its whole story in order', async () => {
    const { run } = openExecutor()
    const { result, events, texts } = await run({
      a: node('Step'),
      b: fed('Step', 'a'),
      c: fed('End', 'b', 'a'),
    })
    expect(texts).toEqual({ c: 'c(b(a()),a())' })
    expect(result).toMatchObject({ runId: 'test', status: 'success', errors: [], tasks: [] })
    expect(typesOf(events)).toEqual([
      'run-started',
      'nodes-cached',
      ...Array.from({ length: 3 }, () => ['node-started', 'node-finished']).flat(),
      'run-finished',
    ])
    expect(idsOf(events, 'node-finished')).toEqual(['a', 'b', 'c'])
    expect(events.every(event => event.runId === 'test' && event.at > 0)).toBe(true)
  })

  test('starts independent branches side by side', async () => {
    const started = { a: createMoment(), b: createMoment(), c: createMoment() }
    // Each branch ends only when both others have begun: one after the other would never end.
    const meet = (own: keyof typeof started) => async () => {
      started[own].reach()
      await Promise.all(Object.values(started).map(moment => moment.reached))
      return own
    }
    const { run } = openExecutor({ behaviours: { a: meet('a'), b: meet('b'), c: meet('c') } })
    const { texts } = await run({
      a: node('Step'),
      b: node('Step'),
      c: node('Step'),
      end: fed('End', 'a', 'b', 'c'),
    })
    expect(texts).toEqual({ end: 'end(a,b,c)' })
  })

  test('starts a node as soon as its own sources are there, not those of its neighbours', async () => {
    const quickIsDone = createMoment()
    const { run } = openExecutor({
      behaviours: {
        slow: async () => {
          await quickIsDone.reached
          return 'slow'
        },
        quickEnd: () => {
          quickIsDone.reach()
          return 'quick'
        },
      },
    })
    const { texts } = await run({
      slow: node('Step'),
      slowEnd: fed('End', 'slow'),
      quick: node('Step'),
      quickEnd: fed('End', 'quick'),
    })
    expect(texts).toEqual({ slowEnd: 'slowEnd(slow)', quickEnd: 'quick' })
  })

  test('runs nothing that no output needs', async () => {
    const { run } = openExecutor()
    const { executed } = await run({ a: node('Step'), end: fed('End', 'a'), idle: fed('Step', 'a') })
    expect(executed).toEqual(['a', 'end'])
  })

  test('runs only the target outputs and what they need', async () => {
    const { run } = openExecutor()
    const prompt = { a: node('Step'), x: fed('End', 'a'), b: node('Step'), y: fed('End', 'b') }
    expect((await run(prompt, { targets: ['y'] })).executed).toEqual(['b', 'y'])
    expect((await run(prompt, { targets: ['nowhere'] })).executed).toEqual([])
  })

  test('ends at once when there is nothing to run', async () => {
    const { result, events } = await openExecutor().run({})
    expect(result.status).toBe('success')
    expect(typesOf(events)).toEqual(['run-started', 'nodes-cached', 'run-finished'])
  })

  test('takes ids that are names of every object for ids', async () => {
    const { run } = openExecutor()
    const { texts } = await run({ constructor: node('Step'), toString: fed('End', 'constructor') })
    expect(texts).toEqual({ toString: 'toString(constructor())' })
  })
})

describe('a failed node', () => {
  const prompt = {
    bad: node('Step', { salt: 'bad' }),
    after: fed('Step', 'bad'),
    end: fed('End', 'after', 'good'),
    good: node('Step'),
    otherEnd: fed('End', 'good'),
  }

  test('stops only what depends on it', async () => {
    const { run } = openExecutor({ behaviours: { bad: () => Promise.reject(new Error('broken')) } })
    const { result, events, texts, executed } = await run(prompt)
    expect(result.status).toBe('error')
    expect(texts).toEqual({ otherEnd: 'otherEnd(good())' })
    expect(executed.sort()).toEqual(['bad', 'good', 'otherEnd'])
    expect(idsOf(events, 'node-skipped')).toEqual(['after', 'end'])
    expect(events.filter(({ type }) => type === 'node-skipped')).toMatchObject([
      { failedNodeId: 'bad' },
      { failedNodeId: 'bad' },
    ])
  })

  test('is told with its id, its type and what the error says to do', async () => {
    const { run, behaviours } = openExecutor()
    const fail = async (error: unknown) => {
      behaviours.set('bad', () => Promise.reject(error))
      return (await run(prompt)).result.errors
    }
    expect(await fail(new NodeError('no picture', { code: 'empty', hint: 'Add one.' }))).toEqual([
      { nodeId: 'bad', nodeType: 'Step', code: 'empty', message: 'no picture', hint: 'Add one.' },
    ])
    expect(await fail(new BridgeError('lost', { code: 'cloud-lost', taskId: '7' }))).toEqual([
      { nodeId: 'bad', nodeType: 'Step', code: 'cloud-lost', message: 'lost', taskId: '7' },
    ])
    expect(await fail(new TypeError('x is not a function'))).toMatchObject([
      { code: 'node-failed', message: 'x is not a function', hint: expect.stringContaining('not expected') },
    ])
    expect(await fail('just a text')).toMatchObject([{ code: 'node-failed', message: 'just a text' }])
  })

  test('skips a node behind two failures once', async () => {
    const fail = () => Promise.reject(new Error('broken'))
    const { run } = openExecutor({ behaviours: { a: fail, b: fail } })
    const { events, result } = await run({ a: node('Step'), b: node('Step'), end: fed('End', 'a', 'b') })
    expect(idsOf(events, 'node-skipped')).toEqual(['end'])
    expect(result.errors.map(({ nodeId }) => nodeId)).toEqual(['a', 'b'])
  })

  test('does not stop a node whose own source was answered from the cache', async () => {
    const memory = memoryCache()
    const cache: ResultCache = {
      get: signature => {
        const result = memory.get(signature)
        return result?.outputs[0]?.[0] === 'lost' ? undefined : result
      },
      set: memory.set,
    }
    const { run, behaviours } = openExecutor({ cache, behaviours: { origin: () => 'lost' } })
    const branch = { origin: node('Step', { salt: 'o' }), kept: fed('Step', 'origin') }
    await run({ ...branch, end: fed('End', 'kept') })
    behaviours.set('origin', () => Promise.reject(new Error('gone')))
    const { result, texts, events } = await run({
      ...branch,
      fails: fed('End', 'origin'),
      runs: node('End', { in0: ['kept', 0], salt: 'new' }),
    })
    expect(texts).toEqual({ runs: 'runs(kept(lost),new)' })
    expect(result.errors.map(({ nodeId }) => nodeId)).toEqual(['origin'])
    expect(idsOf(events, 'node-skipped')).toEqual(['fails'])
  })
})

describe('cancellation', () => {
  test('a node that ignores its signal does not hold up the stop, and nothing new starts', async () => {
    const { signal, press } = stopButton()
    const begun = createMoment()
    const { run } = openExecutor({
      behaviours: {
        deaf: () => {
          begun.reach()
          return new Promise(() => {})
        },
      },
    })
    const running = run({ deaf: node('Step'), end: fed('End', 'deaf') }, { signal })
    await begun.reached
    press()
    const { result, executed, events } = await running
    expect(result).toMatchObject({ status: 'interrupted', errors: [] })
    expect(executed).toEqual(['deaf'])
    expect(typesOf(events)).not.toContain('node-failed')
    expect(typesOf(events)).not.toContain('node-skipped')
    expect(typesOf(events).at(-1)).toBe('run-finished')
  })

  test('a node that ends in the moment of the stop starts no follower', async () => {
    const { signal, press } = stopButton()
    const { run } = openExecutor({
      behaviours: {
        a: () => {
          press()
          return 'done'
        },
      },
    })
    const { executed, result } = await run({ a: node('Step'), end: fed('End', 'a') }, { signal })
    expect(executed).toEqual(['a'])
    expect(result.status).toBe('interrupted')
  })

  test('a run that was stopped before it began starts nothing', async () => {
    const { signal, press } = stopButton()
    press()
    const { executed, result } = await openExecutor().run({ end: node('End') }, { signal })
    expect(executed).toEqual([])
    expect(result.status).toBe('interrupted')
  })

  test('reaches every running node with its reason', async () => {
    const { signal, press } = stopButton()
    const reasons: unknown[] = []
    const [first, second] = [createMoment(), createMoment()]
    const hear =
      (begun: { reach(): void }) =>
      ({ signal }: { signal: AbortSignal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason.message)
            reject(signal.reason)
          })
          begun.reach()
        })
    const { run } = openExecutor({ behaviours: { a: hear(first), b: hear(second) } })
    const running = run({ a: node('End'), b: node('End') }, { signal })
    await Promise.all([first.reached, second.reached])
    press()
    expect((await running).result.errors).toEqual([])
    expect(reasons).toEqual(['stopped', 'stopped'])
  })

  test('what a node says after the stop is news of its task only', async () => {
    const { signal, press } = stopButton()
    const [begun, released] = [createMoment(), createMoment()]
    const late = createMoment()
    const task = { taskId: '1', status: 'cancelled', coins: null, money: null, seconds: null } as const
    const { run } = openExecutor({
      behaviours: {
        a: async ({ report, reportTask }) => {
          begun.reach()
          await released.reached
          report({ phase: 'running', done: 1, of: 2 })
          reportTask(task)
          late.reach()
          return 'late'
        },
      },
    })
    const running = run({ a: node('End') }, { signal })
    await begun.reached
    press()
    const { events } = await running
    released.reach()
    await late.reached
    expect(typesOf(events).slice(-2)).toEqual(['run-finished', 'node-task-changed'])
  })
})

describe('what a node can ask', () => {
  test('the declared type of what feeds an input, undefined for a value typed in', async () => {
    const types: unknown[] = []
    const { run } = openExecutor({
      behaviours: {
        end: ({ linkedType }) => {
          types.push(linkedType('in0'), linkedType('in1'), linkedType('salt'), linkedType('nothing'))
        },
      },
    })
    await run({
      words: node('Words', { words: 'a b' }),
      end: node('End', { in0: ['words', 1], in1: ['words', 0], salt: 'x' }),
    })
    expect(types.slice(0, 4)).toEqual(['INT', 'STRING', undefined, undefined])
  })

  test('whether anything that runs takes an output', async () => {
    const taken: unknown[] = []
    const { run } = openExecutor({
      behaviours: {
        a: ({ isTaken }) => {
          taken.push(isTaken('out'), isTaken('second'), isTaken('nothing'))
        },
      },
    })
    await run({
      a: node('Step'),
      end: node('End', { in0: ['a', 1] }),
      // Takes `out`, but nothing needs it.
      idle: node('Step', { in0: ['a', 0] }),
    })
    expect(taken).toEqual([false, true, false])
  })

  test('its tasks are kept by task, newest state last', async () => {
    const task = { taskId: '9', coins: null, money: null, seconds: null }
    const { run } = openExecutor({
      behaviours: {
        a: ({ reportTask }) => {
          reportTask({ ...task, status: 'created' })
          reportTask({ ...task, status: 'success', coins: '3' })
        },
      },
    })
    const { result } = await run({ a: node('End') })
    expect(result.tasks).toEqual([{ ...task, nodeId: 'a', status: 'success', coins: '3' }])
  })
})
