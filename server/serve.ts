import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Batches, createBatches, createPace } from './batch/index.ts'
import type { Config } from './config.ts'
import { problemError } from './executor/index.ts'
import { createApp } from './http/app.ts'
import { endOfRun } from './http/bridge-runs.ts'
import { createGuard, isLoopbackName } from './http/guard.ts'
import { forceIn, spendingIn } from './http/run-wishes.ts'
import { features } from './http/system.ts'
import { webhookPath } from './http/webhook-door.ts'
import { createBridge } from './main.ts'
import { createNotifications, type Notifications } from './notifications.ts'
import { createRunQueue } from './queue/index.ts'
import { type Clock, systemClock } from './shared/clock.ts'
import { createServer } from './shared/create-server.ts'
import { BridgeError, systemCodeOf } from './shared/errors.ts'
import { createLog, type Log } from './shared/log.ts'
import { ownSecret } from './storage/index.ts'
import { createSocketHub } from './ws/hub.ts'

export type ServeOptions = {
  readonly config: Config
  readonly host: string
  readonly port: number
  readonly token?: string
  /** Above the limit that is kept; absent: that one. */
  readonly parallel?: number
  readonly frontEndRoot?: string
  /** Under which the internet reaches this server: tasks are asked to call there when they end. */
  readonly publicUrl?: string
  /** Called when a run or a batch ends; above what the settings keep. */
  readonly notifyUrl?: string
  /** Whether that may lie on this machine or in its network. */
  readonly notifyPrivate?: boolean
  readonly logLevel: string
  readonly version: string
  readonly argv: readonly string[]
  readonly clock?: Clock
  /** How long a client may take for the head of its request. */
  readonly headersTimeoutMs?: number
}

export type RunningServer = {
  readonly url: string
  readonly bridge: Awaited<ReturnType<typeof createBridge>>
  readonly queue: ReturnType<typeof createRunQueue>
  readonly batches: Batches
  readonly notifications: Notifications
  /** Prompts of an earlier process that were taken up again. */
  readonly resumed: number
  /** Finishes or hands over what runs, then closes everything. */
  close(graceMs?: number): Promise<void>
}

const defaultGraceMs = 5_000
const root = fileURLToPath(new URL('..', import.meta.url))

