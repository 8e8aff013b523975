import type { RunSummary } from '../api/index.ts'

/** Milliseconds, from and to. */
export type TimeLeft = { readonly from: number; readonly to: number }

type Known = Pick<RunSummary, 'shape' | 'status' | 'startedAt' | 'finishedAt' | 'tasks'>

const fewest = 2
const latest = 8

/**
 * How long a run goes on, as the range of what runs of its shape took before. Undefined when too few are known, or when it has taken
 * longer than any of them: then nobody knows.
 */
export function timeLeft(run: Known, earlier: readonly Known[], now: number): TimeLeft | undefined {
  const { startedAt } = run
  if (startedAt === null) return undefined
  const done = earlier.filter(other => other.shape === run.shape && other.status === 'success')
  // What a cache answered took no time and says nothing.
  const mostTasks = Math.max(0, ...done.map(other => other.tasks.length))
  const took = done
    .filter(other => other.tasks.length === mostTasks)
    .flatMap(({ startedAt: from, finishedAt: to }) => (from === null || to === null ? [] : [to - from]))
    .slice(0, latest)
  if (took.length < fewest) return undefined
  const elapsed = now - startedAt
  const to = Math.max(...took) - elapsed
  return to <= 0 ? undefined : { from: Math.max(0, Math.min(...took) - elapsed), to }
}

type LeftWords = (
  key: 'left.range' | 'left.about' | 'left.under' | 'left.minutes' | 'left.aboutMinutes',
  values: Record<string, number>,
) => string

/** "about 50 to 70 s left": no finer than it is known. */
export function leftText({ from, to }: TimeLeft, words: LeftWords): string {
  if (to > 90_000) {
    const [low, high] = [Math.round(from / 60_000), Math.ceil(to / 60_000)]
    return low === high || low === 0
      ? words('left.aboutMinutes', { to: high })
      : words('left.minutes', { from: low, to: high })
  }
  const step = 5_000
  const [low, high] = [Math.floor(from / step) * 5, Math.ceil(to / step) * 5]
  if (low === 0) return words('left.under', { to: high })
  return low + 5 >= high ? words('left.about', { to: high }) : words('left.range', { from: low, to: high })
}

/** What the latest run of this shape cost at this node, or undefined when none is known. */
export function usualCost(
  nodeId: string,
  shape: string | undefined,
  earlier: readonly Known[],
): RunSummary['tasks'][number] | undefined {
  return earlier
    .filter(run => run.shape === shape)
    .flatMap(run => run.tasks)
    .find(task => task.nodeId === nodeId && (task.coins ?? task.money) !== null)
}
