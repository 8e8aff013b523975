import { z } from 'zod'
import { importSchema } from './bridge-schemas.ts'

export const frontSchema = z.object({ moved: z.boolean() })
export const stoppedSchema = z.object({ stopped: z.boolean() })
export const pinSchema = z.object({ pin: z.string() })
export const pinsSchema = z.object({
  pins: z.array(
    z.object({
      pin: z.string(),
      runId: z.string(),
      nodeId: z.string(),
      nodeType: z.string(),
      /** Of all its files. */
      bytes: z.number(),
      createdAt: z.number(),
    }),
  ),
})
/** Whom the server calls when a run or a batch ends, and its last calls. */
export const notifySchema = z.object({
  url: z.string().nullable(),
  /** A flag of this start decides. */
  fromFlag: z.boolean(),
  allowsPrivate: z.boolean(),
  deliveries: z.array(
    z.object({
      id: z.string(),
      event: z.string(),
      url: z.string(),
      state: z.enum(['waiting', 'done', 'failed']),
      tries: z.number(),
      createdAt: z.number(),
      /** What the last try came to. */
      last: z.string().nullable(),
    }),
  ),
})
/** What became of the call RunningHub makes at the end of a task; times as it writes them. */
export const webhookSchema = z.object({
  taskId: z.string(),
  webhookId: z.string(),
  url: z.string(),
  status: z.string(),
  response: z.string(),
  retries: z.number(),
  createdAt: z.string(),
  updatedAt: z.string(),
})
export const removedSchema = z.object({ removed: z.literal(true) })

const problem = z.object({
  nodeId: z.string(),
  nodeType: z.string(),
  input: z.string().optional(),
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
  link: z.string().optional(),
  /** Input values that would put it right, where there is one answer. */
  fix: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
})

export const checkSchema = importSchema.extend({
  problems: z.array(problem),
  /** What may go wrong and holds up nothing. */
  warnings: z.array(problem),
  /** Output nodes that would run. */
  outputs: z.array(z.string()),
})

const amounts = z.object({
  parallel: z.number(),
  historyEntries: z.number(),
  historyDays: z.number(),
  cacheBytes: z.number(),
  resultBytes: z.number(),
  capCoinsPerRun: z.number(),
  capCoinsPerDay: z.number(),
  capMoneyPerDay: z.number(),
  warnBelowCoins: z.number(),
  warnBelowMoney: z.number(),
})
export const limitsSchema = amounts.extend({
  /** Those a flag of this start decides: a change of theirs is kept for the next start. */
  fromFlags: z.array(z.string()),
})
export const limitChangesSchema = amounts.partial()

/** extra_data of a prompt, as far as it is ours. */
export const extraDataSchema = z.object({
  bridge: z
    .object({
      /** Node ids to make anew, or true for everything that is not frozen. */
      force: z.union([z.array(z.string()), z.literal(true)]).optional(),
      /** What the workflow is called, for the list of runs. */
      name: z.string().optional(),
    })
    .optional(),
})
