import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dispatcher } from 'undici'
import { createAccounts } from './accounts.ts'
import { createAssetStore } from './assets/index.ts'
import { createCleanUp } from './clean-up.ts'
import type { Config } from './config.ts'
import {
  type CheckedPrompt,
  type Pins,
  type RunControl,
  type RunEvent,
  type RunResult,
  runPrompt,
} from './executor/index.ts'
import { createForesight } from './foresight.ts'
import { createIntake } from './intake.ts'
import { createLimits, type Limits } from './limits.ts'
import { createModelLibrary } from './models/index.ts'
import { createPinboard, type Pinboard } from './pins.ts'
import { posterOf } from './poster.ts'
import { createTransport } from './runninghub/index.ts'
import { createSandboxDoor } from './sandbox-door.ts'
import { type Clock, systemClock } from './shared/clock.ts'
import { BridgeError, systemCodeOf } from './shared/errors.ts'
import { isLockedStore } from './shared/key-lock.ts'
import { databaseName, openState, type State } from './state.ts'
import { createKeyStore } from './storage/index.ts'
import {
  type CostsBy,
  costsAsCsv,
  createCloudAccess,
  createDecisions,
  createSiteMemory,
  createSpending,
  createUnlockWait,
  createWebhooks,
  nameSite,
  reportTasks,
  resolveSite,
  type SiteSources,
  sumCosts,
  type TaskReport,
  type WebhookLook,
  webhookOfTask,
  withKeys,
} from './wiring/index.ts'

/** What is run, with everything that stands beside the prompt. */
export type RunRequest = {
  readonly checked: CheckedPrompt
  readonly runId?: string
  /** The workflow the prompt was made of, for the PNG files. Keys have been taken out. */
  readonly workflow?: unknown
  /** Keys lifted out of the file, by reference name. */
  readonly keys: ReadonlyMap<string, string>
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
  readonly onStart?: (control: RunControl) => void
  /** For a run that nobody can start again: waits for the keys it finds locked, instead of failing. */
  readonly untilUnlocked?: () => Promise<void>
  /** Coins after which this run, or the runs it shares a cap with, create nothing more. */
  readonly spending?: { readonly capCoins?: number; readonly group?: { id: string; coins?: number } }
}

export type BridgeOptions = {
  readonly clock?: Clock
  /** Stands in for the network. */
  readonly network?: Dispatcher
  /** Limits said with flags. */
  readonly limits?: Partial<Limits>
  /** What could not be kept, and cost nothing but time: a full disk. */
  readonly onTrouble?: (error: unknown) => void
}

export type { TaskReport }

export type Bridge = Awaited<ReturnType<typeof createBridge>>

