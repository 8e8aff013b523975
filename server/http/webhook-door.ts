import { timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { Clock } from '../shared/clock.ts'
import { readJson, sendJson } from './answer.ts'
import { digest } from './guard.ts'

export const webhookPath = '/bridge/hooks'

/** A call with the addresses of many files is some kilobytes. */
const maxBytes = 1024 * 1024
const perSecond = 20
const atOnce = 60
const path = new RegExp(`^${webhookPath}/([A-Za-z0-9_-]{1,100})$`)

/**
 * Where RunningHub calls at the end of a task (RunningHub: webhook). Not signed, so that nothing of it is believed but that there may be something
 * to ask for; the secret in the path keeps strangers from asking. It stands before the guard, and lets through nothing but itself.
 */
export function webhookDoor(options: {
  readonly secret: string
  readonly clock: Clock
  readonly onTask: (taskId: string) => void
}): RequestHandler {
  const expected = digest(options.secret)
  const bucket = createBucket(options.clock)
  return async (request, response, next) => {
    const given = request.method === 'POST' ? path.exec(request.path)?.[1] : undefined
    if (given === undefined || !timingSafeEqual(digest(given), expected)) return next()
    if (!bucket.take()) {
      response.setHeader('Retry-After', '5')
      response.setHeader('Connection', 'close')
      sendJson(response, { ok: false }, 429)
      return
    }
    const body = await readJson(request, maxBytes)
    const isCall = typeof body === 'object' && body !== null && !Array.isArray(body)
    const taskId = isCall && body.event === 'TASK_END' ? String(body.taskId ?? '') : ''
    // The same answer whatever it is: nobody learns which tasks there are.
    sendJson(response, { ok: true })
    if (/^\d{1,20}$/.test(taskId)) options.onTask(taskId)
  }
}

function createBucket(clock: Clock) {
  let left = atOnce
  let at = clock.ticks()
  return {
    take(): boolean {
      const now = clock.ticks()
      left = Math.min(atOnce, left + ((now - at) / 1000) * perSecond)
      at = now
      if (left < 1) return false
      left--
      return true
    },
  }
}
