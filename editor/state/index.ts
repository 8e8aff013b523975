export { formatBytes, formatClock, formatDuration } from './format.ts'
export { type History, recordStep, redoStep, startHistory, undoStep } from './history.ts'
export {
  isOver,
  kindOf,
  type NodeOutput,
  type NodeRun,
  type ResultItem,
  type RunError,
  type RunView,
  readOutput,
  reduceRun,
  shareOf,
  startRun,
} from './run.ts'
export { type StripKey, type StripView, stripOf } from './strip.ts'
