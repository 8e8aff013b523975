import { CloudError } from './errors.ts'
import type { Answer } from './transport.ts'

/**
 * What an HTTP status alone says of a create: 4xx refused it; 429 and 503 with RunningHub's JSON did not take it; every other
 * 5xx may come from a gateway behind which the task was made (RunningHub: creating is not idempotent).
 */
export function refuseByStatus(answer: Answer): void {
  const { status } = answer
  if (status < 400) return
  const hasEnvelope = typeof answer.json === 'object' && answer.json !== null && 'code' in answer.json
  if (hasEnvelope && status !== 429 && status !== 503) return
  const notTaken = (status === 429 || status === 503) && answer.json !== undefined
  throw new CloudError(`RunningHub answered with HTTP ${status}.`, {
    code: `cloud-http-${status}`,
    hint:
      notTaken || status < 500
        ? 'Check base_url and the key, or try again later.'
        : 'A paid task may exist: look first.',
    created: notTaken ? 'wait' : status < 500 ? 'no' : 'unknown',
    askAgain: status >= 500 || status === 429,
  })
}

/** An answer that is no JSON of RunningHub's. */
export function unreadable(answer: Answer, facts: { taskId?: string } = {}): CloudError {
  const { status, text } = answer
  const what = /<html|<!doctype/i.test(text)
    ? 'a web page'
    : text.trim() === ''
      ? 'nothing'
      : 'no readable JSON'
  return new CloudError(`RunningHub answered with ${what} (HTTP ${status}).`, {
    code: 'cloud-unreadable',
    hint: 'Check base_url; a proxy or gateway may have answered instead of RunningHub.',
    created: status >= 400 && status < 500 ? 'no' : 'unknown',
    askAgain: status >= 500 || status === 429 || status < 400 || status === 401,
    ...facts,
  })
}
