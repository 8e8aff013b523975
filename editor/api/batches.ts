import { estimateSchema } from './cloud-schemas.ts'
import type { Http } from './http.ts'
import { list, nullable, number, object, optional, type Reader, record, text } from './schema.ts'
import { fileKind } from './schemas.ts'

const batchState: Reader<'ready' | 'running' | 'paused' | 'done'> = value =>
  (['ready', 'running', 'paused'] as const).find(state => state === value) ?? 'done'
const rowState: Reader<'waiting' | 'running' | 'done' | 'failed'> = value =>
  (['running', 'done', 'failed'] as const).find(state => state === value) ?? 'waiting'

export const batchSchema = object({
  id: text,
  title: text,
  mapping: record(list(text)),
  name: text,
  parallel: number,
  capCoins: optional(number),
  state: batchState,
  why: nullable(text),
  createdAt: number,
  columns: list(text),
  rows: number,
  done: number,
  running: number,
  failed: number,
  waiting: number,
  coins: number,
  leftMs: nullable(object({ low: number, high: number })),
})
const plannedSchema = object({
  id: text,
  plan: object({
    rows: number,
    estimate: estimateSchema,
    checkedRows: number,
    problems: list(
      object({
        nodeId: text,
        nodeType: text,
        input: nullable(text),
        code: text,
        message: text,
        hint: nullable(text),
        rows: list(number),
        count: number,
      }),
    ),
  }),
  batch: nullable(batchSchema),
})
const rowsSchema = object({
  rows: list(
    object({
      index: number,
      values: record(text),
      state: rowState,
      files: list(object({ path: text, kind: fileKind, filename: text, subfolder: text, type: text })),
      text: nullable(text),
      error: nullable(object({ code: text, message: text, hint: nullable(text) })),
      taskIds: list(text),
      coins: number,
      startedAt: nullable(number),
      finishedAt: nullable(number),
    }),
  ),
})
const batchesSchema = object({ batches: list(batchSchema) })
const tableSchema = object({ columns: list(text), rows: list(list(text)) })

export type BatchSummary = ReturnType<typeof batchSchema>
export type BatchPlan = Pick<ReturnType<typeof plannedSchema>, 'id' | 'plan'>
export type BatchRow = ReturnType<typeof rowsSchema>['rows'][number]
export type BatchRowState = BatchRow['state']
export type BatchCommand = 'start' | 'pause' | 'resume' | 'stop' | 'retry'

export type BatchWish = {
  readonly workflow: unknown
  readonly title: string
  readonly rows: readonly Readonly<Record<string, string>>[]
  readonly matrix: Readonly<Record<string, readonly string[]>>
  readonly mapping: Readonly<Record<string, readonly string[]>>
  readonly name: string
  readonly parallel: number
  readonly capCoins?: number
}

/** Graphs over tables: planned, started and followed. */
export function createBatchCalls({ base, http }: { base: URL; http: Http }) {
  const path = (id: string) => `bridge/batches/${encodeURIComponent(id)}`
  return {
    readTable: (written: string, as: 'table' | 'lines') =>
      http.post('bridge/tables', { text: written, as }, tableSchema),
    /** What it would do and what is wrong with which rows; nothing is created. */
    planBatch: (wish: BatchWish) => http.post('bridge/batches', { ...wish, plan: true }, plannedSchema),
    /** The same wish again goes on with the batch that is known. */
    startBatch: (wish: BatchWish) => http.post('bridge/batches', wish, plannedSchema),
    batches: async () => (await http.get('bridge/batches', batchesSchema)).batches,
    commandBatch: (id: string, what: BatchCommand) => http.post(`${path(id)}/${what}`, {}, batchSchema),
    changeBatch: (id: string, facts: { parallel?: number; capCoins?: number | null }) =>
      http.patch(path(id), facts, batchSchema),
    removeBatch: (id: string) => http.remove(path(id)),
    batchRows: async (id: string, page: { offset: number; limit: number; state?: BatchRowState }) => {
      const { offset, limit, state } = page
      const how = new URLSearchParams({
        offset: String(offset),
        limit: String(limit),
        ...(state && { state }),
      })
      return (await http.get(`${path(id)}/rows?${how}`, rowsSchema)).rows
    },
    batchFileUrl: (id: string, name: 'results.csv' | 'failed.csv' | 'sheet.html' | 'sheet.png') =>
      new URL(`${path(id)}/${name}`, base).href,
    readBatchNews: (data: unknown): BatchSummary => batchSchema(data, 'bridge.batch'),
  }
}
