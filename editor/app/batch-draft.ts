import type { BatchPlan, BatchWish } from '../api/index.ts'
import {
  type BatchInput,
  emptyTable,
  guessBindings,
  type History,
  readValues,
  startHistory,
  type Table,
  toRows,
} from '../state/index.ts'

/** A column whose every value is combined with every row. */
export type Axis = { readonly column: string; readonly values: string }

/** A batch that is being made for one graph. */
export type BatchDraft = {
  readonly table: History<Table>
  /** Where columns go, as a person chose it; a column that is not named here goes where its name says. */
  readonly bound: Readonly<Record<string, readonly string[]>>
  readonly axes: readonly Axis[]
  /** Empty: as the graph is called. */
  readonly title: string
  readonly name: string
  readonly parallel: number
  readonly capCoins: number | undefined
}

/** What the server said of a draft: it holds as long as the draft and the graph are the same. */
export type PlanState = {
  readonly draft: BatchDraft
  readonly graph: string
  readonly answer: 'asking' | BatchPlan | { readonly problem: string }
}

export const newDraft: BatchDraft = {
  table: startHistory(emptyTable),
  bound: {},
  axes: [],
  title: '',
  name: '',
  parallel: 4,
  capCoins: undefined,
}

/** Every column with where it goes; an empty list is a column that only names things. */
export function bindingsOf(draft: BatchDraft, inputs: readonly BatchInput[]): Map<string, readonly string[]> {
  const columns = columnsOf(draft)
  const chosen = new Set(Object.values(draft.bound).flat())
  const guessed = guessBindings(
    columns.filter(column => draft.bound[column] === undefined),
    inputs,
    chosen,
  )
  return new Map(
    columns.map(column => {
      const guess = guessed.get(column)
      return [column, draft.bound[column] ?? (guess === undefined ? [] : [guess])]
    }),
  )
}

/** Columns of the table, then those of the axes. */
export function columnsOf({ table, axes }: BatchDraft): string[] {
  return [...new Set([...table.present.columns, ...axes.map(({ column }) => column).filter(Boolean)])]
}

export function matrixOf({ axes }: BatchDraft): Record<string, string[]> {
  const named = axes.map(({ column, values }) => [column.trim(), readValues(values)] as const)
  return Object.fromEntries(named.filter(([column, values]) => column !== '' && values.length > 0))
}

/** How many rows it comes to: the table's, times the values of each axis. */
export function countRows(draft: BatchDraft): { readonly table: number; readonly all: number } {
  const table = toRows(draft.table.present).length
  const axes = Object.values(matrixOf(draft))
  const times = axes.reduce((product, values) => product * values.length, 1)
  return { table, all: table === 0 && axes.length > 0 ? times : table * times }
}

export function wishOf(
  draft: BatchDraft,
  graph: { readonly workflow: unknown; readonly name: string },
  bindings: ReadonlyMap<string, readonly string[]>,
): BatchWish {
  const { parallel, capCoins } = draft
  const title = draft.title.trim() || graph.name || 'batch'
  return {
    workflow: graph.workflow,
    title: title.slice(0, 200),
    rows: toRows(draft.table.present),
    matrix: matrixOf(draft),
    mapping: Object.fromEntries([...bindings].filter(([, targets]) => targets.length > 0)),
    name: draft.name,
    parallel,
    ...(capCoins !== undefined && { capCoins }),
  }
}

/** What survives a reload of the page: all but the steps back. */
export function writeDraft({ table, ...rest }: BatchDraft): string {
  return JSON.stringify({ ...rest, table: table.present })
}

/** Undefined for what is no draft of ours. */
export function readDraft(text: string | null): BatchDraft | undefined {
  if (text === null) return undefined
  try {
    const { table, ...rest } = JSON.parse(text) as Omit<BatchDraft, 'table'> & { table: Table }
    return { ...newDraft, ...rest, table: startHistory(table) }
  } catch {
    return undefined
  }
}
