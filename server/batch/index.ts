export { type Batches, createBatches } from './batches.ts'
export { bindMapping, nameOfRow } from './bind.ts'
export { createPace } from './pace.ts'
export { multiply, readLines, readTable } from './read-rows.ts'
export type { BatchHouse } from './run-rows.ts'
export { maxSheetRows, sheetAsHtml, sheetAsPng } from './sheet.ts'
export { failedAsCsv, rowsAsCsv } from './summary.ts'
export type {
  Batch,
  BatchRow,
  BatchState,
  BatchStore,
  BatchSummary,
  BatchWish,
  OpenBatchWish,
  Row,
  RowState,
} from './types.ts'
