import type { Api } from '../api/index.ts'
import type { Store } from './store.ts'
import type { Tell } from './tell.ts'

/** How much the server does at once and keeps. */
export function createLimits({ store, api, tell }: { store: Store; api: Api; tell: Tell }) {
  return {
    async refresh(): Promise<void> {
      try {
        store.limits.value = await api.limits()
      } catch (error) {
        tell.complain(error)
      }
    },
    /** Throws ApiError, for the form to say. */
    async change(change: Parameters<Api['setLimits']>[0]): Promise<void> {
      store.limits.value = await api.setLimits(change)
    },
  }
}
