export { createRunQueue, type QueueNews, type RunQueue } from './run-queue.ts'
export type { NewRun, RunEnd, RunList, RunsStore, RunTask, StoredRun } from './types.ts'
