import type { IncomingMessage } from 'node:http'
import type { JsonValue } from '../shared/lossless-json.ts'
import type { KeptAssets } from './calls/assets.ts'
import type { Faults } from './faults.ts'
import type { Ids } from './ids.ts'
import type { Account, Accounts } from './keys.ts'
import type { RequestLog } from './log.ts'
import type { Random } from './random.ts'
import { type Reply, refuse } from './reply.ts'
import type { FileStore } from './results/file-store.ts'
import type { TaskEngine } from './tasks/engine.ts'
import type { Timers } from './timers.ts'
import type { LoggedRequest, SandboxModel, ViolationRule } from './types.ts'
import type { Uploads } from './uploads.ts'
import type { Webhooks } from './webhooks.ts'

export type JsonBody = { [key: string]: JsonValue }

/** One request, read as far as every call needs it. */
export type Call = {
  request: IncomingMessage
  method: string
  path: string
  query: URLSearchParams
  /** Empty for calls that read their body themselves. */
  body: JsonBody
  entry: LoggedRequest
}

/** The parts of a running sandbox that calls work with. */
export type House = {
  strict: boolean
  concurrency: number
  startedAt: number
  timers: Timers
  ids: Ids
  random: Random
  accounts: Accounts
  engine: TaskEngine
  store: FileStore
  /** Kept files by assetId. */
  assets: KeptAssets
  /** Standard models whose parameters are known. */
  models: () => readonly SandboxModel[]
  speed: number
  uploads: Uploads
  webhooks: Webhooks
  log: RequestLog
  faults: Faults
  /** `http://127.0.0.1:PORT` */
  url(): string
}

export type Handler = (call: Call, house: House) => Reply | Promise<Reply>

/** The key in `Authorization: Bearer …`; one client sends it without "Bearer". */
export function headerKey(call: Call): string {
  const header = call.request.headers.authorization ?? ''
  return header.replace(/^Bearer(\s+|$)/i, '').trim()
}

export function openAccount(key: string, house: House): Account | null {
  if (key !== '') house.log.noteKey(key)
  return key === '' ? null : house.accounts.open(key)
}

export const unauthorized = () => refuse({ code: 802, msg: 'APIKEY_UNAUTHORIZED' })

/** Where v1 calls look for the key: the body, then the header (RunningHub: headers and where the key goes). */
export function v1Account(call: Call, house: House): Account | null {
  const { apiKey } = call.body
  return openAccount(typeof apiKey === 'string' && apiKey !== '' ? apiKey : headerKey(call), house)
}

export const v2Unauthorized = () => ({
  code: 401,
  msg: 'ApiKey verification failed: the key is missing or unknown',
})

/** v2 calls read only the header; a key in the body is a mistake that goes unanswered. */
export function v2Account(call: Call, house: House): Account | null {
  const { apiKey, apikey } = call.body
  if (apiKey !== undefined || apikey !== undefined) {
    violate(call, house, 'api-key-in-v2-body', 'v2 calls take the key in the Authorization header only')
  }
  return openAccount(headerKey(call), house)
}

export function violate(call: Call, house: House, rule: ViolationRule, detail: string): void {
  house.log.violate(house.timers.now(), rule, call.entry, detail)
}

/** Text, or an integer written as a number: how clients send ids. */
export function idOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value)))
    return String(value)
  return undefined
}
