import { writeJson } from '../shared/lossless-json.ts'
import type { StoredFile } from './results/file-store.ts'

/** What a call answers, before any fault has bent it. */
export type Reply =
  | { kind: 'json'; status: number; body: unknown }
  | { kind: 'text'; status: number; body: string; contentType: string }
  | { kind: 'file'; file: StoredFile }

/** An error in RunningHub's words. */
export type Refusal = { code: number; msg: string }

const json = (body: unknown, status = 200): Reply => ({ kind: 'json', status, body })

/** v1 success (RunningHub: `{code, msg, data}`). */
export const success = (data: unknown, msg = 'success') => json({ code: 0, msg, data })

/** v1 refusal: HTTP 200 with a code (RunningHub: envelopes). */
export const refuse = ({ code, msg }: Refusal, data: unknown = null) => json({ code, msg, data })

/** v2 upload success: `message`, not `msg`. */
export const uploadSuccess = (data: unknown) => json({ code: 0, message: 'success', data })

export const uploadRefuse = ({ code, msg }: Refusal) => json({ code, message: msg, data: null })

/** v2 task answers are flat and carry no `code`. */
export const flat = (body: FlatAnswer) => json(body)

export type FlatAnswer = {
  taskId: string
  status: string
  errorCode: string
  errorMessage: string
  results: unknown
  clientId: string
  promptTips: string
  failedReason?: unknown
  usage?: unknown
}

export const flatRefuse = (errorCode: number, errorMessage: string, taskId = '') =>
  flat({
    taskId,
    status: 'FAILED',
    errorCode: String(errorCode),
    errorMessage,
    results: null,
    clientId: '',
    promptTips: '',
  })

export const text = (status: number, body: string, contentType = 'text/plain; charset=utf-8'): Reply => ({
  kind: 'text',
  status,
  body,
  contentType,
})

export const plain = json

/** RunningHub: a wrong path under the v1 API. The word says token, the meaning is URL. */
export const wrongUrl = () => refuse({ code: 412, msg: 'TOKEN_INVALID' })

export const paramsInvalid = (msg = 'PARAMS_INVALID') => refuse({ code: 301, msg })

/** The `code` or numeric `errorCode` of an answer, for the log. */
export function codeOf(reply: Reply): number | null {
  if (reply.kind !== 'json' || typeof reply.body !== 'object' || reply.body === null) return null
  const { code, errorCode } = reply.body as { code?: unknown; errorCode?: unknown }
  if (typeof code === 'number') return code
  if (typeof errorCode === 'string') return errorCode === '' ? 0 : Number(errorCode)
  return null
}

export const bodyText = (reply: Extract<Reply, { kind: 'json' | 'text' }>) =>
  reply.kind === 'json' ? writeJson(reply.body) : reply.body
