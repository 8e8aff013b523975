import { basename } from 'node:path'
import type { Batches, BatchRow, BatchSummary } from './batch/index.ts'
import type { Bridge } from './main.ts'
import { createNotifier, createNotifySettings } from './notify/index.ts'
import type { Clock } from './shared/clock.ts'
import { scrub } from './shared/secrets.ts'
import { ownSecret } from './storage/index.ts'

/** What is told of a run that ended, whoever ran it. Amounts as the cloud gave them, files by name: their folders are nobody's business. */
export type EndedRun = {
  readonly id: string
  readonly name: string | null
  readonly status: string
  readonly durationMs: number | null
  readonly outputs: readonly {
    nodeId: string
    filename: string
    subfolder: string
    kind: string
    bytes: number
    sha256: string
  }[]
  readonly errors: readonly {
    nodeId: string
    nodeType: string
    code: string
    message: string
    hint: string | null
    taskId: string | null
  }[]
  readonly tasks: readonly {
    nodeId: string
    taskId: string
    status: string
    coins: string | null
    money: string | null
  }[]
}

export type Notifications = ReturnType<typeof createNotifications>

const mostFiles = 200
const mostErrors = 100

/** The calls of this house when a run or a batch ends. */
export function createNotifications(
  bridge: Bridge,
  options: {
    readonly clock: Clock
    readonly notifyUrl?: string | undefined
    readonly notifyPrivate?: boolean | undefined
    readonly onTrouble: (error: unknown) => void
  },
) {
  const { dataDir, notifySecret } = bridge.config
  const settings = createNotifySettings({
    dataDir,
    flagUrl: options.notifyUrl,
    allowsPrivate: options.notifyPrivate ?? false,
  })
  let known: string | undefined
  const secret = () => {
    known ??= notifySecret ?? notifySecretOf(dataDir)
    bridge.keepSecret(known)
    return known
  }
  const notifier = createNotifier({
    ...{ clock: options.clock, onTrouble: options.onTrouble, secret },
    store: () => bridge.state().deliveries,
    allowsPrivate: settings.allowsPrivate,
    clean: text => scrub(text, bridge.secrets()),
    cleanOfAll: async text => scrub(text, await bridge.knownSecrets()),
  })
  let last: string | undefined
  const tell = (event: string, facts: object): string | undefined => {
    const url = settings.url()
    return url === undefined ? undefined : notifier.tell(url, event, facts)
  }
  const sum = (amounts: readonly (string | null)[]) =>
    amounts.reduce((total, amount) => total + Number(amount ?? 0), 0)

  return {
    settings,
    notifier,

    runEnded({ outputs, errors, tasks, ...run }: EndedRun): string | undefined {
      return tell('run.ended', {
        ...run,
        coins: sum(tasks.map(({ coins }) => coins)),
        money: sum(tasks.map(({ money }) => money)),
        outputs: outputs.slice(0, mostFiles),
        errors: errors.slice(0, mostErrors),
        tasks,
      })
    },

    batchEnded(summary: BatchSummary, rowsOf: Batches['rows']): string | undefined {
      const { id, title, state, why, rows, done, failed, waiting, coins } = summary
      const page = (which: 'done' | 'failed', limit: number) => rowsOf(id, { offset: 0, limit, state: which })
      return tell('batch.ended', {
        ...{ id, name: title, status: state, why, rows, done, failed, waiting, coins },
        outputs: page('done', mostFiles)
          .flatMap(({ index, files }) =>
            files.map(({ filename, subfolder, kind }) => ({ row: index + 1, filename, subfolder, kind })),
          )
          .slice(0, mostFiles),
        errors: page('failed', mostErrors).map(({ index, error }) => ({ row: index + 1, ...error })),
      })
    },

    /** A file of a watched folder is done, or failed. */
    fileEnded(file: string, row: BatchRow): string | undefined {
      const { runId, state, files, text, error, taskIds, coins, startedAt, finishedAt } = row
      last = tell('file.ended', {
        ...{ id: runId, file, status: state === 'done' ? 'success' : 'error' },
        durationMs: startedAt === null || finishedAt === null ? null : finishedAt - startedAt,
        ...{ coins, text },
        outputs: files.map(({ filename, subfolder, kind }) => ({ filename, subfolder, kind })),
        errors: error ? [error] : [],
        tasks: taskIds.map(taskId => ({ taskId })),
      })
      return last
    },

    /** Waits a little for the last call of a command that ends. */
    async settle(): Promise<void> {
      if (last !== undefined) await notifier.settled(last, 1)
    },

    /** A call that tells of nothing, to try an address. */
    ping: (url: string): string => notifier.tell(url, 'ping', {}),

    close: () => notifier.close(),
  }
}

/** The secret calls are signed with, in the form of Standard Webhooks. `renew`: another one from now on. */
export function notifySecretOf(dataDir: string, how: { renew?: boolean } = {}): string {
  const bytes = Buffer.from(ownSecret(dataDir, 'notify', how), 'base64url')
  return `whsec_${bytes.toString('base64')}`
}

/** The same of files by their whole path. */
export function fileOfPath(
  nodeId: string,
  file: { path: string; kind: string; bytes: number; sha256: string },
) {
  const { path, kind, bytes, sha256 } = file
  return { nodeId, filename: basename(path), subfolder: '', kind, bytes, sha256 }
}
