import { z } from 'zod'
import type { Clock } from '../shared/clock.ts'
import { type JsonValue, parseJson, writeJson } from '../shared/lossless-json.ts'
import { scrub } from '../shared/secrets.ts'
import {
  accountV1,
  appDemoV1,
  assetV2,
  createdV1,
  flatV2,
  loraV1,
  priceV2,
  queueV2,
  styleV1,
  webhookV1,
  workflowJsonV1,
} from './answers.ts'
import { type CreateHow, type CreateRequest, createCall, hookOf } from './create-request.ts'
import { codeError } from './errors.ts'
import { type AskCall, createListCalls, type ListCalls } from './lists.ts'
import { failed, readOutputs, readResults, type TaskState } from './outputs.ts'
import { refuseByStatus, unreadable } from './refusals.ts'
import type { Answer, Transport } from './transport.ts'
import { envelope } from './wire.ts'

/** A task that exists. `socketUrl` is a credential: it never leaves this folder. */
export type CreatedTask = {
  readonly taskId: string
  readonly status: string
  readonly socketUrl?: string
  /** What the cloud's own check of the graph says; empty when it says nothing. */
  readonly promptTips: string
}

export type AccountStatus = {
  readonly coins: string | null
  readonly money: string | null
  readonly currency: string
  readonly running: string | null
  readonly kind: string
}

