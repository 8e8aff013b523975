export { assetsIn, createMemoryCache } from './memory-cache.ts'
export type { Problem } from './problems.ts'
export { runPrompt } from './run.ts'
export type {
  ErrorReport,
  ExecutorServices,
  NodeResult,
  ResultCache,
  RunEvent,
  RunResult,
  RunStatus,
} from './types.ts'
export { type CheckedPrompt, validatePrompt } from './validate.ts'
