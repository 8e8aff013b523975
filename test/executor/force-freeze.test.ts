import { describe, expect, test } from 'vitest'
import type { NodeResult, Pinned } from '../../server/executor/index.ts'
import type { PromptNode } from '../../server/shared/prompt.ts'
import { createMoment, fed, idsOf, node, openExecutor, stopButton } from './support.ts'

/** Two branches that meet: a → left ↘ end, b → right ↗, and side of right alone. */
const prompt = {
  a: node('Step', { salt: 'a' }),
  b: node('Step', { salt: 'b' }),
  left: fed('Step', 'a'),
  right: fed('Step', 'b'),
  end: fed('End', 'left', 'right'),
  side: fed('End', 'right'),
}

const frozen = (given: PromptNode, pin: string): PromptNode => ({ ...given, _meta: { frozen: pin } })

const pinned = (nodeType: string, result: NodeResult, signature = 'of the pin'): Pinned => ({
  ...{ pin: 'p', nodeType, result, signature },
  resultId: 'r',
})

describe('a node asked for anew', () => {
  test('runs with all that follows from it, and nothing else; the next run has its new result', async () => {
    let round = 0
    const { run } = openExecutor({ behaviours: { left: () => `round ${++round}` } })
    await run(prompt)
    const again = await run(prompt, { force: ['left'] })
    expect(again.executed).toEqual(['left', 'end'])
    expect(again.texts.end).toContain('round 2')
    expect((await run(prompt)).texts.end).toBe(again.texts.end)
  })

  test('knows that it is, and so does what follows from it; others do not', async () => {
    const forced: Record<string, boolean> = {}
    const { run } = openExecutor({
      behaviours: {
        '*': call => {
          forced[call.nodeId] = call.work.isForced
          return 'x'
        },
      },
    })
    await run(prompt, { force: ['left'] })
    expect(forced).toEqual({ a: false, b: false, left: true, right: false, end: true, side: false })
  })

  test.each([
    ['that is not there', ['nobody']],
    ['that no output needs', ['spare']],
  ])('%s changes nothing', async (_what, force) => {
    const { run } = openExecutor()
    const graph = { ...prompt, spare: node('Step') }
    await run(graph)
    expect((await run(graph, { force })).executed).toEqual([])
  })
})

describe('a frozen node', () => {
  const result = { outputs: [['kept'], ['kept']] }

  test('gives its pinned result and what feeds only it does not run', async () => {
    const { run, pins } = openExecutor()
    pins.set('p', pinned('Step', result))
    const { executed, texts, events } = await run({ ...prompt, left: frozen(prompt.left, 'p') })
    expect(executed).toEqual(['b', 'right', 'end', 'side'])
    expect(texts.end).toBe('end(kept,right(b(b)))')
    expect(events[1]).toMatchObject({ type: 'nodes-cached', nodeIds: ['left'] })
  })

  test('gives it whatever its inputs are, broken ones too', async () => {
    const { run, pins, check } = openExecutor()
    pins.set('p', pinned('Step', result))
    const broken = { ...prompt, left: frozen(node('Step', { in0: ['gone', 0], number: 'x' }), 'p') }
    expect((await check(broken)).problems).toEqual([])
    expect((await run(broken)).texts.end).toBe('end(kept,right(b(b)))')
  })

  test('that is an output is told of as cached and frozen', async () => {
    const { run, pins } = openExecutor()
    pins.set('p', pinned('End', { outputs: [['kept']], ui: { text: ['kept'] } }))
    const { executed, events, result } = await run({ end: frozen(fed('End', 'a'), 'p'), a: prompt.a })
    expect(executed).toEqual([])
    expect(result.status).toBe('success')
    expect(events.find(event => event.type === 'node-finished')).toMatchObject({
      ...{ nodeId: 'end', cached: true, frozen: true, ui: { text: ['kept'] } },
    })
  })

  test('gives lists and their lengths as they were', async () => {
    const { run, pins } = openExecutor()
    pins.set('p', pinned('Words', { outputs: [['x', 'y'], [2]] }))
    const { texts } = await run({
      words: frozen(node('Words', { words: 'other' }), 'p'),
      join: node('Join', { left: ['words', 0] }),
    })
    expect(texts.join).toBe('x+y|')
  })

  test('keeps its followers cached while it stands for the same signature, and not under another', async () => {
    const { run, pins } = openExecutor()
    const graph = { ...prompt, left: frozen(prompt.left, 'p') }
    pins.set('p', pinned('Step', result, 'one'))
    await run(graph)
    expect((await run(graph)).executed).toEqual([])
    pins.set('p', pinned('Step', result, 'two'))
    expect((await run(graph)).executed).toEqual(['end'])
  })

  test('named to be made anew runs, and what feeds it with it', async () => {
    const { run, pins } = openExecutor()
    pins.set('p', pinned('Step', result))
    const graph = { ...prompt, left: frozen(prompt.left, 'p') }
    await run(graph)
    const { executed, texts } = await run(graph, { force: ['left'] })
    expect(executed).toEqual(['a', 'left', 'end'])
    expect(texts.end).toBe('end(left(a(a)),right(b(b)))')
  })

  test('stays frozen when everything is made anew, and when what feeds it is', async () => {
    const { run, pins } = openExecutor()
    pins.set('p', pinned('Step', result))
    const graph = { ...prompt, left: frozen(prompt.left, 'p'), other: fed('End', 'a') }
    await run(graph)
    expect((await run(graph, { force: true })).executed.toSorted()).toEqual(
      ['a', 'b', 'right', 'end', 'side', 'other'].toSorted(),
    )
    expect((await run(graph, { force: ['a'] })).executed).toEqual(['a', 'other'])
  })

  test.each([
    ['is gone', undefined, 'frozen-gone'],
    ['is of another kind of node', pinned('End', result), 'frozen-other-node'],
  ])('whose pin %s is a problem before anything runs, with the way out', async (_what, pin, code) => {
    const { run, check, pins } = openExecutor()
    if (pin) pins.set('p', pin)
    const graph = { ...prompt, left: frozen(prompt.left, 'p') }
    const { problems, outputs } = await check(graph)
    expect(problems).toMatchObject([{ nodeId: 'left', code, dependentOutputs: ['end'] }])
    expect(problems[0]?.hint).toMatch(/Unfreeze it, or run this node anew\.$/)
    expect(outputs).toEqual(['side'])
    expect((await run(graph, { force: ['left'] })).result.status).toBe('success')
  })
})

