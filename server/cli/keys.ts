import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import type { Account } from '../accounts.ts'
import { readConfig } from '../config.ts'
import { type Bridge, createBridge } from '../main.ts'
import { normaliseBaseUrl } from '../runninghub/index.ts'
import { BridgeError } from '../shared/errors.ts'
import { isPlaceholderKey, lastFour } from '../shared/secrets.ts'
import { addKeyLockCommands, unlockOnTerminal } from './key-lock.ts'
import { explain, printable } from './print.ts'
import { askHidden } from './secret-input.ts'
import { told, word } from './words/index.ts'

export type KeyFlags = { dataDir?: string; baseUrl?: string; default?: boolean; keyFile?: string }

/** What every `keys` command is made with. */
export type KeyCommands = {
  readonly keys: Command
  withDataDir(command: Command): Command
  /** Does it, and answers with the exit code: 2 for what cannot be done. */
  act(flags: KeyFlags, work: (bridge: Bridge) => Promise<void>): Promise<void>
}

/** `keys …`: the key store from the command line. A key or passphrase is read from standard input, never from an argument. */
export function addKeysCommand(program: Command, done: (code: number) => void): void {
  const keys = program.command('keys').description('the RunningHub keys kept by name in the data folder')
  const withDataDir = (command: Command) =>
    command.option('--data-dir <dir>', 'the data folder (default: data)')
  const act: KeyCommands['act'] = async (flags, work) => {
    // What --base-url says here is the site of a key, not where graphs run.
    const { dataDir } = flags
    const bridge = await createBridge(readConfig(dataDir === undefined ? {} : { dataDir }, process.env))
    let code = 0
    try {
      await work(bridge)
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error
      process.stderr.write(`${explain(error)}\n`)
      code = 2
    } finally {
      await bridge.close()
    }
    done(code)
  }

  withDataDir(keys.command('list').description('names and last four characters')).action((flags: KeyFlags) =>
    act(flags, async ({ keyStore }) => {
      await unlockOnTerminal(keyStore)
      const [all, main] = await Promise.all([keyStore.all(), keyStore.default()])
      for (const { name, key, baseUrl } of all) {
        const marks = [lastFour(key), baseUrl, name === main?.name ? word('keys.default') : undefined]
        process.stdout.write(`${name}  ${marks.filter(Boolean).join('  ')}\n`)
      }
      if (all.length === 0) process.stdout.write(`${word('keys.none')}\n`)
      const { kind } = await keyStore.protection()
      if (kind !== 'none') process.stdout.write(`${word(`keys.lockedBy.${kind}`)}\n`)
    }),
  )
  withDataDir(
    keys
      .command('add')
      .argument('<name>')
      .description('add or replace a key; it is read from standard input'),
  )
    .option('--base-url <url>', 'the site it belongs to (default: the one that knows it)')
    .option('--default', 'use it when nothing else names a key')
    .action((name: string, flags: KeyFlags) =>
      act(flags, async bridge => {
        await unlockOnTerminal(bridge.keyStore)
        const key = (
          process.stdin.isTTY ? await askHidden(word('keys.paste')) : await text(process.stdin)
        ).trim()
        if (isPlaceholderKey(key) || /\s/.test(key)) {
          throw new BridgeError('That is no key', {
            code: 'bad-key',
            hint: 'A RunningHub key is 32 characters: echo "$KEY" | rh-bridge keys add NAME',
          })
        }
        const baseUrl = flags.baseUrl === undefined ? undefined : normaliseBaseUrl(flags.baseUrl)
        const { signal } = new AbortController()
        const { home } = await bridge.addKey(
          { name, key, makeDefault: flags.default ?? false, ...(baseUrl !== undefined && { baseUrl }) },
          signal,
        )
        process.stdout.write(`${word('keys.kept', { name, lastFour: lastFour(key) })}\n`)
        if (home && 'facts' in home) await tell(bridge, name)
        else if (home) process.stderr.write(`${word('keys.noSite', { why: printable(told(home.why)) })}\n`)
      }),
    )
  withDataDir(
    keys
      .command('test')
      .argument('[name]', 'all of them when none is named')
      .description('ask a key’s site for its kind, balance and slots; nothing is started or paid'),
  ).action((name: string | undefined, flags: KeyFlags) =>
    act(flags, async bridge => {
      await unlockOnTerminal(bridge.keyStore)
      if (name !== undefined) return tell(bridge, name)
      const wrong: BridgeError[] = []
      for (const stored of await bridge.keyStore.all()) {
        await tell(bridge, stored.name).catch(error => {
          if (!(error instanceof BridgeError)) throw error
          process.stdout.write(`${stored.name}  ${printable(told(error.message))}\n`)
          wrong.push(error)
        })
      }
      const [first] = wrong
      if (first) throw first
    }),
  )
  withDataDir(
    keys
      .command('rename')
      .argument('<name>')
      .argument('<to>')
      .description('graphs that use the former name go on working'),
  ).action((name: string, to: string, flags: KeyFlags) =>
    act(flags, async ({ keyStore }) => {
      await unlockOnTerminal(keyStore)
      if (!(await keyStore.change(name, { name: to }))) throw unknownKey(name)
      process.stdout.write(`${word('keys.renamed', { name, to })}\n`)
    }),
  )
  withDataDir(keys.command('remove').argument('<name>').description('forget a key')).action(
    (name: string, flags: KeyFlags) =>
      act(flags, async ({ keyStore }) => {
        await unlockOnTerminal(keyStore)
        if (!(await keyStore.remove(name))) throw unknownKey(name)
        process.stdout.write(`${word('keys.removed', { name })}\n`)
      }),
  )
  addKeyLockCommands({ keys, withDataDir, act })
}

async function tell(bridge: Bridge, name: string): Promise<void> {
  const account = await bridge.factsOfKey(name, new AbortController().signal)
  if (!account) throw unknownKey(name)
  process.stdout.write(`${name}  ${describeAccount(account)}\n`)
}

/** `www.runninghub.cn  NORMAL  1204 coins  1 of 3 running`. */
function describeAccount(account: Account): string {
  const { site, kind, coins, money, currency, running, limit, isLow } = account
  const parts = [
    new URL(site).host,
    kind,
    coins === null ? '' : word('cost.coins', { coins }),
    money === null ? '' : `${money} ${currency}`,
    limit === null
      ? word('keys.running', { running: running ?? 0 })
      : word('keys.runningOf', { running: running ?? 0, limit }),
    isLow ? word('keys.low') : '',
  ]
  return printable(parts.filter(Boolean).join('  '))
}

function unknownKey(name: string): BridgeError {
  return new BridgeError(`There is no key "${name}"`, {
    code: 'unknown-key',
    hint: 'See "rh-bridge keys list".',
  })
}
