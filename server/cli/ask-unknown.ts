import { createInterface } from 'node:readline/promises'
import type { Bridge } from '../main.ts'
import { BridgeError } from '../shared/errors.ts'
import { explain, printable } from './print.ts'
import type { RunView } from './run-view.ts'
import { told, word } from './words/index.ts'

/** What leaves the terminal to a question. */
type Display = Pick<RunView, 'pause' | 'resume'>
type Question = ReturnType<Bridge['decisions']['open']>[number]

/** Asks on the terminal what to do about a create whose answer was lost, one question at a time. */
export function askOnTerminal(bridge: Bridge, view: Display, signal: AbortSignal): void {
  let last: Promise<void> = Promise.resolve()
  bridge.decisions.onQuestion(question => {
    last = last.then(() => askOne(bridge, view, question, signal)).catch(() => {})
  })
}

async function askOne(bridge: Bridge, view: Display, question: Question, signal: AbortSignal): Promise<void> {
  view.pause()
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    process.stderr.write(
      `\n${word('unknown.what', { node: question.record.nodeId })}\n  ${printable(told(question.what))}\n${word('unknown.ask')}\n`,
    )
    while (true) {
      const answer = (await terminal.question('> ', { signal })).trim()
      const decision =
        answer === 'again'
          ? ({ choice: 'resubmit' } as const)
          : answer === 'stop'
            ? ({ choice: 'give-up' } as const)
            : ({ choice: 'adopt', taskId: answer } as const)
      try {
        bridge.decisions.settle(question.record.seq, decision)
        return
      } catch (error) {
        if (!(error instanceof BridgeError)) throw error
        process.stderr.write(`${explain(error)}\n`)
      }
    }
  } finally {
    terminal.close()
    view.resume()
  }
}
