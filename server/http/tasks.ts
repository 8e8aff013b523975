import type { Router } from 'express'
import type { z } from 'zod'
import { BridgeError } from '../shared/errors.ts'
import { HttpError, sendJson } from './answer.ts'
import type { webhookSchema } from './control-schemas.ts'
import type { Services } from './services.ts'

/** What can be asked of a cloud task by its id. */
export function addTaskRoutes(router: Router, { bridge }: Pick<Services, 'bridge'>): void {
  const look = async (taskId: string, retry: boolean): Promise<z.infer<typeof webhookSchema>> => {
    try {
      return await bridge.webhookOfTask(taskId, { retry, signal: new AbortController().signal })
    } catch (error) {
      if (!(error instanceof BridgeError) || error.code !== 'no-webhook') throw error
      throw new HttpError(404, error.code, error.message, error.hint)
    }
  }

  router.get('/tasks/:taskId/webhook', async (request, response) => {
    sendJson(response, await look(request.params.taskId, false))
  })

  router.post('/tasks/:taskId/webhook/retry', async (request, response) => {
    sendJson(response, await look(request.params.taskId, true))
  })
}
