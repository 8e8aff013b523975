import { type Command, InvalidArgumentError } from 'commander'
import { BridgeError } from '../shared/errors.ts'

/** Which site is asked, and as whom. */
export type SiteFlags = {
  baseUrl?: string
  apiKey?: string
  dataDir?: string
  sandbox?: 'auto' | 'on' | 'off'
}

/** The flags of every command that asks the site something. */
export function addSiteOptions(command: Command): Command {
  return command
    .option('--base-url <url>', 'the RunningHub site, or a sandbox')
    .option('--api-key <key>', 'the RunningHub key for this command')
    .option('--data-dir <dir>', 'the data folder (default: data)')
    .option('--sandbox <auto|on|off>', 'auto: when no key is known', readSandboxMode)
}

/** Where a graph runs, who pays, and where its files are. */
export type PlaceFlags = SiteFlags & {
  inputDir?: string
  allowDir: string[]
}

/** The flags of every command that runs a graph. */
export function addPlaceOptions(command: Command): Command {
  return addSiteOptions(command)
    .option('--input-dir <dir>', 'where inputs are looked for (default: input in the data folder)')
    .option('--allow-dir <dir>', 'a folder whose files nodes may name by path; repeatable', collect, [])
}

export function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

export function readSandboxMode(text: string): 'auto' | 'on' | 'off' {
  if (text === 'auto' || text === 'on' || text === 'off') return text
  throw new InvalidArgumentError('It is auto, on or off.')
}

export type UnknownPolicy = 'ask' | 'fail' | 'resubmit'

export function readUnknownPolicy(text: string): UnknownPolicy {
  if (text === 'ask' || text === 'fail' || text === 'resubmit') return text
  throw new InvalidArgumentError('It is ask, fail or resubmit.')
}

export function readCoins(text: string): number {
  const coins = Number(text)
  if (Number.isFinite(coins) && coins > 0) return coins
  throw new InvalidArgumentError('It is a number of coins above 0.')
}

export function readPairs<T>(
  pairs: readonly string[],
  flag: string,
  read: (text: string) => T[],
): Record<string, T[]> {
  const all: Record<string, T[]> = {}
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals < 1) {
      throw new BridgeError(`"${flag} ${pair}" is not understood.`, {
        code: 'bad-map',
        hint: flag === '--map' ? 'Write --map COLUMN=NODE.INPUT.' : 'Write --matrix COLUMN=A,B,C.',
      })
    }
    const column = pair.slice(0, equals).trim()
    all[column] = [...(all[column] ?? []), ...read(pair.slice(equals + 1).trim())]
  }
  return all
}

export function readCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 100) return count
  throw new InvalidArgumentError('It is a whole number from 1 to 100.')
}
