import type { Router } from 'express'
import { HttpError, maxBodyBytes, query, readBody, sendJson } from './answer.ts'
import { receiveAnyFile } from './receive-upload.ts'
import type { Services } from './services.ts'

/** Registries of standard models: what is there, adding one, taking one away. A change holds at once. */
export function addModelRoutes(router: Router, { bridge, facts }: Pick<Services, 'bridge' | 'facts'>): void {
  const { models } = bridge

  router.get('/models', (_request, response) => sendJson(response, describeModels(bridge)))

  /** A registry as multipart `file`, as the body itself, or by `{ "url" }`. */
  router.post('/models', async (request, response) => {
    const type = request.headers['content-type'] ?? ''
    const isForm = type.startsWith('multipart/')
    const file = isForm
      ? await receiveAnyFile(request, bridge.assets.folders.temp, maxBodyBytes)
      : { bytes: await readBody(request), name: 'models' }
    const url = isForm ? undefined : urlIn(file.bytes)
    const name = query(request, 'name')
    const report =
      url === undefined
        ? await models.add(file.bytes, name ?? file.name)
        : await models.fetch(url, name, { isPublic: !facts.isLocal })
    sendJson(response, report)
  })

  router.delete('/models/:name', async (request, response) => {
    if (!(await models.remove(request.params.name))) {
      throw new HttpError(
        404,
        'unknown-registry',
        'There is no registry of that name.',
        'See /bridge/models.',
      )
    }
    sendJson(response, describeModels(bridge))
  })
}

/** `{ "url": "…" }` and nothing that a registry has. */
function urlIn(bytes: Uint8Array): string | undefined {
  if (bytes.length > 10_000) return undefined
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
      url?: unknown
      models?: unknown
    } | null
    return typeof value?.url === 'string' && value.models === undefined ? value.url : undefined
  } catch {
    // No JSON: the registry's own reader says so.
    return undefined
  }
}

function describeModels({ models, catalogue }: Services['bridge']) {
  const registries = models.all()
  const from = new Map(
    registries.flatMap(({ name, models }) => models.map(({ type }) => [type, name] as const)),
  )
  return {
    registries: registries.map(({ name, version = null, models, problems, refusal = null }) => ({
      name,
      version,
      models: models.length,
      problems,
      refusal,
    })),
    models: catalogue.models().map(({ type, displayName, names, endpoint, output, category }) => ({
      type,
      title: names.en ?? displayName,
      titleZh: names.zh ?? displayName,
      endpoint,
      output,
      category,
      registry: from.get(type) ?? '',
    })),
  }
}
