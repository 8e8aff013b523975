import { z } from 'zod'
import type { CloudResult } from '../../nodes/context.ts'
import type { CloudDescription } from '../knowledge/index.ts'
import { CloudError, type CreateRequest, type RunningHubClient, readTitles } from '../runninghub/index.ts'
import { rejectOnAbort } from '../shared/abort.ts'
import { type Clock, withDeadline } from '../shared/clock.ts'
import { messageOf } from '../shared/errors.ts'
import type { AccountLook } from './journal.ts'

/** What one process remembers of the sites it asked. Bounded. */
export type SiteMemory = {
  /** Work under way in this process, by signature: the same work is not paid twice side by side. */
  readonly inFlight: Map<string, InFlight>
  readonly graphs: Map<string, ReadonlyMap<string, string>>
  readonly limits: Map<string, { limit: Promise<number | null>; until: number }>
  /** Kinds of keys, by lane: NORMAL, SHARED, EXCLUSIVE. A key keeps its kind. */
  readonly kinds: Map<string, string>
  /** Taken away as soon as a task of ours begins or ends. */
  readonly looks: Map<string, { look: AccountLook; until: number }>
}

/** A job on its way, and how many others wait for what comes of it. */
export type InFlight = { readonly result: Promise<CloudResult>; waiting: number }

export function createSiteMemory(): SiteMemory {
  return { inFlight: new Map(), graphs: new Map(), limits: new Map(), kinds: new Map(), looks: new Map() }
}

const maxRemembered = 1000
const limitLifeMs = 10 * 60_000
const askMs = 5_000
const lookLifeMs = 60_000

/** Titles of a cloud workflow's nodes, asked once. */
export async function titlesOf(
  client: RunningHubClient,
  workflowId: string,
  signal: AbortSignal,
  memory: SiteMemory,
): Promise<ReadonlyMap<string, string>> {
  const key = `${client.baseUrl}\0${workflowId}`
  const known = memory.graphs.get(key)
  if (known) return known
  const titles = readTitles((await client.workflowJson(workflowId, signal)).graph)
  remember(memory.graphs, key, titles)
  return titles
}

/** What is known of a workflow already need not be asked for its titles. */
export function rememberTitles(
  memory: SiteMemory,
  baseUrl: string,
  { id, nodes }: Pick<CloudDescription, 'id' | 'nodes'>,
): void {
  const titles = Object.entries(nodes).map(([nodeId, { title }]) => [nodeId, title] as const)
  remember(memory.graphs, `${baseUrl}\0${id}`, new Map(titles))
}

/** How many tasks a key may run: as the site says where it does, else as the graph says. */
export async function limitOf(
  client: RunningHubClient,
  lane: string,
  fromGraph: number,
  memory: SiteMemory,
  signal: AbortSignal,
  clock: Clock,
): Promise<number> {
  const known = memory.limits.get(lane)
  if (known && known.until > clock.ticks()) return (await untilStopped(known.limit, signal)) ?? fromGraph
  // Asked once for all who wait, so one who stops does not end it.
  const limit = withDeadline(clock, askMs, undefined, within => client.queueStatus(within)).then(
    status => status.limit,
    // Not every site and key has this call; the graph's own number serves.
    () => null,
  )
  remember(memory.limits, lane, { limit, until: clock.ticks() + limitLifeMs })
  return (await untilStopped(limit, signal)) ?? fromGraph
}

async function untilStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const abort = rejectOnAbort(signal)
  try {
    return await Promise.race([work, abort.promise])
  } finally {
    abort.release()
  }
}

/** What was learned of a key's kind; a site that names none is not believed to have none. */
export function rememberKind(memory: SiteMemory, lane: string, kind: string): void {
  if (kind !== '') remember(memory.kinds, lane, kind)
}

export type KeyFacts = {
  readonly site: string
  readonly kind: string
  readonly coins: string | null
  readonly money: string | null
  readonly currency: string
  readonly running: number | null
  /** How many tasks may run at once; null when the site does not say. */
  readonly limit: number | null
}

