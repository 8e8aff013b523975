import { z } from 'zod'
import {
  batchChangeSchema,
  batchRowsSchema,
  batchSchema,
  batchWishSchema,
  plannedSchema,
  tableSchema,
  tableWishSchema,
} from './batch-schemas.ts'
import type { Route } from './bridge-routes.ts'
import { removedSchema } from './control-schemas.ts'

/** A graph over a table: plans, rows, and what came of them. */
export const batchRoutes: readonly Route[] = [
  {
    method: 'post',
    path: '/bridge/batches',
    summary: 'A graph over a table: planned, kept, and started unless told otherwise',
    body: batchWishSchema,
    answer: plannedSchema,
  },
  {
    method: 'post',
    path: '/bridge/tables',
    summary: 'Reads a table for a batch; nothing is kept',
    body: tableWishSchema,
    answer: tableSchema,
  },
  {
    method: 'get',
    path: '/bridge/batches',
    summary: 'Every batch, newest first',
    answer: z.object({ batches: z.array(batchSchema) }),
  },
  {
    method: 'get',
    path: '/bridge/batches/{id}',
    summary: 'How a batch stands',
    answer: batchSchema,
  },
  {
    method: 'patch',
    path: '/bridge/batches/{id}',
    summary: 'Another cap, or more rows side by side from the next start on',
    body: batchChangeSchema,
    answer: batchSchema,
  },
  {
    method: 'delete',
    path: '/bridge/batches/{id}',
    summary: 'Forget a batch; its files stay',
    answer: removedSchema,
  },
  {
    method: 'post',
    path: '/bridge/batches/{id}/{what}',
    summary: 'start, pause, resume, stop (tasks are cancelled), or retry what failed',
    answer: batchSchema,
  },
  {
    method: 'get',
    path: '/bridge/batches/{id}/rows',
    summary: 'Rows with what became of them',
    query: {
      state: z.enum(['waiting', 'running', 'done', 'failed']),
      offset: z.int().default(0),
      limit: z.int().min(1).max(1000).default(200),
    },
    answer: batchRowsSchema,
  },
  {
    method: 'get',
    path: '/bridge/batches/{id}/results.csv',
    summary: 'Every row as CSV',
    answer: z.string(),
  },
  {
    method: 'get',
    path: '/bridge/batches/{id}/failed.csv',
    summary: 'Failed rows as CSV, with the reason',
    answer: z.string(),
  },
  {
    method: 'get',
    path: '/bridge/batches/{id}/sheet.html',
    summary: 'A contact sheet as a page',
    answer: z.string(),
  },
  {
    method: 'get',
    path: '/bridge/batches/{id}/sheet.png',
    summary: 'A contact sheet as a picture',
    answer: z.string(),
  },
]
