import type { Ids } from './ids.ts'
import type { Timers } from './timers.ts'

type WebhookRecord = {
  id: string
  taskId: string
  userKey: string
  webhookUrl: string
  eventData: string
  callbackStatus: 'PENDING' | 'RETRYING' | 'SUCCESS' | 'FAILED'
  callbackResponse: string
  retryCount: number
  createdAt: number
  updatedAt: number
}

/** What RunningHub posts at a task's end, at most four times (RunningHub: what the webhook receives). Loopback addresses only. */
export type Webhooks = {
  deliver(hook: { taskId: string; userKey: string; webhookUrl: string; eventData: string }): void
  ofTask(taskId: string): WebhookRecord | undefined
  /** Posts again, to another address if one is given; false when the id is unknown. */
  retry(id: string, webhookUrl: string | undefined): boolean
  close(): Promise<void>
}

const retries = 3
const retryMs = 1000
const answerMs = 5000
const mostRecords = 2000

export function createWebhooks(timers: Timers, ids: Ids): Webhooks {
  const records = new Map<string, WebhookRecord>()
  const stop = new AbortController()
  const posting = new Set<Promise<void>>()

  function start(record: WebhookRecord): void {
    const work = post(record).finally(() => posting.delete(work))
    posting.add(work)
  }

  async function post(record: WebhookRecord): Promise<void> {
    if (!isLoopback(record.webhookUrl)) {
      finish(record, 'FAILED', 'the sandbox posts to loopback addresses only')
      return
    }
    const gaveUp = new AbortController()
    const cancel = timers.after(answerMs, () => gaveUp.abort())
    try {
      const response = await fetch(record.webhookUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ event: 'TASK_END', taskId: record.taskId, eventData: record.eventData }),
        redirect: 'manual',
        signal: AbortSignal.any([stop.signal, gaveUp.signal]),
      })
      const answer = (await response.text()).slice(0, 1000)
      if (response.ok) finish(record, 'SUCCESS', answer)
      else again(record, `HTTP ${response.status}`)
    } catch (error) {
      if (!stop.signal.aborted) again(record, error instanceof Error ? error.message : String(error))
    } finally {
      cancel()
    }
  }

  function again(record: WebhookRecord, why: string): void {
    if (record.retryCount >= retries) {
      finish(record, 'FAILED', why)
      return
    }
    record.retryCount++
    finish(record, 'RETRYING', why)
    timers.afterTaskTime(retryMs, () => start(record))
  }

  function finish(record: WebhookRecord, status: WebhookRecord['callbackStatus'], response: string): void {
    record.callbackStatus = status
    record.callbackResponse = response
    record.updatedAt = timers.now()
  }

  return {
    deliver(hook) {
      const now = timers.now()
      const record: WebhookRecord = {
        ...hook,
        id: ids.next(),
        callbackStatus: 'PENDING',
        callbackResponse: '',
        retryCount: 0,
        createdAt: now,
        updatedAt: now,
      }
      records.set(record.id, record)
      if (records.size > mostRecords) {
        for (const oldest of records.keys()) {
          records.delete(oldest)
          break
        }
      }
      start(record)
    },
    ofTask: taskId => [...records.values()].findLast(record => record.taskId === taskId),
    retry(id, webhookUrl) {
      const record = records.get(id)
      if (!record) return false
      if (webhookUrl) record.webhookUrl = webhookUrl
      record.retryCount = 0
      start(record)
      return true
    },
    async close() {
      stop.abort()
      await Promise.allSettled(posting)
    },
  }
}

/** A simulator must not become a way to reach other machines. */
function isLoopback(address: string): boolean {
  try {
    const { protocol, hostname } = new URL(address)
    return (
      (protocol === 'http:' || protocol === 'https:') &&
      (hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname))
    )
  } catch {
    return false // Not a URL.
  }
}