describe('one node is stopped', () => {
  const endless = () => new Promise(() => {})

  test('while it runs: it fails as stopped, its followers are skipped, the rest goes on', async () => {
    const begun = createMoment()
    const { run, behaviours } = openExecutor()
    const signals: AbortSignal[] = []
    const told: string[] = []
    behaviours.set('left', call => {
      signals.push(call.signal)
      begun.reach()
      return endless()
    })
    let stop = (_nodeId: string) => false
    const running = run(prompt, {
      onStart: control => {
        stop = control.stopNode
      },
      onEvent: event => {
        if (event.type === 'node-failed' || event.type === 'node-skipped')
          told.push(`${event.type} ${event.nodeId}`)
      },
    })
    await begun.reached
    expect(stop('left')).toBe(true)
    expect(stop('left')).toBe(false)
    // At once: no timer, no answer of anybody is waited for.
    await new Promise(resolve => setImmediate(resolve))
    expect(told).toEqual(['node-failed left', 'node-skipped end'])
    const { result, events } = await running
    expect(result.status).toBe('error')
    expect(result.errors).toMatchObject([{ nodeId: 'left', code: 'stopped', message: 'Stopped by you.' }])
    expect(idsOf(events, 'node-skipped')).toEqual(['end'])
    expect([...result.outputs.keys()]).toEqual(['side'])
    expect(signals[0]?.aborted).toBe(true)
  })

  test('before it begins: it never does', async () => {
    const begun = createMoment()
    const go = createMoment()
    const { run, behaviours } = openExecutor()
    behaviours.set('a', async () => {
      begun.reach()
      await go.reached
      return 'a'
    })
    let stop = (_nodeId: string) => false
    const running = run(prompt, {
      onStart: control => {
        stop = control.stopNode
      },
    })
    await begun.reached
    expect([stop('left'), stop('left'), stop('nobody')]).toEqual([true, false, false])
    go.reach()
    const { result, executed, events } = await running
    expect(executed).not.toContain('left')
    expect(result.errors.map(error => [error.nodeId, error.code])).toEqual([['left', 'stopped']])
    expect(idsOf(events, 'node-skipped')).toEqual(['end'])
  })

  test('after its end, or after the end of the run, there is nothing to stop', async () => {
    const begun = createMoment()
    const { signal, press } = stopButton()
    const { run, behaviours } = openExecutor()
    behaviours.set('left', () => {
      begun.reach()
      return endless()
    })
    let stop = (_nodeId: string) => false
    const running = run(prompt, {
      signal,
      onStart: control => {
        stop = control.stopNode
      },
    })
    await begun.reached
    expect(stop('a')).toBe(false)
    press()
    expect(stop('left')).toBe(false)
    expect((await running).result).toMatchObject({ status: 'interrupted', errors: [] })
  })
})
