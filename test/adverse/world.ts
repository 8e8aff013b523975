import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../server/config.ts'
import type { RunEvent, RunResult } from '../../server/executor/index.ts'
import { type Bridge, createBridge } from '../../server/main.ts'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../server/sandbox/index.ts'
import { HandOverError } from '../../server/shared/abort.ts'
import { type Clock, sleepWith } from '../../server/shared/clock.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import type { UnknownPolicy } from '../../server/wiring/index.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { createMemoryNetwork } from '../support/memory-network.ts'
import { tinyRender } from '../support/tiny-render.ts'

export const cloudUrl = 'http://cloud.test'
export const key = 'aTestKeyOf32Characters0123456789'

/** A bridge as a process of its own on the world's data folder; `kill` is SIGKILL, `handOver` SIGTERM. */
export type Process = {
  readonly bridge: Bridge
  isAlive(): boolean
  run(prompt: Prompt, how?: RunHow): Promise<RunResult>
  /** Its wall clock is set, as by a network time server or after a sleep; the cloud's is not. */
  jump(ms: number): void
  kill(): void
  handOver(): Promise<void>
}

export type RunHow = { runId?: string; signal?: AbortSignal; onEvent?: (event: RunEvent) => void }

export type World = {
  readonly clock: FakeClock
  readonly sandbox: Sandbox
  readonly folder: string
  /** Starts a bridge on the data folder. */
  open(options?: { onUnknown?: UnknownPolicy; apiKey?: string }): Promise<Process>
  /** Called at each step of a process's traffic with the cloud. */
  onTraffic: () => void
  close(): Promise<void>
}

/**
 * Cloud, network, clock and data folder of one test, all inside this process: nothing waits for real time, and the clock stands still
 * while anything is under way.
 */
export async function openWorld(options: SandboxOptions = {}): Promise<World> {
  const quiet = createQuietWatch()
  const clock = createFakeClock(undefined, quiet.isBusy)
  // Memory where there is some: a test of ten thousand journals is not one of the disk.
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rh-world-'))
  const sandbox = await createSandbox({
    clock,
    origin: cloudUrl,
    concurrency: 3,
    seed: 1,
    render: tinyRender,
    ...options,
  })
  const open = new Set<Process>()
  const world: World = {
    clock,
    sandbox,
    folder,
    onTraffic: () => {},
    async open(wish = {}) {
      const process = await openProcess(world, quiet.touch, wish)
      open.add(process)
      return process
    },
    async close() {
      for (const process of open) process.kill()
      await sandbox.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return world
}

async function openProcess(
  world: World,
  touch: () => void,
  wish: { onUnknown?: UnknownPolicy; apiKey?: string },
): Promise<Process> {
  const time = processClock(world.clock)
  const network = createMemoryNetwork(
    end => world.sandbox.accept(end),
    () => {
      touch()
      world.onTraffic()
    },
  )
  const { onUnknown = 'fail', apiKey = key } = wish
  const bridge = await createBridge(
    readConfig(
      { dataDir: world.folder, baseUrl: cloudUrl, sandbox: 'off', onUnknown },
      { RUNNINGHUB_API_KEY: apiKey },
    ),
    { clock: time.clock, network: network.dispatcher },
  )
  const state = bridge.state()
  let isAlive = true
  const stop = new AbortController()
  const running = new Set<Promise<unknown>>()
  return {
    bridge,
    isAlive: () => isAlive,
    jump: time.jump,
    async run(prompt, { runId, signal, onEvent = () => {} } = {}) {
      const local = new AbortController()
      const onAbort = () => {
        if (isAlive && !stop.signal.aborted) local.abort(signal?.reason)
      }
      stop.signal.addEventListener('abort', () => local.abort(stop.signal.reason))
      signal?.addEventListener('abort', onAbort)
      if (signal?.aborted) onAbort()
      const work = bridge.run({
        checked: await bridge.check(prompt),
        keys: new Map(),
        signal: local.signal,
        onEvent: event => {
          if (isAlive) onEvent(event)
        },
        ...(runId !== undefined && { runId }),
      })
      running.add(work)
      return work.finally(() => running.delete(work))
    },
    kill() {
      if (!isAlive) return
      isAlive = false
      time.kill()
      network.freeze()
      // What was not on disk yet is lost.
      state.cache.flush = () => {}
      state.close()
    },
    async handOver() {
      if (!isAlive) return
      stop.abort(new HandOverError())
      await Promise.allSettled(running)
      await bridge.idle()
      if (!isAlive) return
      isAlive = false
      time.kill()
      network.freeze()
      state.close()
    },
  }
}

/** The clock of one process: it can be set, and it stops with the process. */
function processClock(world: FakeClock) {
  let offset = 0
  let isAlive = true
  const pending = new Set<() => void>()
  const clock: Clock = {
    now: () => world.now() + offset,
    ticks: world.ticks,
    sleep: (ms, signal) => sleepWith(clock, ms, signal),
    schedule(ms, fn) {
      if (!isAlive) return () => {}
      const cancel = world.schedule(ms, () => {
        pending.delete(cancel)
        fn()
      })
      pending.add(cancel)
      return () => {
        pending.delete(cancel)
        cancel()
      }
    },
  }
  return {
    clock,
    jump(ms: number) {
      offset += ms
    },
    kill() {
      isAlive = false
      for (const cancel of pending) cancel()
    },
  }
}

/**
 * Whether anything goes on in this process: file work, or traffic on the network inside it. Some turns of the event loop without
 * either are rest; then the fake clock may go on.
 */
function createQuietWatch() {
  const enough = 4
  let turns = 0
  return {
    touch: () => {
      turns = 0
    },
    isBusy: () => {
      const works = process.getActiveResourcesInfo().some(name => /^(FSReq|CloseReq)/.test(name))
      turns = works ? 0 : turns + 1
      if (turns < enough) return true
      turns = 0
      return false
    },
  }
}
