import { afterEach, describe, expect, test, vi } from 'vitest'
import { rejectOnAbort } from '../../server/shared/abort.ts'
import { DeadlineError, systemClock, withDeadline } from '../../server/shared/clock.ts'
import { messageOf, systemCodeOf } from '../../server/shared/errors.ts'
import { createFakeClock } from '../support/fake-clock.ts'

describe('the system clock', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('a timer beyond 2^31 ms rings at its time and not at once', () => {
    vi.useFakeTimers()
    const fn = vi.fn()
    const days = 60 * 24 * 3600_000
    systemClock.schedule(days, fn)
    vi.advanceTimersByTime(days - 1)
    expect(fn).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(fn).toHaveBeenCalledTimes(1)
  })

  test('a timer beyond 2^31 ms can be taken back after its first stretch', () => {
    vi.useFakeTimers()
    const fn = vi.fn()
    const cancel = systemClock.schedule(2 ** 32, fn)
    vi.advanceTimersByTime(2 ** 31 + 5)
    cancel()
    vi.advanceTimersByTime(2 ** 33)
    expect(fn).not.toHaveBeenCalled()
  })

  test('a negative time rings on the next turn', () => {
    vi.useFakeTimers()
    const fn = vi.fn()
    systemClock.schedule(-5, fn)
    vi.advanceTimersByTime(1)
    expect(fn).toHaveBeenCalledTimes(1)
  })

  test('a sleep ends with the reason of its signal, at once', async () => {
    const stop = new AbortController()
    const slept = systemClock.sleep(3600_000, stop.signal)
    stop.abort('enough')
    await expect(slept).rejects.toBe('enough')
    await expect(systemClock.sleep(1, stop.signal)).rejects.toBe('enough')
  })
})

describe('a deadline', () => {
  const never = (signal: AbortSignal) => rejectOnAbort(signal).promise

  test('ends the work with a DeadlineError that says how long it waited', async () => {
    const clock = createFakeClock()
    const work = withDeadline(clock, 20_000, undefined, never)
    const outcome = clock.run(work)
    await expect(outcome).rejects.toThrow(DeadlineError)
    await expect(outcome).rejects.toThrow('no answer within 20 s')
  })

  test('gives its reason even when the work throws something else about it', async () => {
    const clock = createFakeClock()
    const work = withDeadline(clock, 50, undefined, signal =>
      never(signal).catch(() => Promise.reject(new Error('wrapped'))),
    )
    await expect(clock.run(work)).rejects.toThrow('no answer within 50 ms')
  })

  test('passes on the stop of a parent as it is', async () => {
    const stop = new AbortController()
    const work = withDeadline(createFakeClock(), 1000, stop.signal, never)
    stop.abort('stopped')
    await expect(work).rejects.toBe('stopped')
  })

  test('does not begin what was stopped before', async () => {
    const begun = vi.fn()
    const work = withDeadline(createFakeClock(), 1000, AbortSignal.abort('before'), async () => begun())
    await expect(work).rejects.toBe('before')
    expect(begun).not.toHaveBeenCalled()
  })

  test('leaves no timer behind when the work is done', async () => {
    const clock = createFakeClock()
    expect(await withDeadline(clock, 1000, undefined, async () => 7)).toBe(7)
    await clock.advance(5000)
  })
})

describe('errors', () => {
  test("a system's code is found along the causes and inside an aggregate", () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    expect(systemCodeOf(new Error('a', { cause: new Error('b', { cause: refused }) }))).toBe('ECONNREFUSED')
    expect(systemCodeOf(new AggregateError([refused, new Error('other')]))).toBe('ECONNREFUSED')
    expect(systemCodeOf(Object.assign(new Error('x'), { code: 'cloud-421' }))).toBeUndefined()
    expect(systemCodeOf('ECONNREFUSED')).toBeUndefined()
  })

  test('a message is never empty', () => {
    expect(messageOf(new Error(''))).toBe('Error')
    expect(messageOf('text')).toBe('text')
    expect(messageOf(undefined)).toBe('undefined')
  })
})
