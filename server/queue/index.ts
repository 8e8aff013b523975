export { createRunQueue, type QueueNews, type RunQueue } from './run-queue.ts'
export type { NewRun, RunsStore, RunTask, StoredRun } from './types.ts'
