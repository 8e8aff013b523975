import { z } from 'zod'

/** What /bridge answers, as schemas: the routes' types, the OpenAPI document and the contract tests come from them. */
export const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
    /** A page of RunningHub that tells more, or where the next step is taken. */
    link: z.string().optional(),
    /** A text that was found where something else was looked for: what A1111 says in its pictures. */
    found: z.string().optional(),
  }),
})

const taskSchema = z.object({
  nodeId: z.string(),
  taskId: z.string(),
  status: z.enum(['created', 'queued', 'running', 'success', 'failed', 'cancelled', 'unknown']),
  coins: z.string().nullable(),
  money: z.string().nullable(),
  seconds: z.string().nullable(),
  /** What a stop came to, or what else people should know. */
  note: z.string().optional(),
})

const fileSchema = z.object({
  nodeId: z.string(),
  filename: z.string(),
  subfolder: z.string(),
  type: z.enum(['input', 'output', 'temp']),
  kind: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  /** Where it lies on the server's machine. */
  path: z.string(),
})

export const runSummarySchema = z.object({
  id: z.string(),
  status: z.enum(['waiting', 'running', 'success', 'error', 'interrupted']),
  number: z.number(),
  /** What the client calls the workflow, when it says so. */
  name: z.string().nullable(),
  /** The same for runs of the same nodes and cloud workflows: they take about as long. */
  shape: z.string(),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  finishedAt: z.number().nullable(),
  files: z.array(fileSchema),
  tasks: z.array(taskSchema),
})

/** Which finished runs a list shows; running and waiting ones come first, always. */
export const runWishSchema = z.object({
  limit: z.coerce
    .number()
    .int()
    .transform(limit => Math.min(500, Math.max(1, limit)))
    .default(50),
  status: z.enum(['success', 'error', 'interrupted']).optional(),
  kind: z.string().optional(),
  text: z.string().optional(),
})

/** A create whose answer was lost, and what can be decided about it. */
export const unknownSchema = z.object({
  seq: z.number(),
  runId: z.string(),
  nodeId: z.string(),
  site: z.string(),
  keyName: z.string(),
  targetId: z.string(),
  createdAt: z.number(),
  what: z.string(),
})

export const decisionSchema = z.discriminatedUnion('choice', [
  z.object({ choice: z.literal('adopt'), taskId: z.string().trim() }),
  z.object({ choice: z.literal('resubmit') }),
  z.object({ choice: z.literal('give-up') }),
])

/** A task's own story: every state and wait with its time, what it took and cost. */
const taskReportSchema = z.object({
  nodeId: z.string(),
  taskId: z.string().nullable(),
  state: z.string(),
  site: z.string(),
  keyName: z.string(),
  recordPage: z.string().nullable(),
  createdBy: z.string(),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
  /** Whether RunningHub was asked to call at its end. */
  webhook: z.boolean(),
  events: z.array(z.object({ at: z.number(), what: z.string(), why: z.string().optional() })),
  waitedMs: z.number(),
  retries: z.number(),
  files: z.number(),
  bytes: z.number(),
  coins: z.string().nullable(),
  money: z.string().nullable(),
  seconds: z.string().nullable(),
})

const progressSchema = z.object({
  phase: z.string(),
  done: z.number().optional(),
  of: z.number().optional(),
  label: z.string().optional(),
  nodesDone: z.number().optional(),
  nodesTotal: z.number().optional(),
  bytes: z.number().optional(),
})

export const runSchema = runSummarySchema.extend({
  journal: z.array(taskReportSchema),
  /** Nodes that were answered from the cache or are frozen: nothing was paid for them. */
  cached: z.array(z.string()),
  nodes: z.array(
    z.object({
      nodeId: z.string(),
      type: z.string(),
      title: z.string().nullable(),
      state: z.enum(['waiting', 'running', 'cached', 'done', 'failed', 'not run']),
      /** Of a node at work: since when (milliseconds since 1970), and what it said last. */
      since: z.number().optional(),
      progress: progressSchema.optional(),
      /** It gave its pinned result. */
      frozen: z.boolean(),
    }),
  ),
  texts: z.array(z.object({ nodeId: z.string(), text: z.string() })),
  errors: z.array(
    z.object({
      nodeId: z.string(),
      nodeType: z.string(),
      code: z.string(),
      message: z.string(),
      hint: z.string().nullable(),
      link: z.string().optional(),
      taskId: z.string().nullable(),
    }),
  ),
  prompt: z.unknown(),
  workflow: z.unknown(),
})

export const importSchema = z.object({ workflow: z.unknown(), prompt: z.unknown(), report: z.unknown() })

export const queuedSchema = z.object({ prompt_id: z.string(), number: z.number(), node_errors: z.unknown() })

export const assetSchema = z.object({
  filename: z.string(),
  subfolder: z.string(),
  type: z.enum(['input', 'output', 'temp']),
  kind: z.string(),
  bytes: z.number(),
  modified: z.number(),
  /** On the server's disk. */
  path: z.string(),
})

export const healthSchema = z.object({
  ok: z.boolean(),
  version: z.string(),
  mode: z.enum(['sandbox', 'cloud']),
  site: z.string(),
  keyName: z.string().nullable(),
  /** The kept keys are encrypted, and nobody has unlocked them yet. */
  keysLocked: z.boolean(),
  running: z.number(),
  waiting: z.number(),
  uptimeMs: z.number(),
})
