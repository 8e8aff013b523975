export { openDatabase } from './database.ts'
export { createKeyStore, type KeyStore, type StoredKey } from './keys.ts'
export { createRunsStore } from './runs.ts'
