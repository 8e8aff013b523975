import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import {
  CloudError,
  createRunningHubClient,
  createTransport,
  type RunningHubClient,
  runTask,
  type TaskEvent,
  type Transport,
} from '../../server/runninghub/index.ts'
import {
  createSandbox,
  type LoggedRequest,
  type Sandbox,
  type SandboxOptions,
} from '../../server/sandbox/index.ts'
import { type Clock, sleepWith } from '../../server/shared/clock.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { openSlots } from '../support/slots.ts'

export const key = 'aTestKeyOf32Characters0123456789'
export const zImage = '2016195556967714818'
export const sdxl = '1904136902449209346'
export const never = new AbortController().signal

/** Unanswered for this long in real time, a call is one that nobody will answer: the clock may go on. */
const silentMs = 300

export type Cloud = {
  readonly sandbox: Sandbox
  readonly client: RunningHubClient
  readonly transport: Transport
  readonly baseUrl: string
  /** Requests of the log whose path ends so. */
  requests(pathEnd: string): LoggedRequest[]
  /** Waits for a slot, creates and follows a task; resolves with all that was seen of it. */
  runToEnd(targetId: string, options?: RunOptions): Promise<{ events: TaskEvent[]; error?: unknown }>
}

export type RunOptions = {
  signal?: AbortSignal
  runTimeoutMs?: number
  concurrency?: number
  onEvent?: (event: TaskEvent) => void
  onCreated?: (taskId: string) => void
  withGraph?: ReadonlyMap<string, string>
}

/** A sandbox with a client for it. At the end of the test the client must have broken no rule of the cloud. */
export async function openCloud(
  options: SandboxOptions & { clock: Clock; sandboxClock?: Clock },
): Promise<Cloud> {
  const { sandboxClock = options.clock, ...wish } = options
  const sandbox = await createSandbox({ seed: 1, concurrency: 50, ...wish, clock: sandboxClock })
  const inner = createTransport({ clock: options.clock, environment: {}, secrets: () => [key] })
  onTestFinished(async () => {
    await inner.close()
    await sandbox.close()
    expect(sandbox.violations()).toEqual([])
  })
  return dress(sandbox, watched(inner), options.clock, sandbox.url)
}

/** A client of its own for an address where no sandbox is. */
export function clientFor(baseUrl: string, clock: Clock): { client: RunningHubClient; transport: Transport } {
  const inner = createTransport({ clock, environment: {}, secrets: () => [key] })
  onTestFinished(() => inner.close())
  const transport = watched(inner)
  return { client: createRunningHubClient({ transport, clock, baseUrl, apiKey: key }), transport }
}

function dress(sandbox: Sandbox, transport: Transport, clock: Clock, baseUrl: string): Cloud {
  const client = createRunningHubClient({ transport, clock, baseUrl, apiKey: key })
  const slots = openSlots(clock)
  return {
    sandbox,
    client,
    transport,
    baseUrl,
    requests: pathEnd => sandbox.requests().filter(({ path }) => path.endsWith(pathEnd)),
    async runToEnd(targetId, run = {}) {
      const events: TaskEvent[] = []
      const { withGraph } = run
      const task = runTask(
        { kind: 'workflow', targetId, nodeInfoList: [] },
        {
          client,
          transport,
          clock,
          signal: run.signal ?? never,
          slots,
          lane: 'lane',
          concurrency: run.concurrency ?? 50,
          runTimeoutMs: run.runTimeoutMs ?? 600_000,
          random: () => 0.5,
          record: { async submitting() {}, created: run.onCreated ?? (() => {}), failed() {} },
          ...(withGraph && { graph: async () => withGraph }),
        },
      )
      try {
        for await (const event of task) {
          events.push(event)
          run.onEvent?.(event)
        }
        return { events }
      } catch (error) {
        return { events, error }
      }
    },
  }
}

/** Calls on their way, all of this process; so that a fake clock does not outrun the loopback interface. */
const traffic = { open: 0, changedAt: 0 }

function note(delta: number): void {
  traffic.open += delta
  traffic.changedAt = performance.now()
}

function watched(transport: Transport): Transport {
  return {
    ...transport,
    async exchange(call) {
      note(1)
      try {
        return await transport.exchange(call)
      } finally {
        note(-1)
      }
    },
  }
}

/** A fake clock that stands still while a call is on its way. */
export function createCallClock(): FakeClock {
  return createFakeClock(
    undefined,
    () => traffic.open > 0 && performance.now() - traffic.changedAt < silentMs,
  )
}

/** The system's clock, `factor` times as fast: for what needs real sockets and real waits. */
export function createFastClock(factor: number): Clock {
  const start = Date.now()
  const clock: Clock = {
    now: () => start + (performance.timeOrigin + performance.now() - start) * factor,
    ticks: () => performance.now() * factor,
    sleep: (ms, signal) => sleepWith(clock, ms, signal),
    schedule(ms, fn) {
      const timer = setTimeout(fn, Math.max(0, ms) / factor)
      return () => clearTimeout(timer)
    },
  }
  return clock
}

/** A clock whose sleeps are over at once and are written down; its deadlines never come. */
export function createHastyClock(): Clock & { readonly sleeps: number[] } {
  const sleeps: number[] = []
  return {
    sleeps,
    now: () => Date.now(),
    ticks: () => performance.now(),
    async sleep(ms, signal) {
      signal.throwIfAborted()
      sleeps.push(ms)
    },
    schedule: () => () => {},
  }
}

/** A server that answers as it is told, for what the sandbox cannot play. */
export async function openServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rh-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The CloudError a promise ends with. */
export async function failureOf(work: Promise<unknown>): Promise<CloudError> {
  const error = await work.then(
    value => {
      throw new Error(`it succeeded with ${JSON.stringify(value)}`)
    },
    (reason: unknown) => reason,
  )
  if (error instanceof CloudError) return error
  throw error
}

/** An answer in RunningHub's words, as a fault that carries nothing out. */
export const says = (body: unknown) => ({ kind: 'http', status: 200, body: JSON.stringify(body) }) as const

export const typesOf = (events: readonly TaskEvent[]) =>
  events.map(event => event.type).filter((type, at, all) => type !== all[at - 1])
