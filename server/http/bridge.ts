import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { type Request, Router } from 'express'
import mime from 'mime'
import type { Folder } from '../../nodes/context.ts'
import { kindOf } from '../assets/index.ts'
import { type JsonValue, writeJson } from '../shared/lossless-json.ts'
import type { KeyChoice } from '../wiring/index.ts'
import {
  graphOf,
  HttpError,
  maxBodyBytes,
  query,
  queryInteger,
  readBody,
  readObject,
  sendJson,
} from './answer.ts'
import { addBatchRoutes } from './batches.ts'
import { runDetails, runSummary } from './bridge-runs.ts'
import { decisionSchema, runWishSchema } from './bridge-schemas.ts'
import { addCloudRoutes } from './cloud.ts'
import { addControlRoutes } from './controls.ts'
import { addCostRoutes } from './costs.ts'
import { addLinkRoute } from './fetch-link.ts'
import { findRuns } from './find-runs.ts'
import { addKeyRoutes } from './keys.ts'
import { languageOf } from './language.ts'
import { addModelRoutes } from './models.ts'
import { addNotifyRoutes } from './notify.ts'
import { openApiDocument } from './openapi.ts'
import { submit } from './prompts.ts'
import { receiveAnyFile } from './receive-upload.ts'
import type { Services } from './services.ts'
import { addSnippetRoute } from './snippets.ts'
import { addTaskRoutes } from './tasks.ts'

/** The product's own routes; schemas in bridge-schemas.ts, the document at /bridge/openapi.json. */
export function bridgeRoutes(services: Services): Router {
  const { bridge, queue, facts } = services
  const router = Router()

  router.get('/openapi.json', (_request, response) => sendJson(response, openApiDocument(facts.version)))

  router.get('/health', async (_request, response) => {
    const place = await bridge.place()
    sendJson(response, {
      ok: true,
      version: facts.version,
      ...place,
      keysLocked: (await bridge.keyStore.protection()).isLocked,
      running: queue.store.running().length,
      waiting: queue.store.waiting().length,
      uptimeMs: Date.now() - facts.startedAt,
    })
  })

  router.post('/import', async (request, response) => {
    const {
      workflow = null,
      prompt,
      report,
    } = await bridge.importFile(await readImport(request, bridge.assets.folders.temp), keyChoiceOf(request))
    // Who sent it has it.
    const isKnown = query(request, 'echo') === 'false' && workflow !== null && report.keys.length === 0
    sendJson(response, isKnown ? { workflow: null, prompt: null, report } : { workflow, prompt, report })
  })

  router.post('/run', async (request, response) => {
    const body = await readObject(request)
    const source = graphOf(body)
    const { prompt, workflow } = await bridge.importFile(writeJson(source))
    const { status, answer } = await submit(services, {
      ...body,
      // A prompt is JSON, though its type says more.
      prompt: prompt as unknown as JsonValue,
      extra_data: { ...ownExtra(body.extra_data), ...(workflow && { extra_pnginfo: { workflow } }) },
    })
    sendJson(response, answer, status)
  })

  router.get('/runs', (request, response) => {
    const wish = runWishSchema.safeParse(request.query)
    if (!wish.success) {
      throw new HttpError(
        400,
        'bad-query',
        'The query is limit, status, kind and text.',
        'See /bridge/openapi.json.',
      )
    }
    const open = [...queue.store.running(), ...queue.store.waiting()]
    sendJson(response, { runs: [...open.map(runSummary), ...findRuns(queue.store, wish.data)] })
  })

  router.get('/runs/:id', (request, response) => {
    const run = queue.find(request.params.id)
    if (!run) throw new HttpError(404, 'no-run', 'There is no such run.', 'See /bridge/runs.')
    sendJson(
      response,
      runDetails(
        run,
        bridge.reportTasks(
          run.id,
          (run.tasks ?? []).map(({ taskId }) => taskId),
        ),
        languageOf(request),
      ),
    )
  })

  router.post('/runs/:id/stop', (request, response) => {
    const { id } = request.params
    const stopped = queue.deleteWaiting([id]) > 0 || queue.interrupt(id) > 0
    sendJson(response, { stopped })
  })

  addControlRoutes(router, services)
  addLinkRoute(router, services)
  addSnippetRoute(router, services)

  router.get('/unknown', (_request, response) => {
    sendJson(response, { unknown: bridge.decisions.open().map(describeQuestion) })
  })

  router.post('/unknown/:seq', async (request, response) => {
    const decision = decisionSchema.safeParse(await readObject(request))
    if (!decision.success) {
      throw new HttpError(
        400,
        'bad-choice',
        'The body names no choice.',
        'Send { "choice": "adopt", "taskId": "…" }, { "choice": "resubmit" } or { "choice": "give-up" }.',
      )
    }
    if (!bridge.decisions.settle(Number(request.params.seq), decision.data)) {
      throw new HttpError(404, 'no-question', 'Nothing waits for that decision.', 'See /bridge/unknown.')
    }
    sendJson(response, { unknown: bridge.decisions.open().map(describeQuestion) })
  })

  router.get('/assets', async (request, response) => {
    const type = query(request, 'type') ?? 'output'
    if (type !== 'input' && type !== 'output' && type !== 'temp') {
      throw new HttpError(400, 'bad-type', `There is no folder "${type}".`)
    }
    const limit = Math.min(2000, Math.max(1, queryInteger(request, 'limit') ?? 200))
    sendJson(response, { assets: await listAssets(bridge.assets.folders[type], type, limit) })
  })

  addKeyRoutes(router, services)
  addBatchRoutes(router, services)
  addCloudRoutes(router, services)
  addModelRoutes(router, services)
  addCostRoutes(router, services)
  addTaskRoutes(router, services)
  addNotifyRoutes(router, services)
  return router
}

