import { z } from 'zod'
import { estimateSchema } from './cost-schemas.ts'

const row = z.record(z.string(), z.string())

export const batchWishSchema = z
  .object({
    workflow: z.unknown().optional(),
    prompt: z.unknown().optional(),
    title: z.string().min(1).max(200).default('batch'),
    rows: z.array(row).max(100_000).default([]),
    /** The table as text: CSV, TSV, JSON or JSON lines. */
    csv: z.string().optional(),
    matrix: z.record(z.string(), z.array(z.string())).default({}),
    /** Column -> inputs as `NODE.INPUT`. */
    mapping: z.record(z.string(), z.array(z.string())),
    name: z.string().max(500).default(''),
    parallel: z.int().min(1).max(100).default(4),
    capCoins: z.number().positive().optional(),
    start: z.boolean().default(true),
    /** Only say what would be done. */
    plan: z.boolean().default(false),
  })
  .refine(
    ({ workflow, prompt }) => typeof (workflow ?? prompt) === 'object' && (workflow ?? prompt) !== null,
    {
      message: 'names no "workflow" and no "prompt"',
    },
  )

/** A table as text (CSV, TSV, JSON, JSON lines), or a list with one prompt a line. */
export const tableWishSchema = z.object({ text: z.string(), as: z.enum(['table', 'lines']).default('table') })
export const tableSchema = z.object({ columns: z.array(z.string()), rows: z.array(z.array(z.string())) })

/** `capCoins` null takes the cap away. */
export const batchChangeSchema = z.object({
  parallel: z.int().min(1).max(100).optional(),
  capCoins: z.number().positive().nullish(),
})

export const batchSchema = z.object({
  id: z.string(),
  title: z.string(),
  mapping: z.record(z.string(), z.array(z.string())),
  name: z.string(),
  parallel: z.number(),
  capCoins: z.number().optional(),
  state: z.enum(['ready', 'running', 'paused', 'done']),
  why: z.string().nullable(),
  createdAt: z.number(),
  columns: z.array(z.string()),
  rows: z.number(),
  done: z.number(),
  running: z.number(),
  failed: z.number(),
  waiting: z.number(),
  coins: z.number(),
  leftMs: z.object({ low: z.number(), high: z.number() }).nullable(),
})

export const plannedSchema = z.object({
  id: z.string(),
  plan: z.object({
    rows: z.number(),
    /** Of one row. */
    estimate: estimateSchema,
    /** So many of the first rows were looked at: one, when it was started, a few thousand when only planned. */
    checkedRows: z.number(),
    problems: z.array(
      z.object({
        nodeId: z.string(),
        nodeType: z.string(),
        input: z.string().nullable(),
        code: z.string(),
        message: z.string(),
        hint: z.string().nullable(),
        /** The first rows that have it, from 0 on, and how many have it. */
        rows: z.array(z.number()),
        count: z.number(),
      }),
    ),
  }),
  batch: batchSchema.nullable(),
})

export const batchRowsSchema = z.object({
  rows: z.array(
    z.object({
      index: z.number(),
      values: row,
      state: z.enum(['waiting', 'running', 'done', 'failed']),
      runId: z.string().nullable(),
      files: z.array(
        z.object({
          path: z.string(),
          kind: z.string(),
          filename: z.string(),
          subfolder: z.string(),
          type: z.string(),
        }),
      ),
      text: z.string().nullable(),
      error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
      taskIds: z.array(z.string()),
      coins: z.number(),
      startedAt: z.number().nullable(),
      finishedAt: z.number().nullable(),
    }),
  ),
})
