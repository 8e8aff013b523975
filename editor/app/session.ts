import { newId, parseJson, writeJson } from '../api/index.ts'
import type { Draft } from './drafts.ts'

/** What belongs to this browser tab alone: its id at the server, and which workflows it has open. */
export type Session = {
  readonly clientId: string
  openKeys(): { keys: string[]; active: string | undefined }
  rememberKeys(keys: readonly string[], active: string | undefined): void
  /** As the page goes: a draft that the browser's database may not take in any more, and that the tab goes on. */
  leave(draft: Draft | undefined): void
  /** The draft this tab's last page left, once. */
  takeLeft(): Draft | undefined
  /** Holds a name for as long as the page lives. False when another page has it. */
  claim(name: string): Promise<boolean>
}

const idKey = 'rh-bridge.client'
const openKey = 'rh-bridge.open'
const leftKey = 'rh-bridge.left'

/** The page before a reload lets go of its names when the browser gets round to it. */
const afterReloadMs = 5_000
const otherwiseMs = 180

/**
 * A tab that was duplicated has a copy of the other's storage: a lock tells the two apart. After a reload the
 * storage says that a page left, and its lock is waited for.
 */
export async function createSession(storage: Storage, locks: LockManager | undefined): Promise<Session> {
  const left = storage.getItem(leftKey)
  storage.removeItem(leftKey)
  const patienceMs = left === null ? otherwiseMs : afterReloadMs
  const held = new Map<string, Promise<boolean>>()
  const claim = (name: string): Promise<boolean> => {
    const isMine = held.get(name) ?? hold(locks, name, patienceMs)
    held.set(name, isMine)
    return isMine.then(mine => {
      if (!mine) held.delete(name)
      return mine
    })
  }
  const stored = storage.getItem(idKey)
  const isCopy = stored !== null && !(await claim(stored))
  const clientId = stored !== null && !isCopy ? stored : newId()
  if (clientId !== stored) {
    storage.setItem(idKey, clientId)
    if (isCopy) storage.removeItem(openKey)
    await claim(clientId)
  }
  let leftDraft = left && !isCopy ? readLeft(left) : undefined
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
    leave(draft) {
      try {
        storage.setItem(leftKey, writeJson({ draft: draft ?? null }))
      } catch {
        // Larger than a tab's storage: the database has all but the last moment of it.
        storage.setItem(leftKey, writeJson({ draft: null }))
      }
    },
    takeLeft() {
      const draft = leftDraft
      leftDraft = undefined
      return draft
    },
    claim,
  }
}

function readLeft(text: string): Draft | undefined {
  try {
    return ((parseJson(text) as { draft?: unknown }).draft ?? undefined) as Draft | undefined
  } catch {
    return undefined
  }
}

function hold(locks: LockManager | undefined, name: string, patienceMs: number): Promise<boolean> {
  if (!locks) return Promise.resolve(true)
  return new Promise(resolve => {
    const keep = () => {
      resolve(true)
      return new Promise<void>(() => {})
    }
    locks
      .request(`rh-bridge:${name}`, { signal: AbortSignal.timeout(patienceMs) }, keep)
      .catch(() => resolve(false))
  })
}
