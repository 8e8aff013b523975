export { formatBytes, formatClock, formatDuration } from './format.ts'
export { type History, recordStep, redoStep, startHistory, undoStep } from './history.ts'
export {
  isOver,
  kindOf,
  type NodeOutput,
  type NodeRun,
  readOutput,
  reduceRun,
  type ResultItem,
  type RunError,
  type RunView,
  shareOf,
  startRun,
} from './run.ts'
export { type StripKey, type StripView, stripOf } from './strip.ts'
