import { expect, test } from 'vitest'
import { beganAt } from '../../editor/panels/when.ts'

type Run = Parameters<typeof beganAt>[0]
const task = (createdBy: string, at: number) =>
  ({ createdBy, events: [{ at, what: 'created', why: null }] }) as unknown as Run['journal'][number]

test('a run that goes on after a restart began with its first task; one that takes over another’s began itself', () => {
  const run = { id: 'r', createdAt: 1_000, startedAt: 60_000 }
  expect(beganAt({ ...run, journal: [task('r', 2_000), task('r', 61_000)] })).toBe(2_000)
  expect(beganAt({ ...run, journal: [task('other', 2_000)] })).toBe(60_000)
  expect(beganAt({ ...run, startedAt: null, journal: [] })).toBe(1_000)
})
