import { BridgeError, type ErrorFacts } from '../shared/errors.ts'
import { codeFacts } from './error-codes.ts'

/**
 * A failure of RunningHub or of the way to it. Whether the same call may be made again is decided here, where the answer was seen.
 */
export class CloudError extends BridgeError {
  /** RunningHub's own code, when it gave one. */
  readonly cloudCode?: number
  /** For a call that creates: `no` nothing was created, `wait` nothing was created and it may be sent again later, `unknown` a paid task may exist. */
  readonly created: 'no' | 'wait' | 'unknown'
  /** For a call that asks: whether to ask again. */
  readonly askAgain: boolean

  constructor(
    message: string,
    facts: ErrorFacts & { cloudCode?: number; created: CloudError['created']; askAgain: boolean },
  ) {
    super(message, facts)
    this.name = 'CloudError'
    this.created = facts.created
    this.askAgain = facts.askAgain
    if (facts.cloudCode !== undefined) this.cloudCode = facts.cloudCode
  }
}

/** The error for an answer with a code that is not 0. `text` is the cloud's own message, shown when it says more than the code's name. */
export function codeError(code: number, text: string, facts: { taskId?: string } = {}): CloudError {
  const known = codeFacts(code)
  const detail =
    text && text !== known.name && !text.startsWith('APIKEY_') && !/^[A-Z_]+$/.test(text) ? `: ${text}` : ''
  return new CloudError(`RunningHub refused (${code}): ${known.meaning}${detail}.`, {
    code: `cloud-${code}`,
    hint: known.hint,
    cloudCode: code,
    created: known.create,
    askAgain: known.query === 'again',
    ...facts,
  })
}

/** The same error, with the task it is about. */
export function withTask(error: unknown, taskId: string): unknown {
  if (!(error instanceof BridgeError) || error.taskId !== undefined) return error
  const facts = {
    code: error.code,
    taskId,
    cause: error.cause,
    ...(error.hint !== undefined && { hint: error.hint }),
  }
  return error instanceof CloudError
    ? new CloudError(error.message, {
        ...facts,
        created: error.created,
        askAgain: error.askAgain,
        ...(error.cloudCode !== undefined && { cloudCode: error.cloudCode }),
      })
    : new BridgeError(error.message, facts)
}
