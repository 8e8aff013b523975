import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Asset } from '../../nodes/values.ts'
import { createAssetStore } from '../../server/assets/index.ts'
import { systemClock } from '../../server/shared/clock.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { createMoment, fed, idsOf, memoryCache, node, openExecutor, stopButton, typesOf } from './support.ts'

const prompt = {
  a: node('Step', { salt: 'a', number: 1 }),
  b: node('Step', { salt: 'b' }),
  left: fed('Step', 'a'),
  right: fed('Step', 'b'),
  end: fed('End', 'left', 'right'),
  side: fed('End', 'right'),
}

describe('a second run', () => {
  test('of the same graph executes nothing and tells the same results', async () => {
    const { run } = openExecutor()
    const first = await run(prompt)
    const second = await run(prompt)
    expect(second.executed).toEqual([])
    expect(second.texts).toEqual(first.texts)
    expect(second.events[1]).toMatchObject({
      type: 'nodes-cached',
      nodeIds: expect.arrayContaining(Object.keys(prompt)),
    })
    const finished = second.events.filter(event => event.type === 'node-finished')
    expect(finished.map(({ nodeId, cached, ui }) => [nodeId, cached, ui?.text])).toEqual([
      ['end', true, [first.texts.end]],
      ['side', true, [first.texts.side]],
    ])
  })

  test('with one literal changed executes that node and its followers only', async () => {
    const { run } = openExecutor()
    await run(prompt)
    const { executed, events } = await run({ ...prompt, a: node('Step', { salt: 'a', number: 2 }) })
    expect(executed).toEqual(['a', 'left', 'end'])
    expect(events[1]).toMatchObject({ type: 'nodes-cached', nodeIds: ['b', 'right', 'side'] })
  })

  test.each([
    ['titles', { ...prompt, a: { ...prompt.a, _meta: { title: 'renamed' } } }],
    ['ids', Object.fromEntries(Object.entries(prompt).map(([id, each]) => [`n${id}`, renamed(each)]))],
    [
      'the order of nodes and inputs',
      { ...Object.fromEntries(Object.entries(prompt).reverse()), a: node('Step', { number: 1, salt: 'a' }) },
    ],
    ['keys', { ...prompt, a: node('Step', { salt: 'a', number: 1, key: 'another key' }) }],
    ['a value that means the same', { ...prompt, a: node('Step', { salt: 'a', number: '1' }) }],
  ])('does not look at %s', async (_what, changed) => {
    const { run } = openExecutor()
    await run(prompt)
    expect((await run(changed)).executed).toEqual([])
  })

  test.each([
    ['the output a link takes', { ...prompt, left: node('Step', { in0: ['a', 1] }) }],
    ['the input a link feeds', { ...prompt, left: node('Step', { in1: ['a', 0] }) }],
    ['the 64th bit of a number', { ...prompt, a: node('Step', { salt: 'a', number: 2n ** 63n + 1n }) }],
  ])('does look at %s', async (_what, changed) => {
    const { run } = openExecutor()
    await run({ ...prompt, a: node('Step', { salt: 'a', number: 2n ** 63n }) })
    await run(prompt)
    expect((await run(changed)).executed).toContain('left')
  })

  test('that ignores the cache executes everything, and fills it anew', async () => {
    let round = 0
    const { run } = openExecutor({ behaviours: { end: () => `round ${++round}` } })
    await run(prompt)
    expect((await run(prompt, { force: true })).executed).toHaveLength(6)
    expect((await run(prompt)).texts.end).toBe('round 2')
  })

  test('executes a node that failed or was skipped, and nothing else', async () => {
    const { run, behaviours } = openExecutor({ behaviours: { a: () => Promise.reject(new Error('no')) } })
    await run(prompt)
    behaviours.delete('a')
    expect((await run(prompt)).executed).toEqual(['a', 'left', 'end'])
  })

  test('executes what a stop cut off, and keeps what was done before it', async () => {
    const { signal, press } = stopButton()
    const begun = createMoment()
    const { run, behaviours } = openExecutor({
      behaviours: {
        left: () => {
          begun.reach()
          return new Promise(() => {})
        },
      },
    })
    const sideIsDone = createMoment()
    const stopped = run(prompt, {
      signal,
      onEvent: event => {
        if (event.type === 'node-finished' && event.nodeId === 'side') sideIsDone.reach()
      },
    })
    await Promise.all([begun.reached, sideIsDone.reached])
    press()
    await stopped
    behaviours.delete('left')
    expect((await run(prompt)).executed).toEqual(['left', 'end'])
  })

  test('loads nothing above what the cache answers', async () => {
    const asked: string[] = []
    const memory = memoryCache()
    const { run } = openExecutor({
      cache: {
        get(signature) {
          asked.push(signature)
          return memory.get(signature)
        },
        set: memory.set,
      },
    })
    await run(prompt)
    asked.length = 0
    await run(prompt)
    expect(asked).toHaveLength(2)
  })
})