/** What is to become of keys in a file: `?keys=keep|leave|remove`, `&keyName=` for the name of the first that is new. */
function keyChoiceOf(request: Request): KeyChoice {
  const keys = query(request, 'keys') ?? 'keep'
  if (keys === 'leave' || keys === 'remove') return { keys }
  if (keys !== 'keep') throw new HttpError(400, 'bad-query', '"keys" is keep, leave or remove.')
  const name = query(request, 'keyName')?.trim()
  return { keys, ...(name && { name }) }
}

function describeQuestion({ record, what }: ReturnType<Services['bridge']['decisions']['open']>[number]) {
  const { seq, runId, nodeId, site, keyName, targetId, createdAt } = record
  return { seq, runId, nodeId, site, keyName, targetId, createdAt, what }
}

/** Of extra_data what is ours: how to run. The workflow beside it is the one that was sent. */
function ownExtra(value: JsonValue | undefined): { bridge?: JsonValue } {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject && value.bridge !== undefined ? { bridge: value.bridge } : {}
}

/** A file of any kind: multipart `file`, or the body itself. */
async function readImport(request: Request, tempDir: string): Promise<Uint8Array> {
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('multipart/')) return readBody(request)
  return (await receiveAnyFile(request, tempDir, maxBodyBytes)).bytes
}

async function listAssets(root: string, type: Folder, limit: number) {
  const entries = await readdir(root, { withFileTypes: true, recursive: true }).catch(() => [])
  const files = await Promise.all(
    entries
      .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
      .map(async entry => {
        const facts = await stat(join(entry.parentPath, entry.name)).catch(() => undefined)
        // It went meanwhile.
        if (!facts) return []
        const mediaType = mime.getType(entry.name) ?? 'application/octet-stream'
        return [
          {
            filename: entry.name,
            subfolder: relative(root, entry.parentPath).split(sep).join('/'),
            type,
            kind: kindOf({ name: entry.name, mediaType }),
            bytes: facts.size,
            modified: Math.round(facts.mtimeMs),
            path: join(entry.parentPath, entry.name),
          },
        ]
      }),
  )
  return files
    .flat()
    .sort((a, b) => b.modified - a.modified)
    .slice(0, limit)
}
