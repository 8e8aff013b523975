import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { createBridge } from '../main.ts'
import { createNotifications, type Notifications, notifySecretOf } from '../notifications.ts'
import { type Delivery, readNotifyUrl } from '../notify/index.ts'
import { systemClock } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'
import { explain, printable } from './print.ts'
import { told, word } from './words/index.ts'

export type NotifyFlags = { notifyUrl?: string; notifyPrivate?: boolean }

/** The flags of every command that calls when something ends. */
export function addNotifyOptions(command: Command): Command {
  return command
    .option('--notify-url <url>', 'called with what came of it at the end, signed')
    .option('--notify-private', 'allow it to lie on this machine or in its network')
}

/** `notify`: the secret that calls are signed with, and a call to try an address. */
export function addNotifyCommand(program: Command, done: (code: number) => void): void {
  const notify = program
    .command('notify')
    .description('calls to an address of yours when a run or a batch ends')
  notify
    .command('secret')
    .description('print the secret they are signed with')
    .option('--new', 'make another one first')
    .option('--data-dir <dir>', 'the data folder (default: data)')
    .action((flags: { new?: boolean; dataDir?: string }) => {
      const { dataDir, notifySecret } = readConfig(flags, process.env)
      process.stdout.write(`${notifySecret ?? notifySecretOf(dataDir, { renew: flags.new ?? false })}\n`)
      done(0)
    })
  notify
    .command('test')
    .description('call an address once, and say what it answers')
    .argument('<url>', 'the address')
    .option('--notify-private', 'allow it to lie on this machine or in its network')
    .option('--data-dir <dir>', 'the data folder (default: data)')
    .action(async (url: string, flags: NotifyFlags & { dataDir?: string }) => done(await test(url, flags)))
}

async function test(url: string, flags: NotifyFlags & { dataDir?: string }): Promise<number> {
  const bridge = await createBridge(readConfig(flags, process.env))
  const notifications = openNotifications(bridge, { ...flags })
  try {
    const address = readNotifyUrl(url, flags.notifyPrivate ?? false)
    const call = await notifications.notifier.settled(notifications.ping(address), 1)
    const isThere = call?.state === 'done'
    process.stdout.write(`${word(isThere ? 'notify.arrived' : 'notify.lost', { last: lastOf(call) })}\n`)
    return isThere ? 0 : 1
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error
    process.stderr.write(`${explain(error)}\n`)
    return 2
  } finally {
    await notifications.close()
    await bridge.close()
  }
}

/** Tries before a command that ends leaves a call to the next one on its data folder, or to a server. */
const triesAtEnd = 2

/** The calls of a command. Throws for an address that may not be called. */
export function openNotifications(
  bridge: Awaited<ReturnType<typeof createBridge>>,
  flags: NotifyFlags,
): Notifications {
  return createNotifications(bridge, {
    ...flags,
    clock: systemClock,
    onTrouble: error => process.stderr.write(`${explain(error)}\n`),
  })
}

/** Waits for a call a little; one that did not arrive is said, and kept. */
export async function untilTold({ notifier }: Notifications, id: string | undefined): Promise<void> {
  const call = id === undefined ? undefined : await notifier.settled(id, triesAtEnd)
  if (call && call.state !== 'done') {
    process.stderr.write(`${word('notify.later', { last: lastOf(call) })}\n`)
  }
}

/** What the last try came to: a status, or why there was none. */
const lastOf = (call: Delivery | undefined) => printable(told(call?.last ?? ''))
