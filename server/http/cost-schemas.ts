import { z } from 'zod'

const range = z.object({ low: z.number(), high: z.number() }).nullable()

export const estimateSchema = z.object({
  tasks: z.number(),
  coins: range,
  money: range,
  seconds: range,
  currency: z.string().nullable(),
  /** By earlier runs, by the site's price preview, by both, or unknown. */
  source: z.union([
    z.object({ kind: z.enum(['runs', 'mixed']), count: z.number() }),
    z.object({ kind: z.enum(['preview', 'unknown']) }),
  ]),
})

export const costsSchema = z.object({
  by: z.enum(['run', 'day', 'target', 'key']),
  costs: z.array(
    z.object({
      name: z.string(),
      tasks: z.number(),
      coins: z.number(),
      money: z.number(),
      seconds: z.number(),
      lastAt: z.number(),
    }),
  ),
})
