import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { readConfig } from '../config.ts'
import { createBridge } from '../main.ts'
import { openFile } from '../runner/open-file.ts'
import { BridgeError } from '../shared/errors.ts'
import { languages, makeSnippets, type SnippetLanguage } from '../snippets/index.ts'
import { collect, readSandboxMode } from './options.ts'
import { explain } from './print.ts'
import { counted, word } from './words/index.ts'

type SnippetFlags = {
  as: SnippetLanguage
  server: string
  set: string[]
  baseUrl?: string
  dataDir?: string
  inputDir?: string
  outputDir?: string
  allowDir: string[]
  sandbox?: 'auto' | 'on' | 'off'
}

/** `snippet`: a workflow file as a command, a curl call or a program, for standard output. Nothing is started. */
export function addSnippetCommand(program: Command, done: (code: number) => void): void {
  program
    .command('snippet')
    .description('print a graph as a command, a curl call of a server, or a program in Python or TypeScript')
    .argument('<file>', 'workflow JSON, API JSON, or a PNG that carries either')
    .addOption(new Option('--as <language>', 'what to print').choices(languages).makeOptionMandatory())
    .option('--server <url>', 'the rh-bridge server, for curl and Python', 'http://127.0.0.1:8188')
    .option('--set <NODE.INPUT=VALUE>', 'as for run', collect, [])
    .option('--base-url <url>', 'the RunningHub site, or a sandbox, for cli and TypeScript')
    .option('--data-dir <dir>', 'the data folder (default: data)')
    .option('--input-dir <dir>', 'where inputs are looked for (default: input in the data folder)')
    .option('--output-dir <dir>', 'where results go (default: output in the data folder)')
    .option('--allow-dir <dir>', 'a folder whose files nodes may name by path; repeatable', collect, [])
    .option('--sandbox <auto|on|off>', 'auto: when no key is known', readSandboxMode)
    .action(async (file: string, flags: SnippetFlags) => done(await snippet(file, flags)))
}

async function snippet(file: string, flags: SnippetFlags): Promise<number> {
  const bridge = await createBridge(readConfig(flags, process.env))
  try {
    if (!URL.canParse(flags.server)) {
      throw new BridgeError(`"${flags.server}" is no address`, {
        code: 'bad-url',
        hint: 'Write http://HOST:PORT.',
      })
    }
    const { prompt, liftedKeys } = await openFile(bridge, file, { sets: flags.set, adopt: false })
    const made = makeSnippets({
      prompt,
      definitionOf: type => bridge.catalogue.find(type)?.definition,
      server: flags.server.replace(/\/+$/, ''),
      needsToken: (process.env.RH_BRIDGE_TOKEN ?? '') !== '',
      place: bridge.config,
      file: resolve(file),
      secrets: await bridge.knownSecrets(),
    })
    if (liftedKeys.size > 0 && flags.as !== 'cli') {
      const names = [...liftedKeys.keys()].join(', ')
      process.stderr.write(`${word('snippet.keys', { keys: counted(liftedKeys.size, 'key'), names })}\n`)
    }
    process.stdout.write(made[flags.as] ?? '')
    return 0
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error
    process.stderr.write(`${explain(error)}\n`)
    return 2
  } finally {
    await bridge.close()
  }
}
