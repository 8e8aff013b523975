import { parseJson, writeJson } from '../api/index.ts'

/** What of an open workflow survives the page: its text, where it belongs, how it was looked at, what runs of it. */
export type Draft = {
  readonly key: string
  readonly name: string
  readonly path: string | null
  readonly text: string
  readonly savedText: string
  readonly view: { scale: number; offset: [number, number] } | null
  readonly promptId: string | null
  readonly isExample: boolean
  readonly isFromFile: boolean
  readonly serverModified: number | null
  readonly at: number
}

export type Drafts = ReturnType<typeof createDrafts>

/** Drafts in IndexedDB: large, and written beside the page's work. */
export function createDrafts(databaseName: string) {
  const opened = open(databaseName)
  async function work<T>(
    mode: IDBTransactionMode,
    act: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T | undefined> {
    const database = await opened
    if (!database) return undefined
    return new Promise((resolve, reject) => {
      const request = act(database.transaction('drafts', mode).objectStore('drafts'))
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error ?? new Error('The browser’s storage failed.'))
    })
  }
  return {
    async put(draft: Draft): Promise<void> {
      await work('readwrite', store => store.put({ key: draft.key, json: writeJson(draft) }))
    },
    async remove(key: string): Promise<void> {
      await work('readwrite', store => store.delete(key))
    },
    async all(): Promise<Draft[]> {
      const rows = (await work('readonly', store => store.getAll())) ?? []
      return rows.flatMap((row: { json: string }) => {
        try {
          return [parseJson(row.json) as unknown as Draft]
        } catch {
          // A row of an older form: nothing can be made of it.
          return []
        }
      })
    },
  }
}

/** Private windows may have no storage: then drafts live as long as the page. */
function open(name: string): Promise<IDBDatabase | undefined> {
  return new Promise(resolve => {
    try {
      const request = indexedDB.open(name, 1)
      request.onupgradeneeded = () => request.result.createObjectStore('drafts', { keyPath: 'key' })
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => resolve(undefined)
    } catch {
      resolve(undefined)
    }
  })
}
