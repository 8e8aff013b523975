import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { type Bridge, createBridge } from '../main.ts'
import { addSiteOptions, type SiteFlags } from './options.ts'
import { tellUnusable } from './print.ts'

export type AnswerFlags = SiteFlags & { json?: boolean }

/** The flags of a command that asks the site something. */
export function withSite(command: Command): Command {
  return addSiteOptions(command).option('--json', 'print one JSON object on standard output and nothing else')
}

/** Prints what `work` gives. Answers the exit code. */
export async function answer(flags: AnswerFlags, work: (bridge: Bridge) => Promise<string>): Promise<number> {
  const bridge = await createBridge(readConfig(flags, process.env))
  try {
    process.stdout.write(`${(await work(bridge)).trimEnd()}\n`)
    return 0
  } catch (error) {
    return tellUnusable(error, flags)
  } finally {
    await bridge.close()
  }
}
