import { Command, CommanderError } from 'commander'
import packageFacts from '../../package.json' with { type: 'json' }
import { addBatchCommand } from './batch.ts'
import { addCloudCommand } from './cloud.ts'
import { addCostsCommand } from './costs.ts'
import { addKeysCommand } from './keys.ts'
import { addMcpCommand } from './mcp.ts'
import { addModelsCommand } from './models.ts'
import { explain } from './print.ts'
import { addRunCommand } from './run.ts'
import { addSandboxCommand } from './sandbox.ts'
import { addServeCommand } from './serve.ts'
import { addValidateCommand } from './validate.ts'

const { version } = packageFacts

/** The command line as data; `done` is told a command's exit code. */
export function createProgram(done: (code: number) => void): Command {
  const program = new Command('rh-bridge')
    .description('RunningHub workflows without ComfyUI: open the workflow JSON you have, run it, get files.')
    .version(version)
  addServeCommand(program, done, version)
  addRunCommand(program, done)
  addValidateCommand(program, done)
  addBatchCommand(program, done)
  addCloudCommand(program, done)
  addCostsCommand(program, done)
  addMcpCommand(program, done, version)
  addSandboxCommand(program, done)
  addKeysCommand(program, done)
  addModelsCommand(program, done)
  throwInsteadOfExit(program)
  return program
}

/** Exit codes: 0 all well, 1 an output failed, 2 unusable file or arguments, 130 interrupted. */
export async function main(): Promise<number> {
  let exitCode = 0
  const program = createProgram(code => {
    exitCode = code
  })
  try {
    await program.parseAsync()
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