/** Balance and slots of a key, which is a way to try it: nothing is started or paid. Throws CloudError. */
export async function factsOfKey(client: RunningHubClient, signal: AbortSignal): Promise<KeyFacts> {
  const [account, queue] = await Promise.all([
    client.accountStatus(signal),
    // Not every site and key has this call.
    client.queueStatus(signal).catch(() => undefined),
  ])
  const { coins, money, currency } = account
  const counted = account.running === null ? null : Number(account.running)
  return {
    site: client.baseUrl,
    kind: account.kind || (queue?.kind ?? ''),
    coins,
    money,
    currency,
    running: queue?.running ?? counted,
    limit: queue?.limit ?? null,
  }
}

/** Where a key belongs: asked of each site, as a key of one is unknown to the other (RunningHub: hosts). */
export type KeyHome =
  | { readonly facts: KeyFacts }
  /** No site knows it, or some did not answer; the first one's words. */
  | { readonly isRefused: boolean; readonly why: string }

const homeMs = 8_000

/** Asks the sites at once; nothing is started or paid. Undefined when there are none to ask. */
export async function homeOfKey(
  clients: readonly RunningHubClient[],
  signal: AbortSignal,
  clock: Clock,
): Promise<KeyHome | undefined> {
  const asked = await Promise.allSettled(
    clients.map(client => withDeadline(clock, homeMs, signal, within => factsOfKey(client, within))),
  )
  signal.throwIfAborted()
  for (const answer of asked) if (answer.status === 'fulfilled') return { facts: answer.value }
  const reasons: unknown[] = asked.flatMap(answer => (answer.status === 'rejected' ? [answer.reason] : []))
  const [first] = reasons
  if (first === undefined) return undefined
  const isRefused = reasons.every(
    reason => reason instanceof CloudError && reason.cloudCode !== undefined && !reason.askAgain,
  )
  return { isRefused, why: messageOf(first) }
}

const appField = z.object({
  nodeId: z.union([z.string(), z.number(), z.bigint()]).transform(String),
  fieldName: z.string(),
  nodeName: z.string().nullish(),
  fieldType: z.string().nullish(),
  description: z.string().nullish(),
})

/** Quick create wants every item with the words of the app's form; an app that shows no form gets the items as they are. */
export async function describeFields(
  request: CreateRequest & { kind: 'quick' },
  client: RunningHubClient,
  signal: AbortSignal,
  clock: Clock,
): Promise<CreateRequest> {
  const demo = await withDeadline(clock, askMs, signal, within =>
    client.appDemo(request.targetId, within),
  ).catch(() => undefined)
  signal.throwIfAborted()
  const fields = (demo?.nodeInfoList ?? []).flatMap(item => appField.safeParse(item).data ?? [])
  return {
    ...request,
    nodeInfoList: request.nodeInfoList.map(info => {
      const field = fields.find(
        ({ nodeId, fieldName }) => nodeId === info.nodeId && fieldName === info.fieldName,
      )
      if (!field) return info
      return {
        ...info,
        nodeName: field.nodeName ?? info.nodeName,
        fieldType: field.fieldType ?? info.fieldType,
        description: field.description ?? info.description,
      }
    }),
  }
}

/** What the site says of the key now; undefined when it says nothing. */
export async function lookAtAccount(
  client: RunningHubClient,
  signal: AbortSignal,
  clock: Clock,
): Promise<AccountLook | undefined> {
  return withDeadline(clock, askMs, signal, within => client.accountStatus(within)).then(
    ({ running, coins, money }) => ({ running: running === null ? null : Number(running), coins, money }),
    () => undefined,
  )
}

/** The same before a create: a look that is still true is used again, so that most creates cost no further call. */
export async function lookBeforeCreate(
  client: RunningHubClient,
  lane: string,
  memory: SiteMemory,
  signal: AbortSignal,
  clock: Clock,
): Promise<AccountLook | undefined> {
  const known = memory.looks.get(lane)
  if (known && known.until > clock.ticks()) return known.look
  const look = await lookAtAccount(client, signal, clock)
  if (look) remember(memory.looks, lane, { look, until: clock.ticks() + lookLifeMs })
  return look
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= maxRemembered) break
    map.delete(oldest)
  }
}
