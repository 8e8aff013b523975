export { createKeyStore, type KeyStore, type StoredKey } from './keys.ts'
