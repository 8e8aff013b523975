import { type CheckedPrompt, sayProblem } from '../executor/index.ts'

/** What is wrong at one input, and with which rows. */
export type RowProblem = {
  readonly nodeId: string
  readonly nodeType: string
  readonly input: string | null
  readonly code: string
  readonly message: string
  readonly hint: string | null
  /** The first rows that have it, counted from 0. */
  readonly rows: readonly number[]
  readonly count: number
}

const mostProblems = 50
const mostRows = 20

/** Gathers problems of rows: what many rows have is said once. */
export function createRowProblems() {
  const all = new Map<string, RowProblem>()
  return {
    add(row: number, problems: CheckedPrompt['problems']): void {
      for (const problem of problems) {
        const { nodeId, nodeType, input = null, code } = problem
        const { message, hint = null } = sayProblem(problem)
        const key = [nodeId, input, code, message].join('\n')
        const known = all.get(key)
        if (!known && all.size >= mostProblems) continue
        const rows = known?.rows ?? []
        all.set(key, {
          ...{ nodeId, nodeType, input, code, message, hint },
          rows: rows.length < mostRows ? [...rows, row] : rows,
          count: (known?.count ?? 0) + 1,
        })
      }
    },
    isFull: () => all.size >= mostProblems,
    list: (): readonly RowProblem[] => [...all.values()],
  }
}
