import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Clock } from '../shared/clock.ts'
import { systemCodeOf } from '../shared/errors.ts'
import { attempt, type Database } from './database.ts'

/** Who of the processes on a data folder lives: what a dead one held is free. */
export type Owners = {
  readonly me: string
  isAlive(owner: string): boolean
  /** Who else lives. */
  others(): readonly string[]
  close(): void
}

const heartbeatMs = 5_000
/** On another machine only the heartbeat can tell; here the process itself is asked. */
const silentMs = 60_000

/**
 * Owners of this very process. Only a process knows them: another row with our pid is a dead one's, whose number we were given (a
 * container's first process is always 1).
 */
const ofThisProcess = new Set<string>()

export function createOwners(database: Database, clock: Clock): Owners {
  const me = randomUUID()
  const enter = database.prepare('INSERT INTO owners (id, pid, host, seen_at) VALUES (?, ?, ?, ?)')
  const beat = database.prepare('UPDATE owners SET seen_at = ? WHERE id = ?')
  const find = database.prepare('SELECT pid, host, seen_at FROM owners WHERE id = ?')
  const everybody = database.prepare('SELECT id FROM owners WHERE id <> ?')
  const leave = database.prepare('DELETE FROM owners WHERE id = ?')
  const silent = database.prepare('SELECT id FROM owners WHERE seen_at < ?')
  attempt(() => {
    // Silence may also be the clock's, set ahead or after a sleep: whoever lives stays.
    const ids = silent.all(clock.now() - 24 * 3600_000).map(({ id }) => String(id))
    for (const id of ids.filter(id => !isAlive(id))) leave.run(id)
  })
  ofThisProcess.add(me)
  enter.run(me, process.pid, hostname(), clock.now())

  let cancel = () => {}
  const schedule = () => {
    cancel = clock.schedule(heartbeatMs, () => {
      // A full disk is no reason to fall silent: the process itself is asked first, and the next beat may be written.
      attempt(() => beat.run(clock.now(), me))
      schedule()
    })
  }
  schedule()

  function isAlive(owner: string): boolean {
    if (ofThisProcess.has(owner)) return true
    const row = find.get(owner)
    if (!row) return false
    if (row.host === hostname()) return Number(row.pid) !== process.pid && isRunning(Number(row.pid))
    return clock.now() - Number(row.seen_at) < silentMs
  }

  return {
    me,
    isAlive,
    others: () =>
      everybody
        .all(me)
        .map(row => String(row.id))
        .filter(isAlive),
    close() {
      cancel()
      ofThisProcess.delete(me)
      attempt(() => leave.run(me))
    },
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process: it runs.
    return systemCodeOf(error) === 'EPERM'
  }
}
