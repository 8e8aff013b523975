import { AsyncLocalStorage } from 'node:async_hooks'
import { tmpdir } from 'node:os'
import { PassThrough, Readable, Writable } from 'node:stream'
import { main } from '../../server/cli/program.ts'

/** What a command sees of its process. */
type Seat = {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  readonly cwd: () => string
}

const seats = new AsyncLocalStorage<Seat>()
for (const name of ['argv', 'env', 'stdin', 'stdout', 'stderr', 'cwd'] as const) {
  const own = Object.getOwnPropertyDescriptor(process, name)
  Object.defineProperty(process, name, {
    configurable: true,
    get: () => seats.getStore()?.[name] ?? (own?.get ? own.get.call(process) : own?.value),
    set: value => Object.defineProperty(process, name, { ...own, value }),
  })
}

function reader(): { stream: Writable; read: () => string } {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  return { stream, read: () => Buffer.concat(chunks).toString() }
}

/**
 * The command line in this process, as often and as many side by side as wished: what a start costs, a start each would be most of the tests. Its
 * streams, arguments, environment and folder are its own. What needs a process (signals, the start itself, pipes) is not seen here.
 */
export async function commandHere(
  args: readonly string[],
  { env = {}, stdin = '' }: { env?: Readonly<Record<string, string>>; stdin?: string | Uint8Array } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [reader(), reader()]
  const seat: Seat = {
    argv: [process.execPath, 'rh-bridge', ...args],
    env,
    stdin: stdin.length === 0 ? new PassThrough().end() : Readable.from([Buffer.from(stdin)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    cwd: tmpdir,
  }
  const code = await seats.run(seat, main)
  return { code, stdout: stdout.read(), stderr: stderr.read() }
}
