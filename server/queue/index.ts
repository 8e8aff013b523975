export { createRunQueue, type QueueNews, type RunQueue } from './run-queue.ts'
export type { NewRun, RunEnd, RunsStore, RunTask, StoredRun } from './types.ts'
