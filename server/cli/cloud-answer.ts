import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { type Bridge, createBridge } from '../main.ts'
import { BridgeError } from '../shared/errors.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { errorJson, explain } from './print.ts'

export type AnswerFlags = {
  json?: boolean
  baseUrl?: string
  apiKey?: string
  dataDir?: string
  sandbox?: 'auto' | 'on' | 'off'
}

/** The flags of a command that asks the site something. */
export function withSite(command: Command): Command {
  return command
    .option('--json', 'print one JSON object on standard output and nothing else')
    .option('--base-url <url>', 'the RunningHub site, or a sandbox')
    .option('--api-key <key>', 'the RunningHub key')
    .option('--data-dir <dir>', 'the data folder (default: data)')
}

/** Prints what `work` gives. Answers the exit code. */
export async function answer(flags: AnswerFlags, work: (bridge: Bridge) => Promise<string>): Promise<number> {
  const bridge = await createBridge(readConfig(flags, process.env))
  try {
    process.stdout.write(`${(await work(bridge)).trimEnd()}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error
    if (flags.json) process.stdout.write(`${writeJson({ error: errorJson(error) })}\n`)
    else process.stderr.write(`${explain(error)}\n`)
    return 2
  } finally {
    await bridge.close()
  }
}
