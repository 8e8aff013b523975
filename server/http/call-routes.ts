import { z } from 'zod'
import type { Route } from './bridge-routes.ts'
import { notifySchema, webhookSchema } from './control-schemas.ts'

/** Calls at the end of tasks, runs and batches: RunningHub's to this server, and this server's to people. */
export const callRoutes: readonly Route[] = [
  {
    method: 'get',
    path: '/bridge/tasks/{taskId}/webhook',
    summary: 'What became of the call RunningHub makes at the end of a task',
    answer: webhookSchema,
  },
  {
    method: 'post',
    path: '/bridge/tasks/{taskId}/webhook/retry',
    summary: 'Have RunningHub call again',
    answer: webhookSchema,
  },
  {
    method: 'get',
    path: '/bridge/notify',
    summary: 'Whom the server calls when a run or a batch ends, and its last calls',
    answer: notifySchema,
  },
  {
    method: 'patch',
    path: '/bridge/notify',
    summary: 'Call another address, or none',
    body: z.object({ url: z.string().nullable() }),
    answer: notifySchema,
  },
  {
    method: 'post',
    path: '/bridge/notify/test',
    summary: 'Call it now, with nothing to tell',
    answer: notifySchema,
  },
]
