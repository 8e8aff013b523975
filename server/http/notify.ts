import type { Router } from 'express'
import type { z } from 'zod'
import { HttpError, readObject, sendJson } from './answer.ts'
import type { notifySchema } from './control-schemas.ts'
import type { Services } from './services.ts'

const shown = 20

/** Whom this server calls when a run or a batch ends, and what became of the last calls. */
export function addNotifyRoutes(router: Router, { notifications }: Pick<Services, 'notifications'>): void {
  const { settings, notifier } = notifications

  function answer(): z.infer<typeof notifySchema> {
    return {
      url: settings.url() ?? null,
      fromFlag: settings.isFromFlag,
      allowsPrivate: settings.allowsPrivate,
      deliveries: notifier.list(shown).map(({ id, event, url, state, tries, createdAt, last }) => ({
        ...{ id, event, url, state, tries, createdAt, last },
      })),
    }
  }

  router.get('/notify', (_request, response) => sendJson(response, answer()))

  router.patch('/notify', async (request, response) => {
    const { url } = await readObject(request)
    if (url !== null && typeof url !== 'string') {
      throw new HttpError(
        400,
        'bad-notify-url',
        'The body names no "url".',
        'Send { "url": "https://…" } or null.',
      )
    }
    await settings.change(url)
    sendJson(response, answer())
  })

  router.post('/notify/test', async (_request, response) => {
    const url = settings.url()
    if (url === undefined) {
      throw new HttpError(409, 'no-notify-url', 'Nobody is called yet.', 'Give an address first.')
    }
    await notifier.settled(notifications.ping(url), 1)
    sendJson(response, answer())
  })
}
