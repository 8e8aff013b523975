import type { Request, Router } from 'express'
import { writeJson } from '../shared/lossless-json.ts'
import { HttpError, query, readObject, sendJson } from './answer.ts'
import type { Services } from './services.ts'

const views = ['run', 'day', 'target', 'key'] as const

/** What was paid, added up, and what a graph will cost. */
export function addCostRoutes(router: Router, { bridge }: Pick<Services, 'bridge'>): void {
  router.get('/costs', (request, response) => {
    const by = views.find(view => view === (query(request, 'by') ?? 'day'))
    if (!by) throw new HttpError(400, 'bad-view', `There is no such view.`, `Use one of ${views.join(', ')}.`)
    sendJson(response, { by, costs: bridge.costs.sum(by, rangeOf(request)) })
  })

  router.get('/costs.csv', (request, response) => {
    response
      .type('text/csv')
      .attachment('costs.csv')
      .send(bridge.costs.csv(rangeOf(request)))
  })

  router.post('/estimate', async (request, response) => {
    const body = await readObject(request)
    const source = body.workflow ?? body.prompt
    if (typeof source !== 'object' || source === null) {
      throw new HttpError(400, 'no-workflow', 'The body names no "workflow" and no "prompt".')
    }
    const { prompt } = bridge.read(writeJson(source))
    sendJson(response, await bridge.estimate(await bridge.check(prompt)))
  })
}

/** `from` and `to` as milliseconds or as dates; everything when they are missing. */
function rangeOf(request: Request): { from: number; to: number } {
  const at = (name: 'from' | 'to', otherwise: number) => {
    const text = query(request, name)
    if (text === undefined || text === '') return otherwise
    const time = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
    if (Number.isFinite(time)) return time
    throw new HttpError(
      400,
      'bad-time',
      `"${name}" is no time.`,
      'Write 2026-11-20, or milliseconds since 1970.',
    )
  }
  return { from: at('from', 0), to: at('to', Number.MAX_SAFE_INTEGER) }
}
