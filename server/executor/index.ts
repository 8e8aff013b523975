export type { Force } from './frozen.ts'
export { assetsIn, createMemoryCache } from './memory-cache.ts'
export { problemError, sayProblem } from './problem-text.ts'
export type { Problem } from './problems.ts'
export { runPrompt } from './run.ts'
export type {
  Catalogue,
  ErrorReport,
  ExecutorServices,
  NodeResult,
  Pinned,
  Pins,
  ResultCache,
  RunControl,
  RunEvent,
  RunResult,
  RunStatus,
} from './types.ts'
export { type CheckedPrompt, type CheckOptions, validatePrompt } from './validate.ts'