/** Starts the server: engine, queue, HTTP and sockets. Throws BridgeError with the way out when it cannot. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { config } = options
  const clock = options.clock ?? systemClock
  if (!isLoopbackName(options.host) && options.token === undefined) {
    throw new BridgeError(`Listening on ${options.host} needs a token.`, {
      code: 'token-needed',
      hint: 'Give one with --token.',
    })
  }
  const frontEnd = frontEndDir(options.frontEndRoot)
  const publicUrl = options.publicUrl === undefined ? undefined : readPublicUrl(options.publicUrl)
  const bridge = await createBridge(config, {
    clock,
    limits: options.parallel === undefined ? {} : { parallel: options.parallel },
    onTrouble: error => log.error({ error }, 'a result could not be kept'),
  })
  const log: Log = createLog({
    level: options.logLevel,
    secrets: () => [...bridge.secrets(), ...(options.token === undefined ? [] : [options.token])],
  })
  const notifications: Notifications = createNotifications(bridge, {
    clock,
    notifyUrl: options.notifyUrl,
    notifyPrivate: options.notifyPrivate,
    onTrouble: error => log.error({ error }, 'a call at an end could not be kept'),
  })
  const startedAt = clock.now()
  const hub = createSocketHub({ clock, features, remaining: () => queue.store.countOpen() })
  const queue = createRunQueue({
    store: bridge.state().runs,
    clock,
    parallel: () => bridge.limits.get().parallel,
    history() {
      const { historyEntries, historyDays } = bridge.limits.get()
      return { maxEntries: historyEntries, maxAgeMs: historyDays * 24 * 3600_000 }
    },
    onNews(news) {
      hub.tell(news)
      if (news.type === 'run-ended') notifications.runEnded(endOfRun(news.run))
    },
    onTrouble: error => log.error({ error }, 'the queue could not be written'),
    async execute(run, { aside, ...how }) {
      const checked = await bridge.check(run.prompt, {
        targets: run.targets,
        force: forceIn(run.extra),
        // It was let in: a task of it may exist already, and what is known of the cloud must not keep it from being fetched.
        cloud: 'off',
      })
      const info = run.extra.extra_pnginfo
      const workflow =
        typeof info === 'object' && info !== null && !Array.isArray(info) ? info.workflow : undefined
      const spending = spendingIn(run.extra)
      // Nobody is there to start again what an earlier process left, and a task of it may be paid.
      const untilUnlocked = () => {
        log.warn({ run: run.id }, 'a run waits until the keys are unlocked')
        return aside(() => bridge.untilUnlocked(how.signal))
      }
      const result = await bridge.run({
        ...{ checked, workflow, keys: new Map(), runId: run.id, ...how },
        ...(spending && { spending }),
        ...(run.createdAt < startedAt && { untilUnlocked }),
      })
      // What could run when it was queued and cannot now: a file or a frozen result that went meanwhile.
      const lost = new Set(run.outputsToRun).difference(new Set(checked.outputs))
      const why = checked.problems.filter(({ dependentOutputs }) => dependentOutputs.some(id => lost.has(id)))
      return { ...result, errors: [...why.map(problemError), ...result.errors] }
    },
  })
  bridge.limits.onChange(() => queue.limitsChanged())
  const pace = createPace(clock, summary => hub.tellAll(['bridge.batch', summary]))
  const batches = createBatches({
    house: bridge,
    store: () => bridge.state().batches,
    clock,
    untilUnlocked: bridge.untilUnlocked,
    onNews: summary => pace.tell(summary),
    onEnd: summary => void notifications.batchEnded(summary, batches.rows),
  })
  const hookSecret = publicUrl === undefined ? undefined : ownSecret(config.dataDir, 'webhook')
  if (hookSecret !== undefined) bridge.keepSecret(hookSecret)
  const guard = { host: options.host, ...(options.token !== undefined && { token: options.token }) }
  const app = createApp({
    services: {
      bridge,
      queue,
      batches,
      notifications,
      facts: {
        version: options.version,
        startedAt,
        argv: options.argv,
        isLocal: isLoopbackName(options.host),
        needsToken: options.token !== undefined,
      },
    },
    guard,
    ...(hookSecret !== undefined && {
      webhook: { secret: hookSecret, clock, onTask: taskId => bridge.webhooks.arrived(taskId) },
    }),
    log,
    dataDir: config.dataDir,
    examplesDir: join(root, 'examples'),
    frontEndDir: frontEnd,
  })
  const ready = Promise.withResolvers<void>()
  const server = createServer(
    {
      // A client that dribbles its request does not hold a connection for ever.
      headersTimeout: options.headersTimeoutMs ?? 15_000,
      requestTimeout: 30 * 60_000,
      connectionsCheckingInterval: Math.min(5_000, options.headersTimeoutMs ?? 5_000),
      // `Upgrade: h2c`, which some clients offer, is answered as the plain request it also is.
      shouldUpgradeCallback: request => request.headers.upgrade?.toLowerCase() === 'websocket',
    },
    (request, response) => void ready.promise.then(() => app(request, response)),
  )
  const judge = createGuard(guard)
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy())
    const path = (request.url ?? '').split('?')[0]
    const verdict = judge(request)
    if (verdict.ok && (path === '/ws' || path === '/api/ws')) hub.upgrade(request, stream, head)
    else {
      const status = verdict.ok
        ? '404 Not Found'
        : verdict.status === 401
          ? '401 Unauthorized'
          : '403 Forbidden'
      stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    }
  })
  let url: string
  try {
    url = await listen(server, options)
  } catch (error) {
    await bridge.close()
    throw error
  }
  // ComfyUI empties it at every start: what lies there was only for looking at. Only now that the port is ours: whoever has
  // it already may serve this very folder.
  await rm(bridge.assets.folders.temp, { recursive: true, force: true }).catch(() => {})
  // Asked for at every start of an editor; not there, it would be an error in each browser's console.
  await mkdir(join(config.dataDir, 'workflows'), { recursive: true })
  if (hookSecret !== undefined) {
    const at = (base: string) => `${base}${webhookPath}/${hookSecret}`
    bridge.webhooks.serveAt({ outside: at(publicUrl ?? url), local: at(url) })
  }
  notifications.notifier.start()
  ready.resolve()
  return {
    url,
    bridge,
    queue,
    batches,
    notifications,
    resumed: queue.start() + batches.resume(),
    async close(graceMs = defaultGraceMs) {
      pace.close()
      await Promise.all([queue.close(graceMs), batches.close()])
      await notifications.close()
      await bridge.idle()
      await hub.close()
      server.close()
      server.closeAllConnections()
      await bridge.close()
    },
  }
}

async function listen(server: Server, { host, port }: ServeOptions): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  }).catch((cause: unknown) => {
    const code = systemCodeOf(cause)
    const why =
      code === 'EADDRINUSE'
        ? `Port ${port} is in use.`
        : `${host}:${port} cannot be listened on (${code ?? 'unknown'}).`
    throw new BridgeError(why, {
      code: code === 'EADDRINUSE' ? 'port-in-use' : 'cannot-listen',
      hint: 'Choose another port with --port, or --port 0 for any free one; perhaps rh-bridge runs already.',
      cause,
    })
  })
  const { port: actual } = server.address() as AddressInfo
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${actual}`
}

/** As an address without a slash at its end. Throws `bad-public-url`. */
function readPublicUrl(written: string): string {
  const url = URL.canParse(written) ? new URL(written) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '') {
    return url.href.replace(/\/+$/, '')
  }
  throw new BridgeError(`"${written}" is no public address of this server.`, {
    code: 'bad-public-url',
    hint: 'Write --public-url as https://bridge.example.com.',
  })
}

/** Ours when it is built, a plain status page else; another one with --front-end-root. */
function frontEndDir(given: string | undefined): string {
  if (given !== undefined) {
    if (existsSync(join(given, 'index.html'))) return given
    throw new BridgeError(`There is no index.html in "${given}".`, {
      code: 'front-end-root',
      hint: '--front-end-root wants the folder of a built web frontend.',
    })
  }
  const built = join(root, 'dist', 'editor')
  return existsSync(join(built, 'index.html')) ? built : join(root, 'server', 'http', 'status-page')
}
