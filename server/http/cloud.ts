import type { Request, Router } from 'express'
import { type CloudDescription, readPaste } from '../knowledge/index.ts'
import { keyReference } from '../shared/secrets.ts'
import { HttpError, query, queryInteger, readObject, sendJson } from './answer.ts'
import type { Services } from './services.ts'

/** What the cloud offers: anything pasted, told what it is; the fields of workflows and apps. */
export function addCloudRoutes(router: Router, { bridge }: Pick<Services, 'bridge'>): void {
  const { knowledge, offers } = bridge

  /** Pasted text -> what it is, with the fields where the site knows them. A key in it goes no further. */
  router.post('/cloud/read', async (request, response) => {
    const { text, key } = await readObject(request)
    if (typeof text !== 'string') {
      throw new HttpError(400, 'no-text', 'The body names no "text".', 'Send { "text": "a link or an id" }.')
    }
    const pasted = readPaste(text)
    if (!('id' in pasted)) return sendJson(response, { pasted, found: [] })
    const settings = settingsOf(typeof key === 'string' ? key : undefined, pasted.site)
    const how = { signal: gone(request) }
    const found =
      pasted.what === 'workflow' || pasted.what === 'app'
        ? [await knowledge.describe({ settings, kind: pasted.what, id: pasted.id }, how)]
        : await knowledge.find({ settings, id: pasted.id }, how)
    sendJson(response, { pasted, found })
  })

  /** Everything known, used last first; for pickers. */
  router.get('/cloud/known', (_request, response) => {
    const known = knowledge
      .all()
      .map(({ fields, nodes, links, ...facts }) => ({ ...facts, fields: fields.length }))
    sendJson(response, { known })
  })

  router.get('/cloud/apps', async (request, response) => {
    const wish = {
      settings: settingsOf(query(request, 'key'), query(request, 'base_url')),
      search: query(request, 'search'),
      sort: query(request, 'sort') || undefined,
      limit: queryInteger(request, 'limit'),
    }
    sendJson(response, await offers.apps(wish, gone(request)))
  })

  router.get('/cloud/resources', async (request, response) => {
    const wish = {
      settings: settingsOf(query(request, 'key'), query(request, 'base_url')),
      type: query(request, 'type'),
      name: query(request, 'name'),
      baseModels: listed(request, 'base_models'),
      tags: listed(request, 'tags'),
      limit: queryInteger(request, 'limit'),
    }
    sendJson(response, await offers.resources(wish, gone(request)))
  })

  router.get('/cloud/:kind/:id', async (request, response) => {
    const { id } = request.params
    const settings = settingsOf(query(request, 'key'), query(request, 'base_url'))
    const refresh = query(request, 'refresh') === '1'
    const kind = kindOf(request.params.kind)
    const description = await knowledge.describe({ settings, kind, id }, { refresh, signal: gone(request) })
    sendJson(response, description)
  })
}

function kindOf(written: string): CloudDescription['kind'] {
  if (written === 'workflow' || written === 'app') return written
  throw new HttpError(404, 'not-found', `There is no kind "${written}".`, 'Use workflow or app.')
}

/** A kept key by its name, and the site of a link. */
function settingsOf(key: string | undefined, site: string | undefined) {
  return { baseUrl: site ?? '', apiKey: key ? keyReference(key) : '', targetId: '' }
}

/** Values with commas between them. */
function listed(request: Request, name: string): readonly string[] {
  const written = query(request, name) ?? ''
  return written
    .split(',')
    .map(one => one.trim())
    .filter(Boolean)
}

/** Ends when nobody waits for the answer any more. */
function gone(request: Request): AbortSignal {
  const controller = new AbortController()
  request.res?.on('close', () => controller.abort())
  return controller.signal
}
