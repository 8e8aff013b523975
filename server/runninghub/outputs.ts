import { z } from 'zod'
import type { JsonValue } from '../shared/lossless-json.ts'
import { parseJson } from '../shared/lossless-json.ts'
import { codeFacts } from './error-codes.ts'
import { CloudError, codeError } from './errors.ts'
import { type envelope, wireAmount, wireId, wireText } from './wire.ts'

/** One file a task gave (RunningHub: outputs). */
export type OutputFile = { readonly url: string; readonly type: string; readonly nodeId: string | null }

/** What a task cost, taken once: every element repeats the same figures (RunningHub: cost). Decimal texts. */
export type Cost = {
  readonly coins: string | null
  readonly money: string | null
  readonly thirdPartyMoney: string | null
  readonly seconds: string | null
}

/** What the outputs call says of a task. Only a list under code 0 is a good end. */
export type TaskState =
  | { readonly state: 'queued' }
  | { readonly state: 'running'; readonly socketUrl?: string }
  | {
      readonly state: 'done'
      readonly files: readonly OutputFile[]
      readonly texts: readonly string[]
      readonly cost: Cost
      /** The answer of v2's query as it came. */
      readonly response?: string
    }
  | { readonly state: 'failed'; readonly error: CloudError }
  /** Code 500: on old servers the task failed, on others the question did. To be confirmed by status. */
  | { readonly state: 'doubtful'; readonly error: CloudError }

export const noCost: Cost = { coins: null, money: null, thirdPartyMoney: null, seconds: null }

const element = z.object({
  fileUrl: wireText,
  url: wireText,
  outputUrl: wireText,
  fileType: wireText,
  outputType: wireText,
  text: wireText,
  content: wireText,
  nodeId: wireId.nullish(),
  taskCostTime: wireAmount,
  consumeCoins: wireAmount,
  consumeMoney: wireAmount,
  thirdPartyConsumeMoney: wireAmount,
})

/** Reads an answer of 2.9. Throws for codes that say nothing of the task itself. */
export function readOutputs(answer: z.infer<typeof envelope>, taskId: string): TaskState {
  const { code, msg, data } = answer
  if (code === 813) return { state: 'queued' }
  if (code === 804) return running(data)
  if (code === 805) return failed(data, taskId)
  if (code === 500) return { state: 'doubtful', error: failure(undefined, taskId, msg) }
  if (code !== 0) throw codeError(code, msg, { taskId })
  if (Array.isArray(data)) return readResults(data)
  const status = z.object({ taskStatus: z.string() }).safeParse(data)
  if (status.success && /^(FAILED|CANCEL)$/.test(status.data.taskStatus)) return failed(data, taskId)
  // code 0 with null: starting or running; older servers also for queued, with a Chinese msg.
  return /排队/.test(msg) ? { state: 'queued' } : running(data)
}

/** A list of result elements, v1's or v2's. Elements we cannot read are left out. */
export function readResults(data: readonly unknown[], usage?: unknown): TaskState & { state: 'done' } {
  const elements = data.flatMap(item => {
    const parsed = element.safeParse(item)
    return parsed.success ? [parsed.data] : []
  })
  const files: OutputFile[] = []
  const texts: string[] = []
  for (const item of elements) {
    const url = item.fileUrl || item.url || item.outputUrl
    const type = (item.fileType || item.outputType || extensionOf(url)).toLowerCase().replace(/^\./, '')
    if (url) files.push({ url, type, nodeId: item.nodeId ?? null })
    else if (item.text || item.content) texts.push(item.text || item.content)
  }
  const whole = element.safeParse(usage)
  const costs = [...elements, ...(whole.success ? [whole.data] : [])]
  const cost: Cost = {
    coins: largest(costs.map(item => item.consumeCoins)),
    money: largest(costs.map(item => item.consumeMoney)),
    thirdPartyMoney: largest(costs.map(item => item.thirdPartyConsumeMoney)),
    seconds: largest(costs.map(item => item.taskCostTime)),
  }
  return { state: 'done', files, texts, cost }
}

function running(data: unknown): TaskState {
  const parsed = z.object({ netWssUrl: z.string().min(1) }).safeParse(data)
  return parsed.success ? { state: 'running', socketUrl: parsed.data.netWssUrl } : { state: 'running' }
}

