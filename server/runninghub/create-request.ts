import { type JsonValue, rawNumber, writeJson } from '../shared/lossless-json.ts'

/** One item of nodeInfoList as it goes onto the wire. */
export type WireNodeInfo = {
  readonly nodeId: string
  readonly fieldName: string
  readonly fieldValue: unknown
}

/** What runs on, and who may start it. Absent: the cloud's own default. */
export type Machine = {
  /** RunningHub: 24, 48 and 84 GB of GPU memory. */
  readonly instanceType?: 'plus' | 'ultra'
  readonly accessPassword?: string
}

/** What to create, by kind. `targetId` is what people look for in their task list: decimal digits of a workflow or an AI app. */
export type CreateRequest =
  | ({
      readonly kind: 'workflow'
      readonly targetId: string
      readonly nodeInfoList: readonly WireNodeInfo[]
      /** A whole API graph that replaces the saved one; what is to be set in it is set (RunningHub: create, `workflow`). */
      readonly graph?: JsonValue
      /** Whether pictures carry the graph; the cloud's default is that they do. */
      readonly addMetadata?: boolean
      readonly usePersonalQueue?: boolean
      /** Seconds the machine is kept warm afterwards, 10 to 180; costs extra. */
      readonly retainSeconds?: number
    } & Machine)
  | ({
      readonly kind: 'app'
      readonly targetId: string
      readonly nodeInfoList: readonly WireNodeInfo[]
    } & Machine)
  | {
      readonly kind: 'quick'
      readonly targetId: string
      readonly quickCreateCode: string
      readonly nodeInfoList: readonly (WireNodeInfo & {
        readonly nodeName: string
        readonly fieldType: string
        readonly description: string
      })[]
    }
  /** A standard model; `targetId` is its path. */
  | { readonly kind: 'model'; readonly targetId: string; readonly body: Readonly<Record<string, unknown>> }

/** What is asked for beside the task itself. */
export type CreateHow = {
  /** Called by the cloud at the end of the task. */
  readonly webhookUrl?: string
}

export const hookOf = ({ webhookUrl }: CreateHow): CreateHow =>
  webhookUrl === undefined ? {} : { webhookUrl }

/** Quick create is not documented to take one (RunningHub: quick create). */
export const takesWebhook = (kind: CreateRequest['kind']): boolean => kind !== 'quick'

/** Where a create of a graph goes and what it says (RunningHub: create, ai-app/run, quick-ai-app/run). The answers of all three are one. */
export function createCall(
  request: Exclude<CreateRequest, { kind: 'model' }>,
  apiKey: string,
  how: CreateHow = {},
): { path: string; body: object } {
  const hook = hookOf(how)
  switch (request.kind) {
    case 'workflow': {
      const { kind: _, targetId, graph, ...rest } = request
      return {
        path: '/task/openapi/create',
        body: {
          ...{ workflowId: targetId, apiKey, ...rest, ...hook },
          ...(graph && { workflow: writeJson(graph) }),
        },
      }
    }
    case 'app': {
      const { kind: _, targetId, ...rest } = request
      // By schema an int64: a bare literal, never through a JavaScript number.
      return {
        path: '/task/openapi/ai-app/run',
        body: { webappId: rawNumber(targetId), apiKey, ...rest, ...hook },
      }
    }
    case 'quick': {
      const { kind: _, targetId, ...rest } = request
      return { path: '/task/openapi/quick-ai-app/run', body: { webappId: targetId, apiKey, ...rest } }
    }
  }
}

/** Every text anywhere in a request that may be the name of an upload. */
export function textsIn(value: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof value === 'string') {
    if (value.length >= 16 && value.length <= 400 && !/\s/.test(value)) found.add(value)
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) textsIn(item, found)
  }
  return found
}

/** The same request with texts replaced, wherever they stand. */
export function withTexts<T>(value: T, replaced: ReadonlyMap<string, string>): T {
  if (typeof value === 'string') return (replaced.get(value) ?? value) as T
  if (Array.isArray(value)) return value.map(item => withTexts(item, replaced)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withTexts(item, replaced)]),
  ) as T
}
