import type { JsonValue } from '../shared/lossless-json.ts'
import type { Prompt } from '../shared/prompt.ts'

/** One line of a table, by column. Everything is text, as in the table. */
export type Row = { readonly [column: string]: string }

/** Which column goes into which inputs, as `NODE.INPUT`. */
export type Mapping = { readonly [column: string]: readonly string[] }

export type BatchWish = {
  /** For people; the folder of its outputs. */
  readonly title: string
  readonly prompt: Prompt
  /** The workflow the prompt was made of, for the metadata in files. */
  readonly workflow?: JsonValue
  readonly rows: readonly Row[]
  readonly mapping: Mapping
  /** How outputs are called, with columns in braces: `{prompt}-{seed}`. Empty: the number of the row. */
  readonly name: string
  readonly parallel: number
  /** Coins after which no more tasks are created; undefined: no cap. */
  readonly capCoins?: number
}

/** A batch whose rows come one by one, as files of a folder: it has an id before it has rows. */
export type OpenBatchWish = Omit<BatchWish, 'rows'> & {
  readonly id: string
  readonly columns: readonly string[]
  /** The folder, as an absolute path. Only `watch` runs such rows: it knows where their results go. */
  readonly watched: string
}

export type BatchState = 'ready' | 'running' | 'paused' | 'done'
export type RowState = 'waiting' | 'running' | 'done' | 'failed'

export type Batch = Omit<BatchWish, 'rows'> & {
  readonly id: string
  readonly state: BatchState
  /** Why it stands still: a person, the cap, a restart. */
  readonly why: string | null
  readonly createdAt: number
  /** Set when its rows are files of this folder. */
  readonly watched?: string
}

export type BatchFile = {
  readonly path: string
  readonly kind: string
  readonly filename: string
  readonly subfolder: string
  readonly type: string
}

export type BatchRow = {
  readonly index: number
  readonly values: Row
  readonly state: RowState
  /** Of its last attempt. */
  readonly runId: string | null
  readonly files: readonly BatchFile[]
  readonly text: string | null
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } | null
  readonly taskIds: readonly string[]
  /** What its own tasks have cost, in all its attempts. */
  readonly coins: number
  readonly startedAt: number | null
  readonly finishedAt: number | null
}

export type RowEnd = Pick<BatchRow, 'files' | 'text' | 'error' | 'taskIds' | 'coins'> & {
  readonly state: RowState
}

export type BatchSummary = Omit<Batch, 'prompt' | 'workflow'> & {
  readonly columns: readonly string[]
  readonly rows: number
  readonly done: number
  readonly running: number
  readonly failed: number
  readonly waiting: number
  readonly coins: number
  /** Milliseconds still to go, as a range by the rows that are done; null while nothing is known. */
  readonly leftMs: { readonly low: number; readonly high: number } | null
}

/** What of batches is on disk. Each call is durable when it returns. */
export type BatchStore = {
  /** The same id again changes nothing: it is the same batch. `columns`: those of the rows when not said. */
  add(batch: Batch, rows: readonly Row[], columns?: readonly string[]): void
  /** One more row at the end; its index. */
  append(id: string, row: Row): number
  find(id: string): Batch | undefined
  list(): readonly Batch[]
  setState(id: string, state: BatchState, why: string | null): void
  change(id: string, facts: { parallel?: number; capCoins?: number | null }): void
  /** Takes the next waiting row in hand; `last` is its latest attempt, with what went wrong in it. Its error is forgotten. */
  takeRow(
    id: string,
    runIdOf: (index: number, last: Pick<BatchRow, 'runId' | 'error'>) => string,
    at: number,
  ): BatchRow | undefined
  endRow(id: string, index: number, end: RowEnd, at: number): void
  /** Rows in hand when the process ended are to be done again; `failed` too when told. Answers how many. */
  requeue(id: string, which: 'running' | 'failed'): number
  rows(id: string, page: { offset: number; limit: number; state?: RowState }): readonly BatchRow[]
  counts(id: string): { readonly [state in RowState]: number } & { readonly coins: number }
  /** How long done rows took, the newest first, in milliseconds. */
  durations(id: string, limit: number): readonly number[]
  columns(id: string): readonly string[]
  remove(id: string): boolean
}
