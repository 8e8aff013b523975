import type { BatchRow } from './types.ts'

/**
 * The run of a row. A run that was cut off goes on under its id, with its tasks; one that failed or was stopped is over, with its
 * tasks: the next attempt is another run, and what others of its tasks have brought is found by what they did.
 */
export function runIdOf(
  batchId: string,
  index: number,
  { runId, error }: Pick<BatchRow, 'runId' | 'error'>,
): string {
  const first = `${batchId}-${index + 1}`
  // A create without an answer is settled by the run that made it.
  if (runId === null || error === null || error.code === 'cloud-create-unknown') return runId ?? first
  return `${first}.${attemptOf(runId) + 1}`
}

/** Every run a row has had, the last included. */
export function runsOf(batchId: string, index: number, last: string | null): readonly string[] {
  const first = `${batchId}-${index + 1}`
  const later = last === null ? 0 : attemptOf(last) - 1
  return [first, ...Array.from({ length: later }, (_, at) => `${first}.${at + 2}`)]
}

function attemptOf(runId: string): number {
  return Number(/\.(\d+)$/.exec(runId)?.[1] ?? 1)
}
