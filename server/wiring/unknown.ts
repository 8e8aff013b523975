import { rejectOnAbort } from '../shared/abort.ts'
import { BridgeError } from '../shared/errors.ts'
import type { TaskRecord } from './journal.ts'

/** What a person can decide when the answer to a create was lost. */
export type Decision =
  /** The task was found on the site: follow it. */
  | { readonly choice: 'adopt'; readonly taskId: string }
  /** Create once more, at the risk of paying twice. */
  | { readonly choice: 'resubmit' }
  | { readonly choice: 'give-up' }

export type UnknownPolicy = 'ask' | 'fail' | 'resubmit'

export type OpenQuestion = { readonly record: TaskRecord; readonly what: string }

/** The open questions about lost creates, and where their answers go. */
export function createDecisions() {
  const open = new Map<number, OpenQuestion & { answer: (decision: Decision) => void }>()
  const listeners = new Set<(question: OpenQuestion) => void>()
  return {
    open: (): readonly OpenQuestion[] => [...open.values()].map(({ record, what }) => ({ record, what })),
    onQuestion(listener: (question: OpenQuestion) => void): void {
      listeners.add(listener)
    },
    /** Answers whether there was such a question. Throws `bad-task-id`. */
    settle(seq: number, decision: Decision): boolean {
      const question = open.get(seq)
      if (!question) return false
      if (decision.choice === 'adopt' && !/^\d{1,20}$/.test(decision.taskId)) {
        throw new BridgeError(`"${decision.taskId}" is no task id: ids are digits only.`, {
          code: 'bad-task-id',
          hint: 'It stands in the task list on the RunningHub site.',
        })
      }
      question.answer(decision)
      return true
    },
    async ask(question: OpenQuestion, signal: AbortSignal): Promise<Decision> {
      const abort = rejectOnAbort(signal)
      try {
        const answer = new Promise<Decision>(resolve => {
          open.set(question.record.seq, { ...question, answer: resolve })
        })
        for (const listener of listeners) listener(question)
        return await Promise.race([answer, abort.promise])
      } finally {
        open.delete(question.record.seq)
        abort.release()
      }
    },
  }
}

export type Decisions = ReturnType<typeof createDecisions>
