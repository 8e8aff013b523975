import { readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BridgeError } from './shared/errors.ts'
import { parseJson, writeJson } from './shared/lossless-json.ts'

/** What may grow or run at a time, as far as people set it. */
export type Limits = {
  /** Prompts that run side by side. */
  readonly parallel: number
  readonly historyEntries: number
  readonly historyDays: number
  /** Of the database: results that are remembered. */
  readonly cacheBytes: number
  /** Of the results folder: files of tasks. Output files are never removed. */
  readonly resultBytes: number
  /** RunningHub coins or money after which nothing more is created; 0: no cap. */
  readonly capCoinsPerRun: number
  readonly capCoinsPerDay: number
  readonly capMoneyPerDay: number
  /** A balance below this is told as low; 0: never. */
  readonly warnBelowCoins: number
  readonly warnBelowMoney: number
}

type Name = keyof Limits

/** Default, least and most of each. */
const bounds: Readonly<Record<Name, readonly [number, number, number]>> = {
  parallel: [2, 1, 100],
  historyEntries: [10_000, 1, 1_000_000],
  historyDays: [90, 1, 36_500],
  cacheBytes: [256 * 1024 ** 2, 1024 ** 2, 16 * 1024 ** 3],
  resultBytes: [20 * 1024 ** 3, 100 * 1024 ** 2, 16 * 1024 ** 4],
  capCoinsPerRun: [0, 0, 1_000_000_000],
  capCoinsPerDay: [0, 0, 1_000_000_000],
  capMoneyPerDay: [0, 0, 1_000_000_000],
  warnBelowCoins: [200, 0, 1_000_000_000],
  warnBelowMoney: [5, 0, 1_000_000_000],
}
const names = Object.keys(bounds) as readonly Name[]

export type LimitSettings = ReturnType<typeof createLimits>

/** The limits of a data folder: kept in its `limits.json`, read at start. What was said with a flag stands above it until the next start. */
export function createLimits(dataDir: string, flags: Partial<Limits>) {
  const path = join(dataDir, 'limits.json')
  let kept = read(path)
  const listeners = new Set<() => void>()
  const fromFlags = names.filter(name => flags[name] !== undefined)
  return {
    get: (): Limits => ({ ...defaults, ...kept, ...flags }),
    /** Those that a flag decides: a change of theirs is kept for the next start. */
    fromFlags,
    onChange(listener: () => void): void {
      listeners.add(listener)
    },
    /** Checks, keeps and applies changes; unknown names are refused. Throws `bad-limit`. */
    async change(changes: Readonly<Record<string, unknown>>): Promise<void> {
      const wanted = { ...kept }
      for (const [name, value] of Object.entries(changes))
        wanted[nameOf(name)] = amountOf(nameOf(name), value)
      await mkdir(dirname(path), { recursive: true })
      const part = `${path}.${process.pid}.part`
      await writeFile(part, `${writeJson(wanted, 2)}\n`)
      await rename(part, path)
      kept = wanted
      for (const listener of listeners) listener()
    },
  }
}

const defaults = Object.fromEntries(names.map(name => [name, bounds[name][0]])) as unknown as Limits

function read(path: string): Partial<Record<Name, number>> {
  let stored: unknown
  try {
    stored = parseJson(readFileSync(path, 'utf8'))
  } catch {
    // Not there yet, or damaged: the defaults serve.
    return {}
  }
  const found: Partial<Record<Name, number>> = {}
  for (const name of names) {
    const value: unknown = (stored as Record<string, unknown> | null)?.[name]
    if (isWithin(name, value)) found[name] = value
  }
  return found
}

function nameOf(name: string): Name {
  if (Object.hasOwn(bounds, name)) return name as Name
  throw new BridgeError(`There is no limit "${name}".`, {
    code: 'bad-limit',
    hint: `The limits are ${names.join(', ')}.`,
  })
}

function amountOf(name: Name, value: unknown): number {
  if (isWithin(name, value)) return value
  const [, least, most] = bounds[name]
  throw new BridgeError(`"${name}" is a whole number from ${least} to ${most}.`, { code: 'bad-limit' })
}

function isWithin(name: Name, value: unknown): value is number {
  const [, least, most] = bounds[name]
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most
}
