import type { StoredRun } from '../../server/queue/index.ts'
import { textPrompt } from './prompts.ts'

/** A run as the store gives it, for what needs no store. */
export function storedRun(facts: Partial<StoredRun> = {}): StoredRun {
  return {
    seq: 1,
    id: 'run-1',
    state: 'running',
    number: 0,
    clientId: 'me',
    prompt: textPrompt('x'),
    extra: {},
    targets: undefined,
    outputsToRun: ['2'],
    createdAt: 1000,
    startedAt: 2000,
    ...facts,
  }
}