function renamed(each: ReturnType<typeof node>): ReturnType<typeof node> {
  const inputs = Object.entries(each.inputs).map(([name, value]) => [
    name,
    Array.isArray(value) ? [`n${value[0]}`, value[1]] : value,
  ])
  return { ...each, inputs: Object.fromEntries(inputs) }
}

describe('files', () => {
  async function openFiles() {
    const folder = await mkdtemp(join(tmpdir(), 'rh-cache-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const store = createAssetStore(
      { input: folder, output: folder, temp: folder, results: folder },
      systemClock,
    )
    const executor = openExecutor({
      assets: store.accessFor(undefined),
      cache: memoryCache({ isThere: store.isThere }),
      behaviours: {
        made: async ({ assets }): Promise<Asset> => assets.keep(Buffer.from('made'), 'made.bin'),
      },
    })
    return { ...executor, path: join(folder, 'a.txt') }
  }
  const file = { file: node('File', { name: 'a.txt' }), end: fed('End', 'file') }

  test('a file with the same content, written again, changes nothing', async () => {
    const { run, path } = await openFiles()
    await writeFile(path, 'one')
    await run(file)
    await writeFile(path, 'one')
    await utimes(path, 1, 1)
    expect((await run(file)).executed).toEqual([])
  })

  test('a file with other content makes its node and followers run again', async () => {
    const { run, path } = await openFiles()
    await writeFile(path, 'one')
    await run(file)
    await writeFile(path, 'two')
    expect((await run(file)).executed).toEqual(['file', 'end'])
    await writeFile(path, 'one')
    expect((await run(file)).executed).toEqual([])
  })

  test('a result whose file was lost is made again', async () => {
    const { run } = await openFiles()
    const made = { made: node('Step'), end: fed('End', 'made') }
    const { events } = await run(made)
    expect(idsOf(events, 'node-finished')).toEqual(['made', 'end'])
    expect((await run({ ...made, more: node('End', { in0: ['made', 0], salt: 'x' }) })).executed).toEqual([
      'more',
    ])
    const kept = await openFiles()
    const lost: Asset[] = []
    kept.behaviours.set('made', async ({ assets }) => {
      const asset = await assets.keep(Buffer.from('made'), 'made.bin')
      lost.push(asset)
      return asset
    })
    await kept.run(made)
    await rm(lost[0]?.path ?? '')
    const again = await kept.run({ ...made, more: node('End', { in0: ['made', 0], salt: 'x' }) })
    expect(again.executed).toEqual(['made', 'more'])
  })

  test('a node whose file cannot be read is never answered from the cache', async () => {
    const { run } = await openFiles()
    const [first, second] = [await run(file), await run(file)]
    for (const { result, executed, events } of [first, second]) {
      expect(executed).toEqual(['file'])
      expect(result.errors).toMatchObject([{ nodeId: 'file', code: 'input-missing' }])
      expect(typesOf(events)).toContain('node-skipped')
    }
  })
})

describe('the memory cache', () => {
  const result = (value: unknown) => ({ outputs: [[value]] })
  const asset = (path: string): Asset => ({ path, name: path, mediaType: '', sizeBytes: 1, sha256: '' })

  test('forgets what was not asked for longest', () => {
    const cache = memoryCache({ maxEntries: 2 })
    cache.set('a', result(1), 1000)
    cache.set('b', result(2), 1000)
    cache.get('a')
    cache.set('c', result(3), 1000)
    expect(cache.get('b')).toBeUndefined()
    expect([cache.get('a'), cache.get('c')]).toEqual([result(1), result(3)])
  })

  test('answers no longer than a result may be used', async () => {
    const clock = createFakeClock()
    const cache = memoryCache({ now: clock.now })
    cache.set('a', result(1), 1000)
    cache.set('b', result(2), Number.POSITIVE_INFINITY)
    await clock.advance(999)
    expect(cache.get('a')).toEqual(result(1))
    await clock.advance(1)
    expect(cache.get('a')).toBeUndefined()
    expect(cache.get('b')).toEqual(result(2))
  })

  test('finds files anywhere in a result, UI included', () => {
    const gone = new Set(['deep', 'ui'])
    const cache = memoryCache({ isThere: ({ path }) => !gone.has(path) })
    cache.set('deep', result([{ kind: 'image', asset: asset('deep') }]), 1000)
    const ui = {
      outputs: [],
      ui: { images: [{ filename: 'x', subfolder: '', type: 'output', asset: asset('ui') }] },
    } as const
    cache.set('ui', ui, 1000)
    cache.set('fine', result([{ kind: 'image', asset: asset('there') }]), 1000)
    expect(cache.get('deep')).toBeUndefined()
    expect(cache.get('ui')).toBeUndefined()
    expect(cache.get('fine')).toBeDefined()
  })
})
