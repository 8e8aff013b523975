import { readFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { shippedModels } from '../../nodes/models/index.ts'
import type { Sandbox, SandboxOptions } from '../sandbox/index.ts'
import { BridgeError, systemCodeOf } from '../shared/errors.ts'
import { type JsonValue, parseJson } from '../shared/lossless-json.ts'
import { explain } from './print.ts'
import { word } from './words/index.ts'

type SandboxFlags = {
  port: number
  speed: number
  strict?: boolean
  faults?: string
  keyKind?: 'normal' | 'shared' | 'exclusive'
}

export function addSandboxCommand(program: Command, done: (code: number) => void): void {
  program
    .command('sandbox')
    .description('the RunningHub simulator alone')
    .option('--port <port>', 'where it listens on 127.0.0.1; 0 takes a free one', readPort, 8189)
    .option('--speed <x>', 'how many times faster than real tasks', readSpeed, 1)
    .option('--strict', 'know only the workflows of its own catalogue (380 and 901 for others)')
    .option(
      '--faults <FILE|seed=N>',
      'misbehave: rules from a JSON file, or a bad day that is the same for the same N',
    )
    .addOption(
      new Option(
        '--key-kind <kind>',
        'what the built-in key is; only a shared one may call standard models',
      ).choices(['normal', 'shared', 'exclusive']),
    )
    .action(async (flags: SandboxFlags) => done(await serveSandbox(flags)))
}

async function serveSandbox(flags: SandboxFlags): Promise<number> {
  const { port, speed, strict = false, faults, keyKind } = flags
  const options = { speed, strict, faults, ...(keyKind && { keyKind }) }
  const sandbox = await start(port, options).catch((error: unknown) => {
    if (!(error instanceof BridgeError)) throw error
    process.stderr.write(`${explain(error)}\n`)
    return undefined
  })
  if (!sandbox) return 2
  process.stdout.write(`${word('sandbox.on', { url: sandbox.url })}\n`)
  process.stdout.write(`${word('sandbox.run', { url: sandbox.url })}\n`)
  process.stdout.write(`${word('sandbox.log', { url: sandbox.url })}\n`)
  await new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await sandbox.close()
  return 0
}

async function start(
  port: number,
  {
    faults,
    ...options
  }: Pick<SandboxOptions, 'speed' | 'strict' | 'keyKind'> & { faults: string | undefined },
): Promise<Sandbox> {
  const { createSandbox, readFaultRules, seededFaults } = await import('../sandbox/index.ts')
  const seed = /^seed=(\d+)$/.exec(faults ?? '')?.[1]
  const rules =
    seed !== undefined ? seededFaults({ lostAnswers: true }) : readFaultRules(await readRules(faults))
  if (typeof rules === 'string') {
    throw new BridgeError(`"${faults}" holds no fault rules: ${rules}`, {
      code: 'bad-faults',
      hint: 'A rule is { "on": "create", "times": 2, "do": { "kind": "code", "code": 421, "msg": "TASK_QUEUE_MAXED" } }; see the README.',
    })
  }
  try {
    return await createSandbox({
      port,
      ...options,
      models: shippedModels,
      faults: rules,
      ...(seed !== undefined && { seed: Number(seed) }),
    })
  } catch (cause) {
    if (systemCodeOf(cause) !== 'EADDRINUSE') throw cause
    throw new BridgeError(`Port ${port} is in use`, {
      code: 'port-in-use',
      hint: 'Choose another with --port, or --port 0 for any free one.',
      cause,
    })
  }
}

async function readRules(file: string | undefined): Promise<JsonValue> {
  if (file === undefined) return []
  try {
    return parseJson(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new BridgeError(`"${file}" cannot be read as JSON`, {
      code: 'bad-faults',
      hint: 'Name a JSON file of fault rules, or seed=N.',
      cause,
    })
  }
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
