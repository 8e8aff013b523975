/**
 * A RunningHub that a client cannot tell from the cloud: the product runs against it when no account is known, and every
 * test of the client does.
 */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../shared/clock.ts'
import type { House } from './call.ts'
import { webhookData } from './calls/task-answers.ts'
import { createFaults } from './faults.ts'
import { createIds } from './ids.ts'
import { createAccounts } from './keys.ts'
import { createRequestLog } from './log.ts'
import { createRandom } from './random.ts'
import { createFileStore } from './results/file-store.ts'
import { renderFile } from './results/render.ts'
import { createSandboxServer } from './server.ts'
import { createSocketHub } from './socket.ts'
import { createTaskEngine, type TaskEngine } from './tasks/engine.ts'
import { publicTask } from './tasks/task.ts'
import { createTimers } from './timers.ts'
import type { Sandbox, SandboxOptions } from './types.ts'
import { createUploads } from './uploads.ts'
import { createWebhooks } from './webhooks.ts'

export { type SpecialWorkflow, specialWorkflows } from './catalogue/special.ts'
export { readFaultRules } from './faults.ts'
export { keyWords, sandboxKey } from './keys.ts'
export { seededFaults } from './seeded-faults.ts'
export type {
  FaultAction,
  FaultPlace,
  FaultRule,
  LoggedRequest,
  Sandbox,
  SandboxModel,
  SandboxOptions,
  SandboxTask,
  Violation,
  ViolationRule,
} from './types.ts'

export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, host = '127.0.0.1', speed = 1, strict = false, concurrency = 3, seed, keyKind } = options
  const clock = options.clock ?? systemClock
  const timers = createTimers(clock, speed)
  const random = createRandom(seed ?? Math.floor(Math.random() * 2 ** 32))
  const ids = createIds(random, seed === undefined ? clock.now() : undefined)
  const store = await createFileStore()
  const uploads = await createUploads(store)
  const faults = createFaults(options.faults ?? [], random)
  const log = createRequestLog()
  const webhooks = createWebhooks(timers, ids)
  let url = ''

  // The sockets look tasks up, the tasks speak on the sockets.
  let engine: TaskEngine | undefined
  const sockets = createSocketHub({ timers, faults, ofClient: clientId => engine?.ofClient(clientId) })
  engine = createTaskEngine({
    timers,
    speed,
    ids,
    random,
    store,
    render: options.render ?? renderFile,
    concurrency,
    findUpload: uploads.diskPathOf,
    publish: sockets.publish,
    onEnd(task) {
      sockets.ended(task)
      const { id: taskId, webhookUrl, account } = task
      if (webhookUrl)
        webhooks.deliver({ taskId, webhookUrl, userKey: account.key, eventData: webhookData(task, url) })
    },
  })
  const house: House = {
    strict,
    concurrency,
    startedAt: clock.now(),
    timers,
    ids,
    random,
    accounts: createAccounts({ strict, newUserId: () => ids.hex(32), ...(keyKind && { keyKind }) }),
    engine,
    store,
    assets: new Map(),
    models: options.models ?? (() => []),
    speed,
    uploads,
    webhooks,
    log,
    faults,
    url: () => url,
  }
  const server = createSandboxServer(house, sockets)
  try {
    url = options.origin ?? (await listen(server, port, host))
  } catch (error) {
    await store.close()
    throw error
  }

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    timers.close()
    sockets.close()
    const stopped = new Promise<void>(resolve => server.close(() => resolve()))
    server.closeAllConnections()
    await Promise.all([stopped, webhooks.close(), house.engine.settled()])
    await store.close()
  }

  return {
    url,
    requests: log.requests,
    tasks: () => house.engine.all().map(publicTask),
    violations: log.violations,
    addFaults: faults.add,
    clearFaults: faults.clear,
    accept: connection => void server.emit('connection', connection),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo // A TCP server that listens has one.
  return `http://${address.family === 'IPv6' ? `[${host}]` : host}:${address.port}`
}
