import { Command, CommanderError } from 'commander'
import packageFacts from '../../package.json' with { type: 'json' }
import { explain } from './print.ts'
import { chooseLanguage } from './words/index.ts'

const { version } = packageFacts

type AddCommand = (program: Command, done: (code: number) => void, version: string) => void

/** One file a command, loaded when it is called: what the others need costs no start. In the order of the help. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  serve: async () => (await import('./serve.ts')).addServeCommand,
  run: async () => (await import('./run.ts')).addRunCommand,
  validate: async () => (await import('./validate.ts')).addValidateCommand,
  batch: async () => (await import('./batch.ts')).addBatchCommand,
  watch: async () => (await import('./watch.ts')).addWatchCommand,
  cloud: async () => (await import('./cloud.ts')).addCloudCommand,
  notify: async () => (await import('./notify.ts')).addNotifyCommand,
  costs: async () => (await import('./costs.ts')).addCostsCommand,
  snippet: async () => (await import('./snippet.ts')).addSnippetCommand,
  mcp: async () => (await import('./mcp.ts')).addMcpCommand,
  sandbox: async () => (await import('./sandbox.ts')).addSandboxCommand,
  keys: async () => (await import('./keys.ts')).addKeysCommand,
  models: async () => (await import('./models.ts')).addModelsCommand,
}

/** The command line as data, all of it or one command; `done` is told a command's exit code. */
export async function createProgram(done: (code: number) => void, only?: string): Promise<Command> {
  const program = new Command('rh-bridge')
    .description('RunningHub workflows without ComfyUI: open the workflow JSON you have, run it, get files.')
    .version(version)
    .option('--lang <zh|en>', 'the language of what is printed (default: RH_BRIDGE_LANG, then the locale)')
  const called = only !== undefined && Object.hasOwn(commands, only) ? commands[only] : undefined
  for (const load of called ? [called] : Object.values(commands)) (await load())(program, done, version)
  throwInsteadOfExit(program)
  return program
}

/** Exit codes: 0 all well, 1 an output failed, 2 unusable file or arguments, 130 interrupted. */
export async function main(): Promise<number> {
  let exitCode = 0
  const args = chooseLanguage(process.argv.slice(2), process.env)
  const program = await createProgram(code => {
    exitCode = code
  }, args[0])
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has printed its own sentence; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`${explain(error)}\n`)
    return 2
  }
}

/** Commander would end the process on its own; the exit code is ours to give. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) throwInsteadOfExit(child)
}
