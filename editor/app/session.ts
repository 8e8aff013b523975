import { newId } from '../api/index.ts'

/** What belongs to this browser tab alone: its id at the server, and which workflows it has open. */
export type Session = {
  readonly clientId: string
  openKeys(): { keys: string[]; active: string | undefined }
  rememberKeys(keys: readonly string[], active: string | undefined): void
}

const idKey = 'rh-bridge.client'
const openKey = 'rh-bridge.open'

/** A tab that was duplicated has a copy of the other's storage: a lock tells the two apart. */
export async function createSession(storage: Storage, locks: LockManager | undefined): Promise<Session> {
  const stored = storage.getItem(idKey)
  const isCopy = stored !== null && !(await claim(locks, stored))
  const clientId = stored !== null && !isCopy ? stored : newId()
  if (clientId !== stored) {
    storage.setItem(idKey, clientId)
    if (isCopy) storage.removeItem(openKey)
    await claim(locks, clientId)
  }
  return {
    clientId,
    openKeys() {
      try {
        const read = JSON.parse(storage.getItem(openKey) ?? '{}') as { keys?: unknown; active?: unknown }
        return {
          keys: Array.isArray(read.keys) ? read.keys.filter(key => typeof key === 'string') : [],
          active: typeof read.active === 'string' ? read.active : undefined,
        }
      } catch {
        return { keys: [], active: undefined }
      }
    },
    rememberKeys(keys, active) {
      storage.setItem(openKey, JSON.stringify({ keys, active }))
    },
  }
}

/** Holds a name for as long as the page lives. False when another page has it. A reload's old page may take a moment to let go. */
export async function claim(locks: LockManager | undefined, name: string): Promise<boolean> {
  if (!locks) return true
  for (let attempt = 0; attempt < 3; attempt++) {
    const isMine = await new Promise<boolean>(resolve => {
      void locks.request(`rh-bridge:${name}`, { ifAvailable: true }, lock => {
        resolve(lock !== null)
        return lock === null ? undefined : new Promise<void>(() => {})
      })
    })
    if (isMine) return true
    await new Promise(resolve => setTimeout(resolve, 60))
  }
  return false
}
