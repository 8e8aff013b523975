import Papa from 'papaparse'
import type { Batch, BatchRow, BatchStore, BatchSummary } from './types.ts'

/** How a batch stands, with what is left as a range: the faster and the slower half of the rows that are done. */
export function summarise(batch: Batch, store: BatchStore): BatchSummary {
  const { prompt: _, workflow: __, ...facts } = batch
  const { waiting, running, done, failed, coins } = store.counts(batch.id)
  return {
    ...facts,
    columns: store.columns(batch.id),
    rows: waiting + running + done + failed,
    ...{ done, running, failed, waiting, coins },
    leftMs: timeLeft(waiting + running, batch.parallel, store.durations(batch.id, 50)),
  }
}

function timeLeft(rows: number, parallel: number, durations: readonly number[]): BatchSummary['leftMs'] {
  if (rows === 0 || durations.length < 2) return null
  const sorted = durations.toSorted((a, b) => a - b)
  const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? 0
  const rounds = rows / parallel
  return { low: Math.round(at(0.25) * rounds), high: Math.round(at(0.75) * Math.ceil(rounds)) }
}

/** Every row with what became of it, for spreadsheets. */
export function rowsAsCsv(columns: readonly string[], rows: readonly BatchRow[]): string {
  const own = ['state', 'files', 'text', 'coins', 'task', 'reason', 'what to do'].map(name =>
    // A column of the table may be called so, too.
    columns.includes(name) ? `${name} (result)` : name,
  )
  const data = rows.map(row => [
    ...columns.map(column => row.values[column] ?? ''),
    row.state,
    row.files.map(file => file.path).join('\n'),
    row.text ?? '',
    String(row.coins),
    row.taskIds.map(id => `\t${id}`).join('\n'),
    row.error?.message ?? '',
    row.error?.hint ?? '',
  ])
  // A leading sign would be a formula to a spreadsheet.
  return `${Papa.unparse({ fields: [...columns, ...own], data }, { escapeFormulae: /^[=+\-@]/ })}\r\n`
}

/** Failed rows alone, in the columns of the table and with the reason: mended, it is the next table. */
export function failedAsCsv(columns: readonly string[], rows: readonly BatchRow[]): string {
  const data = rows.map(row => [
    ...columns.map(column => row.values[column] ?? ''),
    row.error?.message ?? '',
    row.error?.hint ?? '',
  ])
  return `${Papa.unparse({ fields: [...columns, 'reason', 'what to do'], data }, { escapeFormulae: /^[=+\-@]/ })}\r\n`
}
