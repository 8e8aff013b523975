import { delimiter, join, resolve } from 'node:path'
import { knownSites } from './runninghub/index.ts'

/** What a person can set; flags first, then the environment, then defaults. The only reader of the environment. */
export type Config = {
  readonly dataDir: string
  readonly inputDir: string
  readonly outputDir: string
  /** Folders outside the data folder whose files nodes may name by path. */
  readonly allowDirs: readonly string[]
  readonly sandbox: 'auto' | 'on' | 'off'
  readonly sandboxSpeed: number
  readonly flags: { readonly baseUrl?: string; readonly apiKey?: string }
  readonly environment: { readonly baseUrl?: string; readonly apiKey?: string }
  /** What an encrypted key store is opened with. From the environment alone: never an argument, which every process can read. */
  readonly keySecret: { readonly passphrase?: string; readonly keyFile?: string }
  /** Where a new key's site is looked for. */
  readonly sites: readonly string[]
  /** Handed to the HTTP client for the standard proxy variables. */
  readonly proxyEnvironment: Readonly<Record<string, string | undefined>>
  readonly saveMetadata: boolean
  /** What calls to --notify-url are signed with; absent: a secret of the data folder. */
  readonly notifySecret?: string
  /** When the answer to a create is lost: ask a person, fail with what to do, or create once more at the risk of paying twice. */
  readonly onUnknown: 'ask' | 'fail' | 'resubmit'
}

export type ConfigFlags = {
  readonly dataDir?: string
  readonly inputDir?: string
  readonly outputDir?: string
  readonly allowDir?: readonly string[]
  readonly sandbox?: 'auto' | 'on' | 'off'
  readonly sandboxSpeed?: number
  readonly baseUrl?: string
  readonly apiKey?: string
  readonly metadata?: boolean
  readonly onUnknown?: 'ask' | 'fail' | 'resubmit'
}

export function readConfig(
  flags: ConfigFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const dataDir = resolve(flags.dataDir ?? said(environment.RH_BRIDGE_DATA_DIR) ?? 'data')
  const baseUrl = said(environment.RUNNINGHUB_BASE_URL)
  const apiKey = said(environment.RUNNINGHUB_API_KEY)
  const notifySecret = said(environment.RH_BRIDGE_NOTIFY_SECRET)
  const keyFile = said(environment.RH_BRIDGE_KEY_FILE)
  const passphrase = said(environment.RH_BRIDGE_PASSPHRASE)
  return {
    dataDir,
    inputDir: flags.inputDir === undefined ? join(dataDir, 'input') : resolve(flags.inputDir),
    outputDir: flags.outputDir === undefined ? join(dataDir, 'output') : resolve(flags.outputDir),
    allowDirs: [...(flags.allowDir ?? []), ...(said(environment.RH_BRIDGE_ALLOW_DIR)?.split(delimiter) ?? [])]
      .filter(dir => dir.trim() !== '')
      .map(dir => resolve(dir)),
    sandbox: flags.sandbox ?? 'auto',
    sandboxSpeed: flags.sandboxSpeed ?? 1,
    flags: {
      ...(flags.baseUrl !== undefined && { baseUrl: flags.baseUrl }),
      ...(flags.apiKey !== undefined && { apiKey: flags.apiKey }),
    },
    environment: { ...(baseUrl !== undefined && { baseUrl }), ...(apiKey !== undefined && { apiKey }) },
    keySecret: {
      ...(passphrase !== undefined && { passphrase }),
      ...(keyFile !== undefined && { keyFile: resolve(keyFile) }),
    },
    sites: (environment.RH_BRIDGE_SITES ?? knownSites.join(','))
      .split(',')
      .flatMap(site => said(site.trim()) ?? []),
    proxyEnvironment: environment,
    saveMetadata: flags.metadata ?? true,
    ...(notifySecret !== undefined && { notifySecret }),
    onUnknown: flags.onUnknown ?? 'fail',
  }
}

function said(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value
}
