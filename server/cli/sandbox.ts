import { type Command, InvalidArgumentError } from 'commander'
import { BridgeError, systemCodeOf } from '../shared/errors.ts'
import { explain } from './print.ts'

type SandboxFlags = { port: number; speed: number; strict?: boolean }

export function addSandboxCommand(program: Command, done: (code: number) => void): void {
  program
    .command('sandbox')
    .description('the RunningHub simulator alone')
    .option('--port <port>', 'where it listens on 127.0.0.1; 0 takes a free one', readPort, 8189)
    .option('--speed <x>', 'how many times faster than real tasks', readSpeed, 1)
    .option('--strict', 'know only the workflows of its own catalogue (380 and 901 for others)')
    .action(async (flags: SandboxFlags) => done(await serveSandbox(flags)))
}

async function serveSandbox(flags: SandboxFlags): Promise<number> {
  const { createSandbox } = await import('../sandbox/index.ts')
  const { port, speed, strict = false } = flags
  const sandbox = await createSandbox({ port, speed, strict }).catch((cause: unknown) => {
    if (systemCodeOf(cause) !== 'EADDRINUSE') throw cause
    const error = new BridgeError(`Port ${port} is in use`, {
      code: 'port-in-use',
      hint: 'Choose another with --port, or --port 0 for any free one.',
      cause,
    })
    process.stderr.write(`${explain(error)}\n`)
    return undefined
  })
  if (!sandbox) return 2
  process.stdout.write(`RunningHub sandbox on ${sandbox.url}\n`)
  process.stdout.write(`  run against it:  rh-bridge run FILE --base-url ${sandbox.url}\n`)
  process.stdout.write(`  what it saw:     ${sandbox.url}/__sandbox/log\n`)
  await new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await sandbox.close()
  return 0
}

export function readPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65536) return port
  throw new InvalidArgumentError('It is a whole number from 0 to 65535.')
}

export function readSpeed(text: string): number {
  const speed = Number(text)
  if (Number.isFinite(speed) && speed > 0) return speed
  throw new InvalidArgumentError('It is a number above 0.')
}
