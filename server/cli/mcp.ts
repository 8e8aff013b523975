import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { createBridge } from '../main.ts'
import { createMcp } from '../mcp/server.ts'
import { collect, readCoins, readSandboxMode } from './options.ts'

type McpFlags = {
  budgetCoins: number
  dataDir?: string
  inputDir?: string
  outputDir?: string
  allowDir: string[]
  sandbox?: 'auto' | 'on' | 'off'
}

const examples = fileURLToPath(new URL('../../examples', import.meta.url))

/** `mcp`: for assistants, over standard input and output. Nothing else is ever printed there. */
export function addMcpCommand(program: Command, done: (code: number) => void, version: string): void {
  program
    .command('mcp')
    .description('a Model Context Protocol server on standard input and output, for assistants')
    .option(
      '--budget-coins <n>',
      'coins a connection may spend; more needs a person to confirm',
      readCoins,
      100,
    )
    .option('--data-dir <dir>', 'the data folder (default: data)')
    .option('--input-dir <dir>', 'where inputs are looked for (default: input in the data folder)')
    .option('--output-dir <dir>', 'where results go (default: output in the data folder)')
    .option('--allow-dir <dir>', 'a folder whose files nodes may name by path; repeatable', collect, [])
    .option('--sandbox <auto|on|off>', 'auto: when no key is known', readSandboxMode)
    .action(async (flags: McpFlags) => done(await serveMcp(flags, version)))
}

async function serveMcp(flags: McpFlags, version: string): Promise<number> {
  const bridge = await createBridge(readConfig(flags, process.env))
  const { dataDir } = bridge.config
  const folders = { saved: join(dataDir, 'workflows'), examples }
  const mcp = createMcp({ bridge, version, budgetCoins: flags.budgetCoins, folders })
  const gone = new Promise<void>(resolve => {
    process.stdin.once('end', resolve)
    process.stdin.once('close', resolve)
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  try {
    await mcp.connect(new StdioServerTransport())
    await gone
    return 0
  } finally {
    await mcp.close()
    await bridge.idle()
    await bridge.close()
  }
}
