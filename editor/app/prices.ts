import type { Api } from '../api/index.ts'
import type { Documents } from './documents.ts'
import type { Store } from './store.ts'
import type { Tell } from './tell.ts'

/** After a change: a price may come later than a problem. */
const restMs = 700

export type CostView = 'day' | 'run' | 'target' | 'key'

/** What the open graph will cost, and what was paid. */
export function createPrices(parts: { store: Store; api: Api; documents: () => Documents; tell: Tell }) {
  const { store, api, tell } = parts
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking: AbortController | undefined

  async function look(): Promise<void> {
    const mine = new AbortController()
    asking = mine
    const key = store.active.value
    try {
      const price = await api.estimate(parts.documents().text(), mine.signal)
      if (!mine.signal.aborted && store.active.value === key) store.price.value = price
    } catch {
      // Nothing is shown where nothing is known; the check tells what is wrong.
      if (!mine.signal.aborted) store.price.value = undefined
    }
  }

  return {
    soon(): void {
      clearTimeout(timer)
      asking?.abort()
      timer = setTimeout(() => void look(), restMs)
    },
    async refreshCosts(by: CostView): Promise<void> {
      try {
        store.costs.value = await api.costs(by)
      } catch (error) {
        tell.complain(error)
      }
    },
    csvUrl: () => api.costsCsvUrl(),
  }
}
