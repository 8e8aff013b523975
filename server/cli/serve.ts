import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { type Command, InvalidArgumentError } from 'commander'
import { readConfig } from '../config.ts'
import { serve } from '../serve.ts'
import { BridgeError } from '../shared/errors.ts'
import { collect, readSandboxMode } from './options.ts'
import { explain } from './print.ts'
import { readPort, readSpeed } from './sandbox.ts'
import { counted, word } from './words/index.ts'

type ServeFlags = {
  port: number
  host: string
  dataDir?: string
  inputDir?: string
  outputDir?: string
  allowDir: string[]
  sandbox?: 'auto' | 'on' | 'off'
  sandboxSpeed?: number
  token?: string
  open?: boolean
  parallel?: number
  frontEndRoot?: string
  publicUrl?: string
  notifyUrl?: string
  notifyPrivate?: boolean
  metadata: boolean
  disableMetadata?: boolean
}

export function addServeCommand(program: Command, done: (code: number) => void, version: string): void {
  program
    .command('serve')
    .description('the server: ComfyUI’s API, the editor, the queue')
    .option('--port <port>', 'where it listens; 0 takes a free one', readPort, 8188)
    .option(
      '--host <host>',
      'the address it listens on; elsewhere than this machine a token is needed',
      '127.0.0.1',
    )
    .option('--data-dir <dir>', 'the data folder (default: data)')
    .option('--input-dir <dir>', 'where inputs lie (default: input in the data folder)')
    .option('--output-dir <dir>', 'where results go (default: output in the data folder)')
    .option('--allow-dir <dir>', 'a folder whose files nodes may name by path; repeatable', collect, [])
    .option('--sandbox <auto|on|off>', 'auto: when no key is known', readSandboxMode)
    .option('--sandbox-speed <x>', 'how many times faster the built-in sandbox is than real tasks', readSpeed)
    .option('--token <token>', 'asked of every client')
    .option('--parallel <n>', 'prompts that run side by side (default: 2, or the kept limit)', readParallel)
    .option('--front-end-root <dir>', 'another web frontend instead of ours')
    .option('--public-url <url>', 'where RunningHub reaches this server: it then calls when a task ends')
    .option('--notify-url <url>', 'called when a run or a batch ends, signed (default: the settings)')
    .option('--notify-private', 'allow it to lie on this machine or in its network')
    .option('--disable-metadata', 'leave workflow and prompt out of saved PNG files')
    .option('--open', 'open the browser')
    .action(async (flags: ServeFlags) => done(await run(flags, version)))
}

async function run(flags: ServeFlags, version: string): Promise<number> {
  const environment = process.env
  const config = readConfig({ ...flags, metadata: !flags.disableMetadata, onUnknown: 'ask' }, environment)
  const given = flags.token ?? environment.RH_BRIDGE_TOKEN
  const token = given || (isLocal(flags.host) ? undefined : randomBytes(18).toString('base64url'))
  let server: Awaited<ReturnType<typeof serve>>
  try {
    server = await serve({
      config,
      host: flags.host,
      port: flags.port,
      ...(flags.parallel !== undefined && { parallel: flags.parallel }),
      version,
      argv: process.argv.slice(2).map(argument => (given ? argument.replaceAll(given, '…') : argument)),
      logLevel: environment.RH_BRIDGE_LOG ?? 'warn',
      ...(token !== undefined && { token }),
      ...(flags.publicUrl !== undefined && { publicUrl: flags.publicUrl }),
      ...(flags.notifyUrl !== undefined && { notifyUrl: flags.notifyUrl }),
      ...(flags.notifyPrivate && { notifyPrivate: true }),
      ...(flags.frontEndRoot !== undefined && { frontEndRoot: flags.frontEndRoot }),
    })
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error
    process.stderr.write(`${explain(error)}\n`)
    return 2
  }
  // A token of our own making is shown this once; a given one is known to who gave it.
  const address = token !== undefined && !given ? `${server.url}/?token=${token}` : server.url
  const place = await server.bridge.place()
  const runsIn =
    place.mode === 'sandbox'
      ? word('serve.sandbox')
      : word('serve.site', { site: place.site, key: place.keyName ?? word('serve.keyOfGraph') })
  process.stdout.write(
    `${word('serve.on', { version, address })}\n${word('serve.runsIn', { place: runsIn })}\n${word('serve.results', { folder: config.outputDir })}\n`,
  )
  if (server.resumed > 0)
    process.stdout.write(`${word('serve.resumed', { runs: counted(server.resumed, 'run') })}\n`)
  if (flags.open) openBrowser(address)
  await new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        resolve()
        // A second time means now; what runs is taken up at the next start.
        process.once(signal, () => process.exit(130))
      })
    }
  })
  await server.close()
  return 0
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}

function openBrowser(address: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', address]
        : ['xdg-open', address]
  const child = spawn(command ?? 'xdg-open', args, { stdio: 'ignore', detached: true })
  child.on('error', () => process.stderr.write(`${word('serve.noBrowser', { address })}\n`))
  child.unref()
}

function readParallel(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 100) return count
  throw new InvalidArgumentError('It is a whole number from 1 to 100.')
}