/** Builds the house from its settings. Nothing is started yet: the sandbox comes up when a run first needs it. */
export async function createBridge(config: Config, options: BridgeOptions = {}) {
  const clock = options.clock ?? systemClock
  const folders = {
    input: config.inputDir,
    output: config.outputDir,
    temp: join(config.dataDir, 'temp'),
    results: join(config.dataDir, 'results'),
  }
  const assets = createAssetStore(folders, clock, config.allowDirs)
  const keyStore = createKeyStore(config.dataDir, config.keySecret)
  const secrets = new Set<string>()
  const transport = createTransport({
    clock,
    environment: config.proxyEnvironment,
    secrets: () => secrets,
    ...(options.network && { network: options.network }),
  })
  const { catalogue, registries } = createModelLibrary({ dataDir: config.dataDir, transport })
  const memory = createSiteMemory()
  const decisions = createDecisions()
  const limits = createLimits(config.dataDir, options.limits ?? {})
  // Opened when something first runs: looking at a file writes nothing.
  let opened: { state: State; pins: Pinboard } | undefined
  const open = () => {
    opened ??= openBoth()
    return opened
  }
  const openBoth = () => {
    const state = openState(config.dataDir, clock, assets, {
      cacheBytes: () => limits.get().cacheBytes,
      onTrouble: options.onTrouble ?? (() => {}),
    })
    const { pins: store, cache } = state
    const pins = createPinboard({ store, cache, assets, clock, folder: join(config.dataDir, 'pins') })
    return { state, pins }
  }
  const state = () => open().state
  // Looking at a file in a folder that was never used leaves nothing behind.
  const isUsed = () => opened !== undefined || existsSync(join(config.dataDir, databaseName))
  const pins: Pins = { find: pin => (isUsed() ? open().pins.find(pin) : undefined) }
  const cleanUp = createCleanUp({
    folders,
    clock,
    resultBytes: () => limits.get().resultBytes,
    sweepPins: () => open().pins.sweep(),
  })
  limits.onChange(() => cleanUp.soon())
  const sandbox = createSandboxDoor(config, transport, catalogue.models)
  const webhooks = createWebhooks({ clock, journal: () => state().journal })
  const pending = new Set<Promise<unknown>>()
  const background = (work: Promise<unknown>) => {
    const settled = work.then(
      () => {},
      () => {},
    )
    pending.add(settled)
    void settled.then(() => pending.delete(settled))
  }

  const siteSources = (liftedKeys: ReadonlyMap<string, string>): SiteSources => {
    const { flags, environment } = config
    return { flags, environment, sites: config.sites, keyStore, liftedKeys, sandbox }
  }

  const foresight = createForesight({
    ...{ keyStore, catalogue, assets, pins, clock, transport, memory, siteSources, state, isUsed },
    sites: config.sites,
    onKey: key => void secrets.add(key),
  })

  return {
    config,
    catalogue,
    assets,
    keyStore,

    /** Registries of standard models. What is added or removed is in the catalogue at once. */
    models: registries,
    ...foresight,

    ...createIntake({ catalogue, keyStore, onKey: key => void secrets.add(key) }),

    /** Where a graph that says nothing of keys runs now: for the badge, the health check and the first lines of `serve`. */
    async place(): Promise<{ mode: 'sandbox' | 'cloud'; site: string; keyName: string | null }> {
      const silent = { baseUrl: '', apiKey: '', targetId: '' }
      const site = await nameSite(silent, siteSources(new Map())).catch(() => 'none')
      const stored = (await keyStore.protection()).isLocked ? undefined : await keyStore.default()
      const keyName = config.flags.apiKey
        ? '--api-key'
        : config.environment.apiKey
          ? 'RUNNINGHUB_API_KEY'
          : stored?.name
      return { mode: site === 'sandbox' ? 'sandbox' : 'cloud', site, keyName: keyName ?? null }
    },

    ...createAccounts({
      ...{ keyStore, transport, clock, limits, memory, config, sandbox },
      siteSources: () => siteSources(new Map()),
      onKey: key => void secrets.add(key),
    }),

    /** What was paid; times in milliseconds since 1970. */
    costs: {
      /** `group`: only of the runs that share that cap. */
      sum: (by: CostsBy, range: { from: number; to: number }, group?: string) =>
        sumCosts(
          state()
            .costs.list(range)
            .filter(row => group === undefined || row.group === group),
          by,
        ),
      csv: (range: { from: number; to: number }) => costsAsCsv(state().costs.list(range)),
    },

    /** The cloud's calls at the end of tasks, once a server says where it listens. */
    webhooks,

    /**
     * What became of a task's webhook; `retry`: the cloud is to call again. The key is that which created the task, else the one of graphs that say
     * none. Throws `no-webhook`, `no-key`, CloudError.
     */
    webhookOfTask: (taskId: string, how: { retry: boolean; signal: AbortSignal }): Promise<WebhookLook> =>
      webhookOfTask(taskId, how, {
        ...{ transport, clock, webhooks },
        journal: state().journal,
        sources: siteSources(new Map()),
        onKey: key => void secrets.add(key),
      }),

    /** Keeps a text out of logs and error texts. */
    keepSecret: (secret: string): void => void secrets.add(secret),

    async run(request: RunRequest): Promise<RunResult> {
      await prepareFolders(folders)
      background(cleanUp.ifDue())
      await open().pins.restore(request.checked.frozen.values())
      const { slots, lanes, journal, claims, uploads, cache } = state()
      for (const key of request.keys.values()) secrets.add(key)
      const metadata = config.saveMetadata
        ? { prompt: request.checked.prompt, workflow: request.workflow }
        : undefined
      const cloud = createCloudAccess({
        transport,
        clock,
        slots,
        lanes,
        journal,
        claims,
        uploads: { transport, clock, store: uploads, describe: assets.describe },
        assets,
        memory,
        webhooks,
        onUnknown: config.onUnknown,
        decisions,
        spending: createSpending({ store: state().costs, clock }),
        caps: () => {
          const { capCoinsPerRun, capCoinsPerDay, capMoneyPerDay } = limits.get()
          const { capCoins, group } = request.spending ?? {}
          return {
            coinsPerRun: capCoins ?? capCoinsPerRun,
            coinsPerDay: capCoinsPerDay,
            moneyPerDay: capMoneyPerDay,
            ...(group && { group }),
          }
        },
        background,
        siteName: settings =>
          withKeys(() => nameSite(settings, siteSources(request.keys)), request.untilUnlocked),
        async site(settings) {
          const sources = siteSources(request.keys)
          const site = await withKeys(() => resolveSite(settings, sources), request.untilUnlocked)
          secrets.add(site.apiKey)
          return site
        },
      })
      return runPrompt(
        request.checked,
        { catalogue: catalogue.now(), clock, cache, assets: assets.accessFor(metadata), cloud },
        {
          runId: request.runId ?? randomUUID(),
          signal: request.signal,
          onEvent: request.onEvent,
          ...(request.onStart && { onStart: request.onStart }),
        },
      )
    },

    /** Resolves when kept keys can be used; rejects when the signal is aborted. */
    untilUnlocked: createUnlockWait(keyStore, clock),

    /** Every key this process has seen, for the log's redaction. */
    secrets: (): Iterable<string> => secrets,

    /** Those, and every key that is kept or was said: for texts that leave. Of a locked store only what it gave before it was locked. */
    knownSecrets: async (): Promise<ReadonlySet<string>> => {
      const said = [config.flags.apiKey, config.environment.apiKey].filter(key => key !== undefined)
      const kept = await keyStore.all().catch(error => {
        if (isLockedStore(error)) return []
        throw error
      })
      return new Set([...secrets, ...said, ...kept.map(({ key }) => key)])
    },

    /** A video's first frame as a small WebP. Throws NodeError for a file that is no video. */
    poster: async (path: string, size: number): Promise<Buffer> =>
      posterOf(await assets.describe(path), size),

    /** Waits for what goes on after a stop: telling the cloud. */
    async idle(): Promise<void> {
      while (pending.size > 0) await Promise.all(pending)
    },

    /** What the data folder remembers. Opens it. Throws BridgeError for a folder or database that cannot be used. */
    state,

    /** Everything that can be told of a run's tasks: those it created, and those it took up from others. */
    reportTasks: (runId: string, taskIds: readonly string[]): readonly TaskReport[] =>
      reportTasks(state().journal, runId, taskIds),

    /** Results people froze. */
    pins: () => open().pins,

    limits,

    /** Creates whose answer was lost and that wait for somebody to decide. */
    decisions,

    async close(): Promise<void> {
      webhooks.close()
      await Promise.all([transport.close(), sandbox.close()])
      opened?.state.close()
    },
  }
}

async function prepareFolders(folders: Record<string, string>): Promise<void> {
  for (const folder of Object.values(folders)) {
    try {
      await mkdir(folder, { recursive: true })
    } catch (cause) {
      throw new BridgeError(
        `The folder "${folder}" cannot be made (${systemCodeOf(cause) ?? 'no reason given'}).`,
        {
          code: 'folder',
          hint: 'Check its rights, or choose another with --data-dir, --input-dir or --output-dir.',
          cause,
        },
      )
    }
  }
}

/** The report speaks of keys by name alone, too. */
