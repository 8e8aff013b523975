import { join } from 'node:path'
import express, { type ErrorRequestHandler, type Express, type RequestHandler, Router } from 'express'
import { BridgeError, diskError } from '../shared/errors.ts'
import type { Log } from '../shared/log.ts'
import { refuseRest, sendJson, statusOf } from './answer.ts'
import { bridgeRoutes } from './bridge.ts'
import { describeRoutes } from './describe.ts'
import { fileRoutes } from './files.ts'
import { createGuard, type GuardOptions, tokenCookie, tokenInQuery } from './guard.ts'
import { historyRoutes, jobRoutes } from './history.ts'
import { languageOf, told } from './language.ts'
import { promptRoutes } from './prompts.ts'
import type { Services } from './services.ts'
import { createSettingsFile } from './settings-file.ts'
import { systemRoutes } from './system.ts'
import { templateRoutes } from './templates.ts'
import { userdataRoutes } from './userdata.ts'
import { webhookDoor } from './webhook-door.ts'

export type AppOptions = {
  readonly services: Services
  readonly guard: GuardOptions
  /** Where the cloud calls at the end of tasks; absent: nowhere. */
  readonly webhook?: Parameters<typeof webhookDoor>[0]
  readonly log: Log
  readonly dataDir: string
  readonly examplesDir: string
  /** The folder of the web frontend: ours, or ComfyUI's (--front-end-root). */
  readonly frontEndDir: string
}

/** The whole HTTP face: the guard, ComfyUI's routes with and without /api, our own, the frontend. */
export function createApp(options: AppOptions): Express {
  const { services, log } = options
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  // Ours are made of the files' own state; for generated answers they would only cost.
  app.set('etag', () => undefined)
  app.use(headers)
  if (options.webhook) app.use(webhookDoor(options.webhook))
  app.use(guarded(options.guard))
  app.use((request, response, next) => {
    const startedAt = performance.now()
    response.on('finish', () => {
      const ms = Math.round(performance.now() - startedAt)
      log.debug({ method: request.method, path: request.path, status: response.statusCode, ms }, 'request')
    })
    next()
  })

  const settings = createSettingsFile(join(options.dataDir, 'user', 'comfy.settings.json'))
  const comfy = Router()
  comfy.use(promptRoutes(services))
  comfy.use(historyRoutes(services))
  comfy.use(describeRoutes(services))
  comfy.use(fileRoutes(services))
  comfy.use(systemRoutes(services, settings))
  comfy.use(
    userdataRoutes({ user: join(options.dataDir, 'user'), workflows: join(options.dataDir, 'workflows') }),
  )
  comfy.use(templateRoutes(options.examplesDir))

  app.use('/bridge', bridgeRoutes(services))
  app.use('/api', comfy, jobRoutes(services))
  app.use(['/api', '/bridge'], notFound)
  app.use(comfy)
  app.use(frontEnd(options.frontEndDir))
  app.use(notFound)
  app.use(errors(log))
  return app
}

const headers: RequestHandler = (_request, response, next) => {
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Referrer-Policy', 'same-origin')
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  // What users' files hold is shown, never run. The frontend sets its own policy.
  response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox")
  next()
}

function guarded(options: GuardOptions): RequestHandler {
  const judge = createGuard(options)
  return (request, response, next) => {
    const verdict = judge(request)
    if (!verdict.ok) return sendError(request, response, verdict.status, verdict.why)
    const token = tokenInQuery(request)
    const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
    if (options.token !== undefined && token !== undefined && isPage) {
      // From now on the cookie speaks; the token leaves the address line and the history.
      response.cookie(tokenCookie, token, { httpOnly: true, sameSite: 'strict' })
      // One slash at its start: two would name another host.
      response.redirect(302, request.path.replace(/^[\\/]+/, '/'))
      return
    }
    next()
  }
}

/** Static files of the frontend. Pages may load what is theirs, and nothing may frame them. */
function frontEnd(root: string): RequestHandler {
  const files = express.static(root, {
    etag: true,
    setHeaders(response, path) {
      response.setHeader(
        'Content-Security-Policy',
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' data: blob: ws: wss:; img-src 'self' data: blob: https:; media-src 'self' data: blob:; frame-ancestors 'none'; object-src 'none'",
      )
      if (/\.html$|index\.json$/.test(path)) response.setHeader('Cache-Control', 'no-store')
    },
  })
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next()
    files(request, response, next)
  }
}

const notFound: RequestHandler = (request, response) => {
  sendError(
    request,
    response,
    404,
    new BridgeError(`There is nothing at ${request.method} ${request.baseUrl}${request.path}.`, {
      code: 'not-found',
    }),
  )
}

/** The one place that writes errors: a sentence and what to do, never a stack. */
function errors(log: Log): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) return next(thrown)
    const error = thrown instanceof BridgeError ? thrown : (diskError(thrown) ?? thrown)
    const status = statusOf(error)
    if (status >= 500) log.error({ path: request.path, error }, 'request failed')
    refuseRest(request, response)
    const known = error instanceof BridgeError
    sendError(
      request,
      response,
      status,
      known
        ? error
        : new BridgeError(status < 500 ? 'The request is malformed.' : 'The server failed on this request.', {
            code: status < 500 ? 'bad-request' : 'server-failed',
            ...(status >= 500 && { hint: 'See the server’s log.' }),
          }),
    )
  }
}

function sendError(
  request: express.Request,
  response: express.Response,
  status: number,
  error: BridgeError,
): void {
  const { found } = error
  const language = request.originalUrl.startsWith('/bridge') ? languageOf(request) : 'en'
  sendJson(response, { error: { ...told(error, language), ...(found !== undefined && { found }) } }, status)
}
