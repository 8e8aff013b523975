/**
 * RunningHub's error codes as data (RunningHub: error codes, section 7 of our notes). The `APIKEY_` prefix in a name does not mean
 * an authentication problem; match on the number, never on the text.
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
  meaning: string,
  who: CodeFacts['who'],
  create: CodeFacts['create'],
  query: CodeFacts['query'],
  hint: string,
]

const checkKey = 'Check the API key, and whether it belongs to this site (.cn and .ai have separate keys).'
const later = 'Try again later; if it stays, ask RunningHub support.'
const lookFirst = 'Look at the task list on the RunningHub site before running again: a paid task may exist.'

const rows: readonly Row[] = [
  [-1, 'VERIFICATION_FAILED', 'the upload gateway refused the key', 'client', 'no', 'again', checkKey],
  [
    301,
    'PARAMS_INVALID',
    'a field is missing or has the wrong type',
    'user',
    'no',
    'no',
    'Check the workflow id and the node infos.',
  ],
  [
    380,
    'WORKFLOW_NOT_EXISTS',
    'there is no such workflow on this site',
    'user',
    'no',
    'no',
    'Check the id: a digit lost, the other site, or an AI app instead of a workflow?',
  ],
  [401, 'VERIFICATION_FAILED', 'the API key is unknown', 'account', 'no', 'no', checkKey],
  [
    412,
    'TOKEN_INVALID',
    'the address of the call is wrong',
    'user',
    'no',
    'no',
    'Check base_url: it should be the plain site, such as https://www.runninghub.cn.',
  ],
  [
    415,
    'TASK_INSTANCE_MAXED',
    'all machines of this exclusive key are busy',
    'client',
    'wait',
    'no',
    'Waiting for a machine; nothing has been charged.',
  ],
  [
    416,
    'TASK_CREATE_FAILED_BY_NOT_ENOUGH_WALLET',
    'the balance is too low',
    'account',
    'no',
    'no',
    'Top up the account on RunningHub.',
  ],
  [
    421,
    'TASK_QUEUE_MAXED',
    'all slots of this key are busy',
    'client',
    'wait',
    'no',
    'Waiting for a slot; nothing has been charged.',
  ],
  [423, 'TASK_NOT_FOUNED', 'there is no such task', 'user', 'no', 'no', 'There is nothing to cancel.'],
  [
    433,
    'VALIDATE_PROMPT_FAILED',
    'the cloud workflow did not pass its check',
    'user',
    'no',
    'no',
    'Check the values sent to the nodes it names.',
  ],
  [
    435,
    'TASK_USER_EXCLAPI_INSTANCE_NOT_FOUND',
    'this exclusive key has no machine of that size',
    'user',
    'no',
    'no',
    'Change use_rtx4090_48g: 48 GB machines need it on, 24 GB ones off.',
  ],
  [
    436,
    'TASK_USER_EXCLAPI_REQUIRED',
    'the exclusive service has expired',
    'account',
    'no',
    'no',
    'Renew it on RunningHub.',
  ],
  [500, 'UNKNOWN_ERROR', 'RunningHub had an internal fault', 'service', 'unknown', 'again', lookFirst],
  [
    801,
    'APIKEY_UNSUPPORTED_FREE_USER',
    'free accounts cannot use the API',
    'account',
    'no',
    'no',
    'A basic membership or above is needed.',
  ],
  [802, 'APIKEY_UNAUTHORIZED', 'the API key is wrong or disabled', 'account', 'no', 'no', checkKey],
  [
    803,
    'APIKEY_INVALID_NODE_INFO',
    'a node id or field name does not exist in the cloud workflow',
    'user',
    'no',
    'no',
    'Compare nodeId and fieldName with the workflow on RunningHub.',
  ],
  [804, 'APIKEY_TASK_IS_RUNNING', 'the task is running', 'client', 'unknown', 'again', 'Waiting for it.'],
  [
    805,
    'APIKEY_TASK_STATUS_ERROR',
    'the task failed or was cancelled',
    'user',
    'no',
    'no',
    'Read the cause; then change the input or run again.',
  ],
  [806, 'APIKEY_USER_NOT_FOUND', 'the API key belongs to no user', 'account', 'no', 'no', checkKey],
  [
    807,
    'APIKEY_TASK_NOT_FOUND',
    'there is no such task for this key',
    'user',
    'no',
    'no',
    'Was it made with another key or on the other site?',
  ],
  [808, 'APIKEY_UPLOAD_FAILED', 'RunningHub could not store the file', 'client', 'no', 'again', later],
  [
    809,
    'APIKEY_FILE_SIZE_EXCEEDED',
    'the file is too big (30 MB at most)',
    'user',
    'no',
    'no',
    'Make it smaller, or put a public URL into the loader of the cloud workflow.',
  ],
  [
    810,
    'WORKFLOW_NOT_SAVED_OR_NOT_RUNNING',
    'the workflow was never saved or never run on the site',
    'user',
    'no',
    'no',
    'Open the workflow on RunningHub, save it and run it there once. Then it can be called from here.',
  ],
  [811, 'CORPAPIKEY_INVALID', 'the enterprise key is wrong', 'account', 'no', 'no', checkKey],
  [
    812,
    'CORPAPIKEY_INSUFFICIENT_FUNDS',
    'the enterprise balance is used up',
    'account',
    'no',
    'no',
    'Top up the account on RunningHub.',
  ],
  [813, 'APIKEY_TASK_IS_QUEUED', 'the task is queued', 'client', 'unknown', 'again', 'Waiting for it.'],
  [
    814,
    'PERSONAL_QUEUE_COUNT_LIMIT',
    'the personal queue is full (1000 tasks)',
    'client',
    'wait',
    'no',
    'Waiting until some have ended.',
  ],
  [
    901,
    'WEBAPP_NOT_EXISTS',
    'there is no such AI app',
    'user',
    'no',
    'no',
    'Check the id: a digit lost, the other site, or a workflow instead of an AI app?',
  ],
  [1000, 'UNKNOWN_ERROR', 'RunningHub had an unknown error', 'service', 'unknown', 'again', lookFirst],
  [
    1001,
    'INVALID_URL',
    'the address of the call is wrong',
    'user',
    'no',
    'no',
    'Check base_url: it should be the plain site, such as https://www.runninghub.cn.',
  ],
  [1002, 'INVALID_API_KEY', 'the API key is wrong', 'account', 'no', 'no', checkKey],
  [
    1003,
    'RATE_LIMIT',
    'too many calls at once',
    'client',
    'wait',
    'again',
    'Waiting; nothing has been charged.',
  ],
  [
    1004,
    'TASK_NOT_FOUND',
    'there is no such task for this key',
    'user',
    'no',
    'no',
    'Was it made with another key or on the other site?',
  ],
  [1005, 'INTERNAL_ERROR', 'RunningHub had an internal fault', 'service', 'unknown', 'again', lookFirst],
  [
    1006,
    'TASK_TIMED_OUT',
    'RunningHub stopped the task at its own time limit',
    'user',
    'no',
    'no',
    'Make the input lighter or use a bigger machine; a new run costs again.',
  ],
  [
    1007,
    'INVALID_PARAMETERS',
    'the parameters are not accepted',
    'user',
    'no',
    'no',
    'Check the values; the message names them.',
  ],
  [1008, 'FILE_TOO_BIG', 'the file is too big', 'user', 'no', 'no', 'Make it smaller.'],
  [
    1009,
    'METHOD_NOT_SUPPORTED',
    'the call was made the wrong way',
    'client',
    'no',
    'no',
    'This is a fault of rh-bridge: please report it.',
  ],
  [1010, 'SERVICE_UNAVAILABLE', 'RunningHub is not available', 'service', 'unknown', 'again', lookFirst],
  [
    1011,
    'SYSTEM_BUSY',
    'RunningHub is busy',
    'client',
    'wait',
    'again',
    'Waiting; nothing has been charged.',
  ],
  [
    1012,
    'SERVICE_RESPONSE_EXCEPTION',
    'a service behind RunningHub failed',
    'service',
    'unknown',
    'no',
    lookFirst,
  ],
  [
    1013,
    'FILE_PROCESSING_FAILED',
    'an input file could not be read',
    'user',
    'no',
    'no',
    'Check the file, or upload it again.',
  ],
  [
    1014,
    'STANDARD_MODEL_DENIED',
    'standard models need an enterprise-shared key',
    'account',
    'no',
    'no',
    'Use a key of that kind.',
  ],
  [1015, 'GENERATION_FAILED', 'the generation failed', 'user', 'no', 'no', 'Change the input, or run again.'],
  [
    1101,
    'NODE_INFO_ERROR',
    'a node id or field name does not exist in the cloud workflow',
    'user',
    'no',
    'no',
    'Compare nodeId and fieldName with the workflow on RunningHub.',
  ],
  [
    1501,
    'CONTENT_VERIFICATION_FAILED',
    'the content was refused by moderation',
    'user',
    'no',
    'no',
    'Change the prompt or the pictures.',
  ],
  [1504, 'MODEL_TIMED_OUT', 'the model took too long', 'service', 'no', 'no', 'Run again later.'],
  [
    1505,
    'REAL_PEOPLE_PROHIBITED',
    'photorealistic real people are prohibited',
    'user',
    'no',
    'no',
    'Change the prompt or the picture.',
  ],
  [
    1520,
    'USER_CONCURRENCY_LIMIT',
    'all slots of this user are busy',
    'client',
    'wait',
    'no',
    'Waiting for a slot; nothing has been charged.',
  ],
  [
    1601,
    'API_KEY_REQUIRED',
    'the call came without an API key',
    'client',
    'no',
    'no',
    'This is a fault of rh-bridge: please report it.',
  ],
]

const table: ReadonlyMap<number, CodeFacts> = new Map(
  rows.map(([code, name, meaning, who, create, query, hint]) => [
    code,
    { name, meaning, who, create, query, hint },
  ]),
)

/** What a code means. An unknown one is never repeated for a create, and tolerated a few times for a question. */
export function codeFacts(code: number): CodeFacts {
  return (
    table.get(code) ?? {
      name: 'UNKNOWN',
      meaning: `RunningHub answered with code ${code}`,
      who: 'service',
      create: 'no',
      query: 'again',
      hint: later,
    }
  )
}

/** Every code of the table. */
export const knownCodes: readonly number[] = [...table.keys()]
