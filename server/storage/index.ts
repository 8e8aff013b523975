export { createBatchStore } from './batches.ts'
export { createClaimStore } from './claims.ts'
export { createCostStore } from './costs.ts'
export { describe, openDatabase } from './database.ts'
export { createDeliveryStore } from './deliveries.ts'
export { createDescriptionStore } from './descriptions.ts'
export { createJournal, createLaneStore, createUploadStore } from './journal.ts'
export { type KeySecretSources, newKeyFile, newPassphrase, readKeyFile } from './key-secret.ts'
export { createKeyStore } from './keys.ts'
export { ownSecret } from './own-secret.ts'
export { createOwners } from './owners.ts'
export {
  createPatience,
  patientClaims,
  patientJournal,
  patientLanes,
  patientUploads,
} from './patient.ts'
export { createPinStore, type PinStore, type StoredPin } from './pins.ts'
export { createResultCache, type KeptResults } from './results.ts'
export { createRunsStore } from './runs.ts'
