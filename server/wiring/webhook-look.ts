import { CloudError, createRunningHubClient, type Transport } from '../runninghub/index.ts'
import type { Clock } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'
import { keyReference } from '../shared/secrets.ts'
import type { Journal, TaskRecord } from './journal.ts'
import { laneOf } from './lane.ts'
import { resolveSite, type Site, type SiteSources } from './site.ts'
import type { Webhooks } from './webhooks.ts'

/** How the cloud called at the end of a task. Times as it writes them, without a zone. */
export type WebhookLook = {
  readonly taskId: string
  readonly webhookId: string
  /** Without what is secret in it: the last part of ours. */
  readonly url: string
  /** SUCCESS, FAILED, PENDING, RETRYING, or what else the cloud says. */
  readonly status: string
  readonly response: string
  readonly retries: number
  readonly createdAt: string
  readonly updatedAt: string
}

type Parts = {
  readonly transport: Transport
  readonly clock: Clock
  readonly webhooks: Pick<Webhooks, 'urlFor'>
  readonly journal: Pick<Journal, 'byTaskIds'>
  readonly sources: SiteSources
  readonly onKey: (key: string) => void
}

/** Asks what became of a task's webhook, and has it called again where that is wanted (RunningHub: getWebhookDetail, retryWebhook). */
export async function webhookOfTask(
  taskId: string,
  { retry, signal }: { retry: boolean; signal: AbortSignal },
  parts: Parts,
): Promise<WebhookLook> {
  if (!/^\d{1,20}$/.test(taskId)) {
    throw new BridgeError(`"${taskId.slice(0, 40)}" is no task id: ids are digits only.`, {
      code: 'bad-task-id',
      hint: 'It stands in the task list on the RunningHub site, and in the reports of runs.',
    })
  }
  const [record] = parts.journal.byTaskIds([taskId])
  const site = await siteOf(record, parts.sources)
  parts.onKey(site.apiKey)
  const client = createRunningHubClient({ ...parts, ...site })
  const ask = () =>
    client.webhook(taskId, signal).catch(error => {
      const isNone = error instanceof CloudError && [807, 1004].includes(error.cloudCode ?? 0)
      throw isNone ? noWebhook(taskId, error) : error
    })
  const found = await ask()
  if (!retry) return toLook(taskId, found)
  // The address may have changed since: a new tunnel, another port.
  const url = parts.webhooks.urlFor(site) ?? found.webhookUrl
  await client.retryWebhook({ id: found.id, url }, signal)
  return toLook(taskId, await ask())
}

/** The site and key that created it; for a task from elsewhere those of a graph that says nothing. */
async function siteOf(record: TaskRecord | undefined, sources: SiteSources): Promise<Site> {
  const silent = { baseUrl: '', apiKey: '', targetId: '' }
  if (!record) return resolveSite(silent, sources)
  const { site: baseUrl, keyName, lane } = record
  const { sandbox } = sources
  if (keyName === 'sandbox' && (await sandbox.isOneAt(baseUrl))) {
    return { baseUrl, apiKey: sandbox.apiKey, keyName, isSandbox: true }
  }
  const isStored = (await sources.keyStore.get(keyName)) !== undefined
  const apiKey = isStored ? keyReference(keyName) : ''
  const site = await resolveSite({ ...silent, baseUrl, apiKey }, sources)
  if (laneOf(site) === lane) return site
  throw new BridgeError(`The key that created it (${keyName}) is not at hand.`, {
    code: 'no-key',
    hint: 'Give it with --api-key, or add it to the key store under that name.',
    taskId: record.taskId ?? '',
  })
}

function toLook(
  taskId: string,
  found: Awaited<ReturnType<ReturnType<typeof createRunningHubClient>['webhook']>>,
): WebhookLook {
  return {
    taskId,
    webhookId: found.id,
    url: found.webhookUrl.replace(/(\/bridge\/hooks\/)[^/?#]+/, '$1…'),
    status: found.callbackStatus,
    response: found.callbackResponse.slice(0, 500),
    retries: Number(found.retryCount ?? 0),
    createdAt: found.createTime,
    updatedAt: found.updateTime,
  }
}

function noWebhook(taskId: string, cause: unknown): BridgeError {
  return new BridgeError('RunningHub knows of no webhook of this task.', {
    code: 'no-webhook',
    hint: 'Tasks ask for one when the server was started with --public-url.',
    taskId,
    cause,
  })
}
