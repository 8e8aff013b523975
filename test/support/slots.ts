import { onTestFinished } from 'vitest'
import type { Slots } from '../../server/runninghub/index.ts'
import { type Clock, systemClock } from '../../server/shared/clock.ts'
import { createLaneStore, createOwners, openDatabase } from '../../server/storage/index.ts'
import { createSharedSlots } from '../../server/wiring/index.ts'

/** The line in front of keys, on a database of its own in memory. */
export function openSlots(clock: Clock = systemClock): Slots {
  return openLine(clock)('test')
}

/** The same for several runs, each by its name. */
export function openLine(clock: Clock = systemClock): (run: string) => Slots {
  const database = openDatabase(':memory:')
  const owners = createOwners(database, clock)
  // The database goes with its process: whoever still waits in a line looks at it now and then.
  onTestFinished(owners.close)
  return createSharedSlots(createLaneStore(database, owners), clock)
}
