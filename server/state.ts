import { join } from 'node:path'
import type { AssetStore } from './assets/index.ts'
import { assetsIn, createMemoryCache } from './executor/index.ts'
import type { Clock } from './shared/clock.ts'
import {
  createBatchStore,
  createClaimStore,
  createCostStore,
  createDeliveryStore,
  createDescriptionStore,
  createJournal,
  createLaneStore,
  createOwners,
  createPatience,
  createPinStore,
  createResultCache,
  createRunsStore,
  createUploadStore,
  describe,
  openDatabase,
  patientClaims,
  patientJournal,
  patientLanes,
  patientUploads,
} from './storage/index.ts'
import { createSharedSlots } from './wiring/index.ts'

export type State = ReturnType<typeof openState>

/** The database in the data folder. */
export const databaseName = 'rh-bridge.db'
const maxCachedResults = 10_000
/** Cloud workflows and apps whose fields are kept for use offline. */
const maxDescriptions = 2000
const day = 24 * 3600_000
/** Ended tasks are told of in run reports for this long. */
const journalLifeMs = 180 * day

/**
 * What the data folder remembers: the queue, the journal of paid tasks, results, uploads, places in line, claims. Two connections: what
 * money depends on is on disk before the next step goes out, the rest may lose its last moment in a power cut. Places in line, claims and signs of
 * life are of processes, which end with the power too: they need not be on disk, and written every second they would keep a disk busy.
 */
export function openState(
  dataDir: string,
  clock: Clock,
  assets: Pick<AssetStore, 'isThere'>,
  options: { cacheBytes(): number; onTrouble(error: unknown): void },
) {
  const path = join(dataDir, databaseName)
  const database = openDatabase(path)
  const durable = openDatabase(path)
  durable.exec('PRAGMA synchronous = FULL')
  let owners: ReturnType<typeof createOwners>
  try {
    owners = createOwners(database, clock)
  } catch (error) {
    durable.close()
    database.close()
    throw describe(path, error)
  }
  const patience = createPatience(clock, options.onTrouble)
  const journal = patientJournal(createJournal(durable, owners), patience)
  const lanes = patientLanes(createLaneStore(database, owners), patience)
  const claims = patientClaims(createClaimStore(database, owners), patience)
  const uploads = patientUploads(createUploadStore(database), patience)
  patience.write(() => journal.trim(clock.now() - journalLifeMs))
  patience.write(() => uploads.trim(clock.now() - day))
  const { isThere } = assets
  const memory = createMemoryCache({ maxEntries: maxCachedResults, now: clock.now, isThere })
  const cache = createResultCache(database, memory, {
    ...{ clock, isThere, assetsIn },
    maxBytes: options.cacheBytes,
    onTrouble: options.onTrouble,
  })
  return {
    runs: createRunsStore(database, owners),
    journal,
    lanes,
    claims,
    uploads,
    batches: createBatchStore(database),
    costs: createCostStore(durable),
    deliveries: createDeliveryStore(database),
    descriptions: createDescriptionStore(database, maxDescriptions),
    cache,
    pins: createPinStore(durable),
    slots: createSharedSlots(lanes, clock),
    close(): void {
      cache.flush()
      patience.close()
      owners.close()
      durable.close()
      database.close()
    },
  }
}
