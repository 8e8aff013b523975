export { type Batches, createBatches } from './batches.ts'
export { createPace } from './pace.ts'
export { multiply, readLines, readTable } from './read-rows.ts'
export { maxSheetRows, sheetAsHtml, sheetAsPng } from './sheet.ts'
export { failedAsCsv, rowsAsCsv } from './summary.ts'
export type {
  Batch,
  BatchRow,
  BatchState,
  BatchStore,
  BatchSummary,
  BatchWish,
  Row,
  RowState,
} from './types.ts'
