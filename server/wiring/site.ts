import type { RunningHubSettings } from '../../nodes/values.ts'
import { defaultBaseUrl, isLoopback, isSameSite, knownSites, normaliseBaseUrl } from '../runninghub/index.ts'
import { BridgeError } from '../shared/errors.ts'
import { isLockedStore } from '../shared/key-lock.ts'
import { isPlaceholderKey, referencedKey } from '../shared/secrets.ts'
import type { KeyStore } from './key-store.ts'

/** Where a task goes, and who pays. The key never leaves wiring/ and runninghub/. */
export type Site = {
  readonly baseUrl: string
  readonly apiKey: string
  /** How the key is spoken of: its name in the store, where it came from, or `sandbox`. */
  readonly keyName: string
  readonly isSandbox: boolean
  /** It came with a graph, as its key did: nobody here has spoken for it. */
  readonly isForeign?: boolean
}

export type SiteSources = {
  /** Said on the command line. */
  readonly flags: { readonly baseUrl?: string; readonly apiKey?: string }
  readonly environment: { readonly baseUrl?: string; readonly apiKey?: string }
  /** Where keys may go beside RunningHub's own sites. */
  readonly sites: readonly string[]
  readonly keyStore: Pick<KeyStore, 'get' | 'default' | 'all'>
  /** Keys that were lifted out of the file that runs, by reference name. */
  readonly liftedKeys: ReadonlyMap<string, string>
  readonly sandbox: {
    readonly mode: 'auto' | 'on' | 'off'
    readonly apiKey: string
    /** Starts the built-in sandbox when it is first needed; gives its address. */
    start(): Promise<string>
    /** Whether a sandbox answers at an address on this machine. */
    isOneAt(baseUrl: string): Promise<boolean>
  }
}

type Key = {
  apiKey: string
  keyName: string
  baseUrl?: string
  from: 'flag' | 'graph' | 'environment' | 'store'
  /** It came with the graph that names the site, and is no secret of whoever runs it. */
  isGraphsOwn?: boolean
  /** It came in a file, with the site that file named. */
  isImported?: boolean
}

/** What the precedence decides, before anything is started. */
type Choice = { readonly use: 'built-in' } | ({ readonly use: 'site' } & Site)

/** Resolves settings to a site and a key, starting the built-in sandbox if that is what they come to. See {@link chooseSite}. */
export async function resolveSite(settings: RunningHubSettings, sources: SiteSources): Promise<Site> {
  const choice = await chooseSite(settings, sources)
  if (choice.use === 'site') return choice
  const { sandbox } = sources
  return { baseUrl: await sandbox.start(), apiKey: sandbox.apiKey, keyName: 'sandbox', isSandbox: true }
}

/** The name of the place tasks go to, `sandbox` or an address; starts nothing. */
export async function nameSite(settings: RunningHubSettings, sources: SiteSources): Promise<string> {
  const choice = await chooseSite(settings, sources)
  return choice.use === 'built-in' || choice.isSandbox ? 'sandbox' : choice.baseUrl
}

/**
 * Which key and host: flags, then what the graph says, then environment and key store, then the sandbox. The packs' default base_url
 * counts as not said when the graph brings no key of its own. A key that was not given for a sandbox is never sent to one, and a
 * sandbox never stands in silently for a site that was meant. A graph, which may come from anywhere, says where a task goes, but not where
 * its reader's keys go. Throws `no-key`, `keys-locked` or `bad-base-url`.
 */
async function chooseSite(settings: RunningHubSettings, sources: SiteSources): Promise<Choice> {
  const { sandbox } = sources
  if (sandbox.mode === 'on') return { use: 'built-in' }

  const flagBase = sources.flags.baseUrl === undefined ? undefined : normaliseBaseUrl(sources.flags.baseUrl)
  let locked: BridgeError | undefined
  const graphBase = baseOfGraph(settings, flagBase)
  const said = flagBase ?? (graphBase === defaultBaseUrl ? undefined : graphBase)
  const key = await findKey(settings, sources, said).catch(error => {
    // The graph names no key, and whose it would use nobody can tell now: only a sandbox does without.
    if (!isLockedStore(error) || referencedKey(settings.apiKey) !== undefined) throw error
    locked = error
    return undefined
  })
  // Whoever chose a kept key chose its site; the default that every settings node starts with says nothing against it.
  const isSaid = graphBase !== defaultBaseUrl || (key?.from === 'graph' && key.baseUrl === undefined)
  const meantBase = flagBase ?? (isSaid ? graphBase : undefined)
  const otherBase = key?.baseUrl ?? sources.environment.baseUrl
  const baseUrl = meantBase ?? (otherBase === undefined ? undefined : normaliseBaseUrl(otherBase))

  if (key === undefined && baseUrl === undefined) {
    if (sandbox.mode === 'auto' && !locked) return { use: 'built-in' }
    throw locked ?? noKey(defaultBaseUrl)
  }
  const target = baseUrl ?? defaultBaseUrl
  const isItsOwn = key !== undefined && (target === flagBase || mayGo(key, target, sources))
  // The key was written for another place than this machine: if a sandbox listens here, it gets its own.
  const givenForIt = isItsOwn && (key.from === 'flag' || (key.from === 'graph' && graphBase === target))
  if (!givenForIt && isLoopback(target) && (await sandbox.isOneAt(target))) {
    return { use: 'site', baseUrl: target, apiKey: sandbox.apiKey, keyName: 'sandbox', isSandbox: true }
  }
  if (key === undefined) throw locked ?? noKey(target)
  if (!isItsOwn) throw noKey(target, key)
  const isForeign =
    (key.isGraphsOwn === true || key.isImported === true) &&
    target !== flagBase &&
    !isSpokenFor(target, sources)
  const site = { baseUrl: target, apiKey: key.apiKey, keyName: key.keyName, isSandbox: false }
  return { use: 'site', ...site, ...(isForeign && { isForeign }) }
}

