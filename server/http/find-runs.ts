import type { z } from 'zod'
import type { RunsStore, StoredRun } from '../queue/index.ts'
import { runSummary } from './bridge-runs.ts'
import type { runSummarySchema, runWishSchema } from './bridge-schemas.ts'

type Summary = z.infer<typeof runSummarySchema>

/** What is looked for among the finished runs. `text` is found in the graph's own words and in what the run made. */
type RunWish = z.infer<typeof runWishSchema>

const pageSize = 200
/** Older runs are not searched: the answer must not take long. */
const searchedAtMost = 2_000

/** Finished runs that fit, newest first. */
export function findRuns(store: Pick<RunsStore, 'list'>, wish: RunWish): Summary[] {
  const found: Summary[] = []
  const states = wish.status === undefined ? (['success', 'error', 'interrupted'] as const) : [wish.status]
  for (let offset = 0; offset < searchedAtMost; offset += pageSize) {
    const limit = Math.min(pageSize, wish.kind || wish.text ? pageSize : wish.limit)
    const { runs } = store.list({ states, sortBy: 'created', order: 'desc', offset, limit })
    for (const run of runs) {
      const summary = runSummary(run)
      if (!fits(run, summary, wish)) continue
      found.push(summary)
      if (found.length === wish.limit) return found
    }
    if (runs.length < pageSize) break
  }
  return found
}

function fits(run: StoredRun, summary: Summary, { kind, text }: RunWish): boolean {
  if (kind && !summary.files.some(file => file.kind === kind)) return false
  if (!text) return true
  const words = [
    run.id,
    summary.name ?? '',
    ...summary.files.map(file => file.filename),
    ...summary.tasks.map(task => task.taskId),
    ...Object.values(run.prompt).flatMap(node => [
      node._meta?.title ?? '',
      ...Object.values(node.inputs).filter(value => typeof value === 'string'),
    ]),
  ]
  return words.some(word => word.toLowerCase().includes(text.toLowerCase()))
}
