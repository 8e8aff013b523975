import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { normaliseBaseUrl } from '../runninghub/index.ts'
import { BridgeError } from '../shared/errors.ts'
import { isPlaceholderKey, lastFour } from '../shared/secrets.ts'
import { createKeyStore } from '../storage/index.ts'
import { explain } from './print.ts'

type KeyFlags = { dataDir?: string; baseUrl?: string; default?: boolean }

/** `keys list|add|remove`: the key store from the command line. A key is read from standard input, never from an argument. */
export function addKeysCommand(program: Command, done: (code: number) => void): void {
  const keys = program.command('keys').description('the RunningHub keys kept by name in the data folder')
  const withDataDir = (command: Command) =>
    command.option('--data-dir <dir>', 'the data folder (default: data)')
  const act = async (flags: KeyFlags, work: (store: ReturnType<typeof createKeyStore>) => Promise<void>) => {
    try {
      await work(createKeyStore(readConfig(flags, process.env).dataDir))
      done(0)
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error
      process.stderr.write(`${explain(error)}\n`)
      done(2)
    }
  }
  withDataDir(keys.command('list').description('names and last four characters')).action((flags: KeyFlags) =>
    act(flags, async store => {
      const [all, main] = await Promise.all([store.all(), store.default()])
      for (const { name, key, baseUrl } of all) {
        const marks = [lastFour(key), baseUrl, name === main?.name ? 'default' : undefined]
        process.stdout.write(`${name}  ${marks.filter(Boolean).join('  ')}\n`)
      }
      if (all.length === 0) process.stdout.write('No keys yet: "rh-bridge keys add NAME" adds one.\n')
    }),
  )
  withDataDir(
    keys
      .command('add')
      .argument('<name>')
      .description('add or replace a key; it is read from standard input'),
  )
    .option('--base-url <url>', 'the site it belongs to (default: the one the graph names)')
    .option('--default', 'use it when nothing else names a key')
    .action((name: string, flags: KeyFlags) =>
      act(flags, async store => {
        if (process.stdin.isTTY) process.stderr.write('Paste the key, then Enter and Ctrl-D:\n')
        const key = (await text(process.stdin)).trim()
        if (isPlaceholderKey(key) || /\s/.test(key)) {
          throw new BridgeError('That is no key', {
            code: 'bad-key',
            hint: 'A RunningHub key is 32 characters: echo "$KEY" | rh-bridge keys add NAME',
          })
        }
        const baseUrl = flags.baseUrl === undefined ? undefined : normaliseBaseUrl(flags.baseUrl)
        await store.put(
          { name, key, ...(baseUrl !== undefined && { baseUrl }) },
          { makeDefault: flags.default ?? false },
        )
        process.stdout.write(`Kept as "${name}" (${lastFour(key)}).\n`)
      }),
    )
  withDataDir(keys.command('remove').argument('<name>').description('forget a key')).action(
    (name: string, flags: KeyFlags) =>
      act(flags, async store => {
        if (await store.remove(name)) process.stdout.write(`Removed "${name}".\n`)
        else
          throw new BridgeError(`There is no key "${name}"`, {
            code: 'unknown-key',
            hint: 'See "rh-bridge keys list".',
          })
      }),
  )
}