/** Whether a site is RunningHub's, or one that somebody here has named. */
function isSpokenFor(target: string, { environment, sites }: SiteSources): boolean {
  const known = [...knownSites, ...sites, ...(environment.baseUrl === undefined ? [] : [environment.baseUrl])]
  return known.some(site => isSameSite(normaliseBaseUrl(site), target))
}

/** What the graph says; nonsense there is no matter when a flag says it better. */
function baseOfGraph(settings: RunningHubSettings, flagBase: string | undefined): string | undefined {
  const written = settings.baseUrl.trim()
  if (written === '') return undefined
  try {
    return normaliseBaseUrl(written)
  } catch (error) {
    if (flagBase === undefined) throw error
    return undefined
  }
}

/** `said`: the site that is meant; of kept keys that nobody named, one of that site is taken. */
async function findKey(
  settings: RunningHubSettings,
  sources: SiteSources,
  said: string | undefined,
): Promise<Key | undefined> {
  const { flags, environment, keyStore, liftedKeys } = sources
  if (flags.apiKey !== undefined && !isPlaceholderKey(flags.apiKey)) {
    return { apiKey: flags.apiKey.trim(), keyName: '--api-key', from: 'flag' }
  }
  const name = referencedKey(settings.apiKey)
  if (name !== undefined) {
    const lifted = liftedKeys.get(name)
    if (lifted !== undefined) return { apiKey: lifted, keyName: name, from: 'graph', isGraphsOwn: true }
    const stored = await keyStore.get(name)
    // Kept, but no more one's own than in the file it came in: where it may go is said beside it.
    const isImported = stored?.imported === true && { isImported: true }
    if (stored)
      return { apiKey: stored.key, keyName: name, from: 'graph', ...site(stored.baseUrl), ...isImported }
  } else if (!isPlaceholderKey(settings.apiKey)) {
    // A key that came along a link at run time; the workflow door lifts all it can see.
    return { apiKey: settings.apiKey.trim(), keyName: 'in the graph', from: 'graph', isGraphsOwn: true }
  }
  if (environment.apiKey !== undefined && !isPlaceholderKey(environment.apiKey)) {
    return { apiKey: environment.apiKey.trim(), keyName: 'RUNNINGHUB_API_KEY', from: 'environment' }
  }
  const usual = await keyStore.default()
  const isElsewhere = said !== undefined && usual?.baseUrl !== undefined && usual.baseUrl !== said
  const ofSite = isElsewhere
    ? (await keyStore.all()).find(({ baseUrl, imported }) => baseUrl === said && !imported)
    : undefined
  const stored = ofSite ?? usual
  return stored && { apiKey: stored.key, keyName: stored.name, from: 'store', ...site(stored.baseUrl) }
}

function site(baseUrl: string | undefined): { baseUrl?: string } {
  return baseUrl === undefined ? {} : { baseUrl }
}

/** Whether a key may be sent to a site that no flag names. */
function mayGo(key: Key, target: string, sources: SiteSources): boolean {
  if (key.isGraphsOwn) return true
  return key.baseUrl === undefined
    ? isSpokenFor(target, sources)
    : isSameSite(normaliseBaseUrl(key.baseUrl), target)
}

/** `other`: a key there is, which is not for that site. */
function noKey(baseUrl: string, other?: Key): BridgeError {
  const { host } = new URL(baseUrl)
  const isKnown = knownSites.some(site => isSameSite(site, baseUrl))
  return new BridgeError(
    other === undefined
      ? `There is no API key for ${host}.`
      : `There is no API key for ${host}; the key "${other.keyName}" is not sent there.`,
    {
      code: 'no-key',
      hint:
        other === undefined || isKnown
          ? 'Add one with "rh-bridge keys add", --api-key or RUNNINGHUB_API_KEY; or run in the sandbox with --sandbox on.'
          : `If you trust ${host}, say so: add a key with "rh-bridge keys add NAME --base-url ${baseUrl}", or run with --base-url ${baseUrl}.`,
    },
  )
}
