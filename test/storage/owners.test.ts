import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { createOwners, openDatabase } from '../../server/storage/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'

test('a process that lives is not forgotten when the clock jumps ahead, as after a long sleep of the machine', () => {
  const database = openDatabase(':memory:')
  const clock = createFakeClock()
  const enter = database.prepare('INSERT INTO owners (id, pid, host, seen_at) VALUES (?, ?, ?, ?)')
  enter.run('lives', process.ppid, hostname(), clock.now() - 3 * 24 * 3600_000)
  enter.run('lives elsewhere', 1, 'another', clock.now() - 1_000)
  enter.run('long gone', 1, 'another', clock.now() - 3 * 24 * 3600_000)
  const owners = createOwners(database, clock)
  expect(owners.others().toSorted()).toEqual(['lives', 'lives elsewhere'])
  expect(database.prepare('SELECT count(*) AS n FROM owners').get()?.n).toBe(3)
  owners.close()
  database.close()
})
