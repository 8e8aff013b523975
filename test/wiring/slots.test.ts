import fc from 'fast-check'
import { expect, test } from 'vitest'
import { never } from '../runninghub/support.ts'
import { openLine, openSlots } from '../support/slots.ts'

const quiet = () => {}
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

test('never more hold a slot than the limit, and they come in the order they asked', async () => {
  const slots = openSlots()
  const order: number[] = []
  let held = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const release = await slots.acquire('a', 3, never, quiet)
      order.push(index)
      most = Math.max(most, ++held)
      await turn()
      held--
      release()
    }),
  )
  expect(most).toBe(3)
  expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index))
})

test('a run that comes later does not wait for all of an earlier one: they take turns', async () => {
  const line = openLine()
  const order: string[] = []
  const ask = async (run: string) => {
    const release = await line(run).acquire('a', 1, never, quiet)
    order.push(run)
    await turn()
    release()
  }
  await Promise.all(['long', 'long', 'long', 'long', 'short', 'short'].map(ask))
  expect(order).toEqual(['long', 'short', 'long', 'short', 'long', 'long'])
})

test('lanes do not wait for each other', async () => {
  const slots = openSlots()
  await slots.acquire('a', 1, never, quiet)
  await slots.acquire('b', 1, never, quiet)
})

test('whoever waits is told how full it is, and whoever does not is told nothing', async () => {
  const slots = openSlots()
  const told: [number, number][] = []
  const tell = (busy: number, limit: number) => told.push([busy, limit])
  const release = await slots.acquire('a', 1, never, tell)
  expect(told).toEqual([])
  const second = slots.acquire('a', 1, never, tell)
  expect(told).toEqual([[1, 1]])
  release()
  await second
})

test('an interrupt frees the place in the line at once', async () => {
  const slots = openSlots()
  const stop = new AbortController()
  const release = await slots.acquire('a', 1, never, quiet)
  const second = slots.acquire('a', 1, stop.signal, quiet)
  const third = slots.acquire('a', 1, never, quiet)
  stop.abort('stopped')
  await expect(second).rejects.toBe('stopped')
  release()
  await third
})

test('an interrupt before the line is joined takes no place', async () => {
  const slots = openSlots()
  await expect(slots.acquire('a', 1, AbortSignal.abort('before'), quiet)).rejects.toBe('before')
  await slots.acquire('a', 1, never, quiet)
})

test('a stop after the slot was given takes nothing back', async () => {
  const slots = openSlots()
  const stop = new AbortController()
  const release = await slots.acquire('a', 1, stop.signal, quiet)
  stop.abort()
  let given = false
  const next = slots.acquire('a', 1, never, quiet).then(() => {
    given = true
  })
  await turn()
  expect(given).toBe(false)
  release()
  await next
})

test('a slot given back twice frees one', async () => {
  const slots = openSlots()
  const release = await slots.acquire('a', 1, never, quiet)
  release()
  release()
  await slots.acquire('a', 1, never, quiet)
  let given = false
  void slots.acquire('a', 1, never, quiet).then(() => {
    given = true
  })
  await turn()
  expect(given).toBe(false)
})

test('any order of asking, stopping and giving back keeps to the limit and forgets nobody', async () => {
  const step = fc.record({ kind: fc.constantFrom('ask', 'stop', 'release'), pick: fc.nat(30) })
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      async (steps, limit) => {
        const slots = openSlots()
        const waiting: { stop: AbortController; done: Promise<void> }[] = []
        const held: (() => void)[] = []
        let served = 0
        let asked = 0
        let stopped = 0
        const ask = () => {
          asked++
          const stop = new AbortController()
          const done = slots.acquire('a', limit, stop.signal, quiet).then(
            release => {
              served++
              held.push(release)
              expect(held.length).toBeLessThanOrEqual(limit)
            },
            () => {
              stopped++
            },
          )
          waiting.push({ stop, done })
        }
        for (const { kind, pick } of steps) {
          if (kind === 'ask') ask()
          else if (kind === 'stop') waiting[pick % Math.max(1, waiting.length)]?.stop.abort()
          else held.splice(pick % Math.max(1, held.length), 1)[0]?.()
          await turn()
        }
        while (served + stopped < asked) {
          for (const release of held.splice(0)) release()
          await turn()
        }
      },
    ),
    { numRuns: 40 },
  )
})
