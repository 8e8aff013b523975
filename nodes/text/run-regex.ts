import { Worker } from 'node:worker_threads'
import { NodeError } from '../context.ts'
import type { RegexTask } from './regex-task.ts'
import type { RegexAnswer } from './regex-worker.ts'

/** Some patterns take longer than anybody lives (`(a+)+$`); then the thread is ended, and the server has not noticed. */
const usualLimitMs = 5000

let thread: Worker | undefined
let line: Promise<unknown> = Promise.resolve()

/**
 * Looks for a pattern in a thread of its own, one task after the other. `undefined` for a pattern that Python refuses, too, unless
 * `mustCompile`. Throws NodeError `bad-regex`, or `regex-too-slow` after `limitMs` milliseconds, else five seconds.
 */
export async function runRegex(
  task: RegexTask,
  options: { signal: AbortSignal; mustCompile: boolean; limitMs?: number },
): Promise<string | boolean | undefined> {
  const turn = line.then(() => ask(task, options.signal, options.limitMs ?? usualLimitMs))
  line = turn.catch(() => {})
  const answer = await turn
  if ('value' in answer) return answer.value
  if (answer.refused === 'syntax' && !options.mustCompile) return undefined
  const what = answer.refused === 'unsupported' ? 'has a part that cannot be done here' : 'cannot be used'
  throw new NodeError(`The pattern "${shown(task.pattern)}" ${what}: ${answer.why}.`, {
    code: 'bad-regex',
    hint: 'Write it as Python’s re module wants it; a simpler pattern often does.',
  })
}

/** The thread, started when there is none. It says a first word when it can work: starting up is not the pattern's time. */
async function readyThread(): Promise<Worker> {
  if (thread) return thread
  const started = new Worker(new URL('./regex-worker.ts', import.meta.url), { execArgv: [] })
  await new Promise((resolve, reject) => {
    started.once('message', resolve)
    started.once('error', reject)
  })
  thread = started
  return started
}

async function ask(task: RegexTask, signal: AbortSignal, limitMs: number): Promise<RegexAnswer> {
  signal.throwIfAborted()
  const mine = await readyThread()
  const { promise, resolve, reject } = Promise.withResolvers<RegexAnswer>()
  // Only while it works may the thread keep the program alive.
  mine.ref()
  const end = (reason: unknown) => {
    if (thread === mine) thread = undefined
    void mine.terminate()
    reject(reason)
  }
  const onAbort = () => end(signal.reason)
  const timer = setTimeout(() => end(tooSlow(task, limitMs)), limitMs)
  signal.addEventListener('abort', onAbort, { once: true })
  mine.once('message', resolve)
  mine.once('error', end)
  mine.postMessage(task)
  if (signal.aborted) onAbort()
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    mine.off('message', resolve)
    mine.off('error', end)
    mine.unref()
  }
}

function tooSlow({ pattern, text }: RegexTask, limitMs: number): NodeError {
  return new NodeError(
    `The pattern "${shown(pattern)}" takes too long on this text of ${text.length} characters: stopped after ${limitMs / 1000} s.`,
    {
      code: 'regex-too-slow',
      hint: 'A repetition inside a repetition, like (a+)+, is the usual reason: write it without.',
    },
  )
}

function shown(pattern: string): string {
  return pattern.length > 60 ? `${pattern.slice(0, 60)}…` : pattern
}
