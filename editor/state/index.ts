export { type BatchInput, batchInputs, guessBindings, knownNames } from './bind-columns.ts'
export { leftText, timeLeft, usualCost } from './estimate.ts'
export { formatBytes, formatClock, formatDuration } from './format.ts'
export { type History, recordStep, redoStep, startHistory, undoStep } from './history.ts'
export { type Price, priceSource, priceText } from './price.ts'
export {
  isOver,
  kindOf,
  type NodeOutput,
  type ResultItem,
  type RunView,
  readOutput,
  reduceRun,
  type StopOutcome,
  shareOf,
  startRun,
  stoppedCode,
  withOutcome,
} from './run.ts'
export { stripOf } from './strip.ts'
export {
  addColumn,
  append,
  blockText,
  clearRange,
  emptyTable,
  kindOfText,
  nameOf,
  type Range,
  readBlock,
  readValues,
  removeColumn,
  removeRows,
  renameColumn,
  type Table,
  toRows,
  writeBlock,
  writeCell,
} from './table.ts'
