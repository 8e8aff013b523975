import { z } from 'zod'
import type { JsonValue } from '../shared/lossless-json.ts'
import { wireId, wireText } from './wire.ts'

/** How far a task is, as its socket tells it. Never more than is known: without a node count there is no total. */
export type CloudProgress = {
  readonly nodesDone: number
  readonly nodesTotal?: number
  /** The cloud node at work, by title where the graph is known. */
  readonly label?: string
  readonly step?: number
  readonly steps?: number
}

const message = z.object({
  type: z.string(),
  data: z
    .object({
      node: wireId.nullish(),
      node_id: wireId.nullish(),
      nodes: z.array(wireId).optional(),
      value: z.coerce.number().optional(),
      max: z.coerce.number().optional(),
    })
    .nullish(),
})

/** Node ids and titles of a cloud workflow, from its API-format graph. */
export function readTitles(graph: JsonValue): ReadonlyMap<string, string> {
  const titles = new Map<string, string>()
  const node = z.object({ class_type: wireText, _meta: z.object({ title: wireText }).nullish() })
  if (typeof graph !== 'object' || graph === null || Array.isArray(graph)) return titles
  for (const [id, value] of Object.entries(graph)) {
    const parsed = node.safeParse(value)
    if (parsed.success) titles.set(id, parsed.data._meta?.title || parsed.data.class_type)
  }
  return titles
}

/**
 * Turns socket messages into progress. Progress of the task = distinct nodes that ended or were cached, over the graph's count.
 * `accept` answers whether there was news and whether the message hints that the task may be over (RunningHub: WebSocket, rules).
 */
export function createProgressReader(): {
  knowGraph(titles: ReadonlyMap<string, string>): void
  accept(text: string): { news: boolean; hint: boolean }
  current(): CloudProgress
} {
  let titles: ReadonlyMap<string, string> = new Map()
  const done = new Set<string>()
  let node: string | undefined
  let step: number | undefined
  let steps: number | undefined

  const nothing = { news: false, hint: false }
  function enter(next: string | undefined): void {
    if (next === node) return
    if (node !== undefined) done.add(node)
    node = next
    step = undefined
    steps = undefined
  }

  return {
    knowGraph(known) {
      titles = known
    },
    accept(text) {
      let parsed: z.infer<typeof message>
      try {
        parsed = message.parse(JSON.parse(text))
      } catch {
        // Frames that are no messages are no reason to stop.
        return nothing
      }
      const { type, data } = parsed
      switch (type) {
        case 'execution_cached':
          for (const id of data?.nodes ?? []) done.add(id)
          return { news: true, hint: false }
        case 'executing':
          enter(data?.node ?? undefined)
          return { news: true, hint: data?.node === null }
        case 'progress':
          if (data?.node) enter(data.node)
          // `max` may be 0, which says nothing.
          steps = data?.max !== undefined && data.max > 0 ? data.max : undefined
          step = data?.value === undefined ? undefined : Math.max(0, data.value)
          return { news: true, hint: false }
        case 'executed':
          if (data?.node) done.add(data.node)
          return { news: true, hint: false }
        case 'execution_success':
          // Seen for the whole task and for single nodes: a reason to ask, no proof.
          return { news: false, hint: true }
        case 'execution_error':
          return { news: false, hint: true }
        default:
          return nothing
      }
    },
    current() {
      const label = node === undefined ? undefined : titles.get(node) || `node ${node}`
      const nodesTotal = titles.size > 0 ? Math.max(titles.size, done.size) : undefined
      return {
        nodesDone: done.size,
        ...(nodesTotal !== undefined && { nodesTotal }),
        ...(label !== undefined && { label }),
        ...(step !== undefined && steps !== undefined && { step: Math.min(step, steps), steps }),
      }
    },
  }
}