const reason = z.object({
  node_id: wireId.nullish(),
  node_name: wireText,
  exception_type: wireText,
  exception_message: wireText,
  traceback: z.unknown().optional(),
})

/** failedReason: an object, JSON in a string, plain text, or nothing. `{}` is nothing. */
function readReason(data: unknown): z.infer<typeof reason> | string | undefined {
  const holder = z.object({ failedReason: z.unknown() }).safeParse(data)
  let value: unknown = holder.success ? holder.data.failedReason : undefined
  if (typeof value === 'string') {
    let inside: JsonValue
    try {
      inside = parseJson(value)
    } catch {
      // Plain words.
      return value
    }
    if (inside !== null && typeof inside !== 'object') return String(inside)
    value = inside
  }
  const parsed = reason.safeParse(value)
  if (!parsed.success) return undefined
  return parsed.data.exception_message || parsed.data.exception_type || parsed.data.node_name
    ? parsed.data
    : undefined
}

/**
 * A task that ended badly; `data` may hold its failedReason, `text` is what is told without one. `code` is v2's, which says why where it
 * is more than "unknown error".
 */
export function failed(data: unknown, taskId: string, text = '', code = 0): TaskState & { state: 'failed' } {
  const reason = readReason(data)
  const says = code !== 0 && code !== 805 && code !== 1000
  if (reason !== undefined || !says) return { state: 'failed', error: failure(reason, taskId, text) }
  const { meaning, hint, name } = codeFacts(code)
  const detail = text && text !== name ? `: ${text}` : ''
  const facts = { code: 'cloud-805', cloudCode: code, created: 'no', askAgain: false, taskId, hint } as const
  return {
    state: 'failed',
    error: new CloudError(`The cloud task failed (${code}): ${meaning}${detail}.`, facts),
  }
}

function failure(why: ReturnType<typeof readReason>, taskId: string, text = ''): CloudError {
  const facts = { code: 'cloud-805', cloudCode: 805, created: 'no' as const, askAgain: false, taskId }
  if (typeof why === 'object') {
    const where = why.node_name ? ` at node ${why.node_id ?? '?'} (${why.node_name})` : ''
    const what = [why.exception_type, why.exception_message.trim()].filter(Boolean).join(': ')
    const sentence = `The cloud task failed${where}${what ? `: ${what}` : '.'}`
    const lines = [sentence, ...tracebackOf(why.traceback)]
    return new CloudError(lines.join('\n'), { ...facts, hint: adviceFor(what) })
  }
  const detail = why || text
  return new CloudError(
    detail
      ? `The cloud task failed: ${detail}`
      : 'The cloud task failed or was cancelled; RunningHub gave no reason.',
    { ...facts, hint: adviceFor(detail) },
  )
}

/** More lines than this tell nobody more; the last ones are where it happened. */
const mostLines = 60

/** The lines of a traceback: a list of texts, or one as JSON in a string (RunningHub: failedReason). */
function tracebackOf(written: unknown): readonly string[] {
  const list = typeof written === 'string' ? listIn(written) : written
  const texts = Array.isArray(list) ? list.filter(item => typeof item === 'string') : []
  const lines = texts.flatMap(text => text.split('\n')).flatMap(line => (line.trim() ? [line.trimEnd()] : []))
  return lines.slice(-mostLines)
}

function listIn(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return [text]
  }
}

function adviceFor(text: string): string {
  if (/显存|out of memory|OutOfMemory/i.test(text)) {
    return 'The machine ran out of GPU memory: turn on use_rtx4090_48g, or make the picture smaller.'
  }
  if (/色情|porn|nsfw|审核/i.test(text))
    return 'The content was refused by moderation: change the prompt or the pictures.'
  return 'Change the input the cause names, then run again; a new run costs again.'
}

function extensionOf(url: string): string {
  return /\.([a-z0-9]{1,8})(?:$|\?)/i.exec(url)?.[1] ?? ''
}

/** The largest of decimal texts, as it was written. */
function largest(amounts: readonly (string | null)[]): string | null {
  let best: string | null = null
  for (const amount of amounts) {
    if (amount !== null && (best === null || Number(amount) > Number(best))) best = amount
  }
  return best
}
