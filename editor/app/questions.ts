import type { Api, Question, SocketMessage } from '../api/index.ts'
import type { Store } from './store.ts'
import type { Tell } from './tell.ts'

export type Decision = Parameters<Api['decide']>[1]

/** Creates without an answer: what the server waits for somebody to decide. The server knows them; here is how they are seen. */
export function createQuestions(parts: { store: Store; api: Api; tell: Tell; redraw: () => void }) {
  const { store, api, tell } = parts
  function set(questions: readonly Question[]): void {
    store.questions.value = questions
    parts.redraw()
  }
  const self = {
    async refresh(): Promise<void> {
      try {
        set(await api.questions())
      } catch (error) {
        tell.complain(error)
      }
    },
    /** Messages that say that a question came up, or that one may have gone. */
    onMessage({ type, data }: SocketMessage): void {
      const { phase } = (data.progress ?? {}) as { phase?: unknown }
      const isOpen = store.questions.value.some(
        ({ runId, nodeId }) => runId === data.prompt_id && (nodeId === data.node || data.node === null),
      )
      const isAsked = type === 'bridge.progress' && phase === 'unknown-create'
      // Runs of other pages tell nothing but that the line has changed.
      const mayHaveMoved = store.queueRemaining.value > 0 || store.questions.value.length > 0
      if (isAsked !== isOpen || (type === 'status' && mayHaveMoved)) void self.refresh()
    },
    /** False when the server would not have it; it has been told then. */
    async decide(seq: number, decision: Decision): Promise<boolean> {
      try {
        set(await api.decide(seq, decision))
        return true
      } catch (error) {
        tell.complain(error)
        void self.refresh()
        return false
      }
    },
  }
  return self
}