export type RunningHubClient = ListCalls & {
  readonly baseUrl: string
  /** Starts a task. Sent once; CloudError.created says what a failure means. Not to be cut off: it takes no signal. */
  create(request: CreateRequest, how?: CreateHow): Promise<CreatedTask>
  /** The same of a workflow or an AI app by the v2 calls, whose answer names no progress socket. */
  createV2(
    request: Extract<CreateRequest, { kind: 'workflow' | 'app' }>,
    how?: CreateHow,
  ): Promise<CreatedTask>
  status(taskId: string, signal: AbortSignal): Promise<string>
  outputs(taskId: string, signal: AbortSignal): Promise<TaskState>
  queryV2(taskId: string, signal: AbortSignal): Promise<TaskState>
  /** Cancels a task. Not to be cut off: it takes no signal. */
  cancel(taskId: string): Promise<void>
  /** What became of a task's webhook. CloudError 807 when none was asked for. */
  webhook(taskId: string, signal: AbortSignal): Promise<WebhookDetail>
  /** Has it called again: that address, under the id of {@link webhook}. */
  retryWebhook(hook: { id: string; url: string }, signal: AbortSignal): Promise<void>
  /** The API-format graph of a cloud workflow. `isOpen`: the sandbox stands in, any node and field will do. */
  workflowJson(workflowId: string, signal: AbortSignal): Promise<{ graph: JsonValue; isOpen: boolean }>
  /** The fields of an AI app (nodeInfoList with descriptions). */
  appDemo(
    webappId: string,
    signal: AbortSignal,
  ): Promise<{
    name: string
    cover: string
    isProtected: boolean
    isOpen: boolean
    nodeInfoList: readonly JsonValue[]
  }>
  /** The style library of a quick create app; public. */
  quickStyles(webappId: string, signal: AbortSignal): Promise<readonly WireStyle[]>
  /** Where a LoRA of this digest goes: the name it will have, and an address that takes a PUT for an hour. */
  loraUploadUrl(
    lora: { name: string; md5: string },
    signal: AbortSignal,
  ): Promise<{ fileName: string; url: string }>
  accountStatus(signal: AbortSignal): Promise<AccountStatus>
  /** Files kept for models that take `asset://` (RunningHub: assets of one model family). */
  asset(
    action: 'create' | 'query',
    body: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<KeptAsset>
  /** What a standard model would cost with this body; nothing is started or paid. Undefined: the site names no price for it. */
  pricePreview(
    endpoint: string,
    body: object,
    signal: AbortSignal,
  ): Promise<{ price: string; currency: string; isFree: boolean } | undefined>
  /** Slots of the key and what runs on it; a free way to check a key. Not there on every site. */
  queueStatus(signal: AbortSignal): Promise<QueueStatus>
}

/** How the cloud called at the end of a task. Times as it writes them, without a zone. */
export type WebhookDetail = z.infer<typeof webhookV1>

/** A style of quick create as the wire has it. */
export type WireStyle = z.infer<typeof styleV1>

/** A file RunningHub keeps for its models. `response` is the answer as it came. */
export type KeptAsset = {
  readonly assetId: string
  readonly status: string
  readonly kind: string
  readonly previewUrl: string
  readonly response: string
}

/** `limit` null when the site does not say. */
export type QueueStatus = {
  readonly limit: number | null
  readonly running: number | null
  readonly kind: string
}

const createTimeoutMs = 60_000
const askTimeoutMs = 20_000
const cancelTimeoutMs = 8_000

/** Unknown key, wrong address, unknown task. */
const notOfTheTask: ReadonlySet<number> = new Set([401, 1001, 1002, 1004, 1009])

/** A typed client for one site and one key (RunningHub: endpoints). */
export function createRunningHubClient(options: {
  transport: Transport
  clock: Clock
  baseUrl: string
  apiKey: string
}): RunningHubClient {
  const { transport, baseUrl, apiKey } = options
  const clean = (text: string) => scrub(text, [apiKey])

  async function send(
    path: string,
    call: {
      body?: object
      method?: 'GET' | 'POST'
      requestTimeoutMs?: number
      /** Anybody may ask: the key stays here. */
      isPublic?: boolean
      signal: AbortSignal | undefined
    },
  ): Promise<Answer> {
    return transport.exchange({
      method: call.method ?? 'POST',
      url: `${baseUrl}${path}`,
      headers: {
        'content-type': 'application/json',
        ...(!call.isPublic && { authorization: `Bearer ${apiKey}` }),
      },
      ...(call.body && { body: writeJson(call.body) }),
      requestTimeoutMs: call.requestTimeoutMs ?? askTimeoutMs,
      signal: call.signal,
    })
  }

  function readEnvelope(answer: Answer, facts: { taskId?: string } = {}): z.infer<typeof envelope> {
    const parsed = envelope.safeParse(answer.json)
    const hasCode = typeof answer.json === 'object' && answer.json !== null && 'code' in answer.json
    if (!parsed.success || !hasCode) throw unreadable(answer, facts)
    const { code, msg, message } = parsed.data
    return { ...parsed.data, code, msg: clean(msg || message) }
  }

  /** The data of an answer under code 0; any other code, and data of another form, is an error. */
  async function ask<T>(path: string, call: AskCall<T>, facts: { taskId?: string } = {}): Promise<T> {
    const answer = await send(path, call)
    const { code, msg, data } = readEnvelope(answer, facts)
    if (code !== 0) throw codeError(code, msg, facts)
    const parsed = call.schema.safeParse(data)
    if (!parsed.success) throw unreadable(answer, facts)
    return parsed.data
  }

  function readFlat(answer: Answer, facts: { taskId?: string } = {}): z.infer<typeof flatV2> {
    const parsed = flatV2.safeParse(answer.json)
    if (parsed.success && (parsed.data.taskId || parsed.data.errorCode !== 0)) {
      return { ...parsed.data, errorMessage: clean(parsed.data.errorMessage) }
    }
    // v2 refuses now and then in v1's envelope.
    const refused = readEnvelope(answer, facts)
    throw refused.code === 0 ? unreadable(answer, facts) : codeError(refused.code, refused.msg, facts)
  }

  /** Starts a task by a v2 call: the key in the header alone, a flat answer (RunningHub: v2 run, standard models). */
  async function startV2(path: string, body: object): Promise<CreatedTask> {
    const answer = await send(path, { body, requestTimeoutMs: createTimeoutMs, signal: undefined })
    refuseByStatus(answer)
    const flat = readFlat(answer)
    if (flat.errorCode !== 0) throw codeError(flat.errorCode, flat.errorMessage)
    if (!flat.taskId) throw unreadable(answer)
    return { taskId: flat.taskId, status: flat.status, promptTips: clean(flat.promptTips) }
  }

  return {
    baseUrl,
    ...createListCalls(ask),

    async create(request, how = {}) {
      if (request.kind === 'model') {
        return startV2(`/openapi/v2/${request.targetId}`, { ...request.body, ...hookOf(how) })
      }
      const { path, body } = createCall(request, apiKey, how)
      const answer = await send(path, { body, requestTimeoutMs: createTimeoutMs, signal: undefined })
      refuseByStatus(answer)
      const { code, msg, data } = readEnvelope(answer)
      if (code !== 0) throw codeError(code, msg)
      const created = createdV1.safeParse(data)
      if (!created.success || !/^\d+$/.test(created.data.taskId)) throw unreadable(answer)
      const { taskId, taskStatus, netWssUrl, promptTips } = created.data
      return {
        taskId,
        status: taskStatus,
        promptTips: clean(promptTips),
        ...(netWssUrl && { socketUrl: netWssUrl }),
      }
    },

    createV2(request, how = {}) {
      const kind = request.kind === 'app' ? 'ai-app' : 'workflow'
      const { nodeInfoList, instanceType } = request
      return startV2(`/openapi/v2/run/${kind}/${request.targetId}`, {
        nodeInfoList,
        ...(instanceType && { instanceType }),
        ...hookOf(how),
      })
    },

    async status(taskId, signal) {
      const call = { body: { apiKey, taskId }, schema: z.string(), signal }
      return ask('/task/openapi/status', call, { taskId })
    },

    async outputs(taskId, signal) {
      const answer = await send('/task/openapi/outputs', { body: { apiKey, taskId }, signal })
      return readOutputs(readEnvelope(answer, { taskId }), taskId)
    },

    async queryV2(taskId, signal) {
      const answer = await send('/openapi/v2/query', { body: { taskId }, signal })
      const flat = readFlat(answer, { taskId })
      // v2 says FAILED of an unknown task too; that is an answer about the question.
      if (notOfTheTask.has(flat.errorCode)) throw codeError(flat.errorCode, flat.errorMessage, { taskId })
      if (flat.status === 'SUCCESS') {
        return { ...readResults(flat.results ?? [], flat.usage), response: clean(answer.text) }
      }
      if (flat.status === 'FAILED' || flat.status === 'CANCEL') {
        return failed({ failedReason: flat.failedReason }, taskId, flat.errorMessage, flat.errorCode)
      }
      if (flat.errorCode !== 0) throw codeError(flat.errorCode, flat.errorMessage, { taskId })
      return { state: flat.status === 'QUEUED' || flat.status === 'CREATE' ? 'queued' : 'running' }
    },

    async cancel(taskId) {
      const answer = await send('/task/openapi/cancel', {
        body: { apiKey, taskId },
        requestTimeoutMs: cancelTimeoutMs,
        signal: undefined,
      })
      const { code, msg } = readEnvelope(answer, { taskId })
      if (code !== 0) throw codeError(code, msg, { taskId })
    },

    async webhook(taskId, signal) {
      const call = { body: { apiKey, taskId }, schema: webhookV1, signal }
      const detail = await ask('/task/openapi/getWebhookDetail', call, { taskId })
      return { ...detail, callbackResponse: clean(detail.callbackResponse) }
    },

    async retryWebhook({ id, url }, signal) {
      const body = { apiKey, webhookId: id, webhookUrl: url }
      await ask('/task/openapi/retryWebhook', { body, schema: z.unknown(), signal })
    },

    async workflowJson(workflowId, signal) {
      const call = { body: { apiKey, workflowId }, schema: workflowJsonV1, signal }
      const { prompt, sandboxOpen } = await ask('/api/openapi/getJsonApiFormat', call)
      return { graph: parseJson(prompt), isOpen: sandboxOpen === true }
    },

    async appDemo(webappId, signal) {
      const query = new URLSearchParams({ apiKey, webappId })
      // data.curl holds the caller's key: it is left behind here.
      const demo = await ask(`/api/webapp/apiCallDemo?${query}`, { method: 'GET', schema: appDemoV1, signal })
      const [cover] = demo.covers ?? []
      return {
        name: demo.webappName,
        cover: cover?.thumbnailUri || cover?.url || '',
        isProtected: demo.accessEncrypted === true,
        isOpen: demo.sandboxOpen === true,
        nodeInfoList: (demo.nodeInfoList ?? []) as JsonValue[],
      }
    },

    async quickStyles(webappId, signal) {
      const call = { body: { type: 2, webappId }, isPublic: true, schema: z.array(styleV1).nullish(), signal }
      return (await ask('/api/fast/creation/model/params', call)) ?? []
    },

    async loraUploadUrl({ name, md5 }, signal) {
      const call = { body: { apiKey, loraName: name, md5Hex: md5 }, schema: loraV1, signal }
      return ask('/api/openapi/getLoraUploadUrl', call)
    },

    async asset(action, body, signal) {
      const path = `/openapi/v2/assets/${action}`
      const answer = await send(path, { body, signal })
      const { code, msg, data } = readEnvelope(answer)
      if (code !== 0) throw codeError(code, msg)
      const parsed = assetV2.safeParse(data)
      if (!parsed.success) throw unreadable(answer)
      const { assetId, status, assetType, previewUrl } = parsed.data
      return { assetId: assetId ?? '', status, kind: assetType, previewUrl, response: clean(answer.text) }
    },

    async pricePreview(endpoint, body, signal) {
      const answer = await send(`/openapi/v2/price-preview/${endpoint}`, { body, signal })
      refuseByStatus(answer)
      const parsed = priceV2.safeParse(answer.json)
      if (!parsed.success) throw unreadable(answer)
      const { errorCode, errorMessage, estimatedPrice, currency, isFreeThisCall } = parsed.data
      if (errorCode !== 0) throw codeError(errorCode, clean(errorMessage))
      if (estimatedPrice === null) return undefined
      return { price: estimatedPrice, currency, isFree: isFreeThisCall === true }
    },

    async queueStatus(signal) {
      const call = { method: 'GET', schema: queueV2, signal } as const
      const { concurrentLimit, totalCurrentTasks, apiKeyType } = await ask('/openapi/v2/queue/status', call)
      const count = (amount: string | null) => (amount !== null && Number(amount) > 0 ? Number(amount) : null)
      return {
        limit: count(concurrentLimit),
        running: totalCurrentTasks === null ? null : Number(totalCurrentTasks),
        kind: apiKeyType,
      }
    },

    async accountStatus(signal) {
      // The one call that spells it in lower case (RunningHub: accountStatus).
      const call = { body: { apikey: apiKey }, schema: accountV1, signal }
      const account = await ask('/uc/openapi/accountStatus', call)
      return {
        coins: account.remainCoins,
        money: account.remainMoney,
        currency: account.currency,
        running: account.currentTaskCounts,
        kind: account.apiType,
      }
    },
  }
}
