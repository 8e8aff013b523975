import { parentPort } from 'node:worker_threads'
import { RegexSyntaxError, RegexUnsupportedError } from './python-regex.ts'
import { type RegexTask, runRegexTask } from './regex-task.ts'

/** What the worker says of a task. */
export type RegexAnswer =
  | { readonly value: string | boolean }
  | { readonly refused: 'syntax' | 'unsupported' | 'failed'; readonly why: string }

parentPort?.on('message', (task: RegexTask) => {
  parentPort?.postMessage(answer(task))
})

parentPort?.postMessage('ready')

function answer(task: RegexTask): RegexAnswer {
  try {
    return { value: runRegexTask(task) }
  } catch (error) {
    const refused =
      error instanceof RegexSyntaxError
        ? 'syntax'
        : error instanceof RegexUnsupportedError
          ? 'unsupported'
          : 'failed'
    return { refused, why: error instanceof Error ? error.message : String(error) }
  }
}
