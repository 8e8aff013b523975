import { codeWords } from '../../words/index.ts'

/**
 * RunningHub's error codes as data (RunningHub: error codes, section 7 of our notes); their words are in words/codes.ts. The `APIKEY_`
 * prefix in a name does not mean an authentication problem; match on the number, never on the text.
 */
export type CodeFacts = {
  readonly name: string
  readonly meaning: string
  /** What a person should do, one sentence. */
  readonly hint: string
  /** Who acts: the client waits or polls, the user fixes the input, the account or payment, RunningHub. */
  readonly who: 'client' | 'user' | 'account' | 'service'
  /**
   * What a create answered with this code means: nothing was created and it may be sent again after a wait (`wait`), nothing was
   * created (`no`), or nobody can tell (`unknown`).
   */
  readonly create: 'wait' | 'no' | 'unknown'
  /** Whether asking the same question again makes sense (status, outputs, uploads). */
  readonly query: 'again' | 'no'
}

type Row = readonly [
  code: number,
  name: string,
  who: CodeFacts['who'],
  create: CodeFacts['create'],
  query: CodeFacts['query'],
]

const rows: readonly Row[] = [
  [-1, 'VERIFICATION_FAILED', 'client', 'no', 'again'],
  [301, 'PARAMS_INVALID', 'user', 'no', 'no'],
  [380, 'WORKFLOW_NOT_EXISTS', 'user', 'no', 'no'],
  [401, 'VERIFICATION_FAILED', 'account', 'no', 'no'],
  [412, 'TOKEN_INVALID', 'user', 'no', 'no'],
  [415, 'TASK_INSTANCE_MAXED', 'client', 'wait', 'no'],
  [416, 'TASK_CREATE_FAILED_BY_NOT_ENOUGH_WALLET', 'account', 'no', 'no'],
  [421, 'TASK_QUEUE_MAXED', 'client', 'wait', 'no'],
  [423, 'TASK_NOT_FOUNED', 'user', 'no', 'no'],
  [433, 'VALIDATE_PROMPT_FAILED', 'user', 'no', 'no'],
  [435, 'TASK_USER_EXCLAPI_INSTANCE_NOT_FOUND', 'user', 'no', 'no'],
  [436, 'TASK_USER_EXCLAPI_REQUIRED', 'account', 'no', 'no'],
  [500, 'UNKNOWN_ERROR', 'service', 'unknown', 'again'],
  [801, 'APIKEY_UNSUPPORTED_FREE_USER', 'account', 'no', 'no'],
  [802, 'APIKEY_UNAUTHORIZED', 'account', 'no', 'no'],
  [803, 'APIKEY_INVALID_NODE_INFO', 'user', 'no', 'no'],
  [804, 'APIKEY_TASK_IS_RUNNING', 'client', 'unknown', 'again'],
  [805, 'APIKEY_TASK_STATUS_ERROR', 'user', 'no', 'no'],
  [806, 'APIKEY_USER_NOT_FOUND', 'account', 'no', 'no'],
  [807, 'APIKEY_TASK_NOT_FOUND', 'user', 'no', 'no'],
  [808, 'APIKEY_UPLOAD_FAILED', 'client', 'no', 'again'],
  [809, 'APIKEY_FILE_SIZE_EXCEEDED', 'user', 'no', 'no'],
  [810, 'WORKFLOW_NOT_SAVED_OR_NOT_RUNNING', 'user', 'no', 'no'],
  [811, 'CORPAPIKEY_INVALID', 'account', 'no', 'no'],
  [812, 'CORPAPIKEY_INSUFFICIENT_FUNDS', 'account', 'no', 'no'],
  [813, 'APIKEY_TASK_IS_QUEUED', 'client', 'unknown', 'again'],
  [814, 'PERSONAL_QUEUE_COUNT_LIMIT', 'client', 'wait', 'no'],
  [901, 'WEBAPP_NOT_EXISTS', 'user', 'no', 'no'],
  [1000, 'UNKNOWN_ERROR', 'service', 'unknown', 'again'],
  [1001, 'INVALID_URL', 'user', 'no', 'no'],
  [1002, 'INVALID_API_KEY', 'account', 'no', 'no'],
  [1003, 'RATE_LIMIT', 'client', 'wait', 'again'],
  [1004, 'TASK_NOT_FOUND', 'user', 'no', 'no'],
  [1005, 'INTERNAL_ERROR', 'service', 'unknown', 'again'],
  [1006, 'TASK_TIMED_OUT', 'user', 'no', 'no'],
  [1007, 'INVALID_PARAMETERS', 'user', 'no', 'no'],
  [1008, 'FILE_TOO_BIG', 'user', 'no', 'no'],
  [1009, 'METHOD_NOT_SUPPORTED', 'client', 'no', 'no'],
  [1010, 'SERVICE_UNAVAILABLE', 'service', 'unknown', 'again'],
  [1011, 'SYSTEM_BUSY', 'client', 'wait', 'again'],
  [1012, 'SERVICE_RESPONSE_EXCEPTION', 'service', 'unknown', 'no'],
  [1013, 'FILE_PROCESSING_FAILED', 'user', 'no', 'no'],
  [1014, 'STANDARD_MODEL_DENIED', 'account', 'no', 'no'],
  [1015, 'GENERATION_FAILED', 'user', 'no', 'no'],
  [1101, 'NODE_INFO_ERROR', 'user', 'no', 'no'],
  [1501, 'CONTENT_VERIFICATION_FAILED', 'user', 'no', 'no'],
  [1504, 'MODEL_TIMED_OUT', 'service', 'no', 'no'],
  [1505, 'REAL_PEOPLE_PROHIBITED', 'user', 'no', 'no'],
  [1520, 'USER_CONCURRENCY_LIMIT', 'client', 'wait', 'no'],
  [1601, 'API_KEY_REQUIRED', 'client', 'no', 'no'],
]

const table: ReadonlyMap<number, Omit<CodeFacts, 'meaning' | 'hint'>> = new Map(
  rows.map(([code, name, who, create, query]) => [code, { name, who, create, query }]),
)

/** What a code means. An unknown one is never repeated for a create, and tolerated a few times for a question. */
export function codeFacts(code: number): CodeFacts {
  const { cause, step } = codeWords(code)
  const facts = table.get(code) ?? { name: 'UNKNOWN', who: 'service', create: 'no', query: 'again' }
  return { ...facts, meaning: cause.en, hint: step.en }
}

/** Every code of the table. */
export const knownCodes: readonly number[] = [...table.keys()]
