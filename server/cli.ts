#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import packageFacts from '../package.json' with { type: 'json' }
import { addKeysCommand } from './cli/keys.ts'
import { explain } from './cli/print.ts'
import { addRunCommand } from './cli/run.ts'
import { addSandboxCommand } from './cli/sandbox.ts'
import { addServeCommand } from './cli/serve.ts'
import { addValidateCommand } from './cli/validate.ts'

const { version } = packageFacts

/** Exit codes: 0 all well, 1 an output failed, 2 unusable file or arguments, 130 interrupted. */
async function main(): Promise<number> {
  const program = new Command('rh-bridge')
    .description('RunningHub workflows without ComfyUI: open the workflow JSON you have, run it, get files.')
    .version(version)
  let exitCode = 0
  const done = (code: number) => {
    exitCode = code
  }
  addServeCommand(program, done, version)
  addRunCommand(program, done)
  addValidateCommand(program, done)
  addSandboxCommand(program, done)
  addKeysCommand(program, done)
  throwInsteadOfExit(program)
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

// A closed pipe (`| head`) is the reader's right, not a crash.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    throw error
  })
}

process.exitCode = await main()
