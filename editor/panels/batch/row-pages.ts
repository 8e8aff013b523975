import type { BatchRow } from '../../api/index.ts'

export const pageRows = 100
/** Rows that are kept: enough around what is looked at, however long the table is. */
const mostPages = 8

/** Rows of a long table, fetched where they are looked at and forgotten elsewhere. */
export function createRowPages(
  load: (page: { offset: number; limit: number }) => Promise<readonly BatchRow[]>,
  onChange: () => void,
) {
  /** The page used last stands last. */
  const pages = new Map<number, readonly BatchRow[]>()
  const asked = new Set<number>()
  let wanted: readonly number[] = []
  let isStale = false

  async function fetchPage(page: number): Promise<void> {
    if (asked.has(page)) {
      isStale = true
      return
    }
    asked.add(page)
    try {
      const rows = await load({ offset: page * pageRows, limit: pageRows })
      pages.delete(page)
      pages.set(page, rows)
      for (const old of pages.keys()) {
        if (pages.size <= mostPages) break
        if (!wanted.includes(old)) pages.delete(old)
      }
    } catch {
      // Without a server what is known stays; the next news asks again.
    } finally {
      asked.delete(page)
      onChange()
    }
    if (isStale && wanted.includes(page)) {
      isStale = false
      await fetchPage(page)
    }
  }

  return {
    at: (row: number): BatchRow | undefined => pages.get(Math.floor(row / pageRows))?.[row % pageRows],
    /** Rows that are drawn now, the last one not among them. */
    want(from: number, to: number): void {
      const first = Math.floor(from / pageRows)
      const last = Math.floor(Math.max(from, to - 1) / pageRows)
      wanted = Array.from({ length: last - first + 1 }, (_, at) => first + at)
      for (const page of wanted) if (!pages.has(page) && !asked.has(page)) void fetchPage(page)
    },
    /** Something has changed: what is in view is asked for again, the rest when it is looked at. */
    refresh(): void {
      for (const page of pages.keys()) if (!wanted.includes(page)) pages.delete(page)
      for (const page of wanted) void fetchPage(page)
    },
  }
}
