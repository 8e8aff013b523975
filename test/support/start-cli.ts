import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { clientOf } from './open-server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

type Cli = {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  /** Until it has ended: its exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals>
}

/** `rh-bridge …` as a process of its own, without the machine's keys; killed at the end of the test. */
function startCli(args: readonly string[], environment: Record<string, string> = {}): Cli {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['server/cli.ts', ...args], {
    cwd: root,
    // Compiling the same files a hundred times would be most of the work.
    env: { PATH, HOME, NODE_COMPILE_CACHE: join(tmpdir(), 'rh-cli-compile-cache'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    output.stdout += String(chunk)
  })
  child.stderr.on('data', chunk => {
    output.stderr += String(chunk)
  })
  // Not `exit`: what it printed last must be here too.
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await closed
  })
  return {
    child,
    output,
    async ended() {
      const [code, signal] = await closed
      return code ?? signal ?? 0
    },
  }
}

/** `rh-bridge serve` on a free port, once it says where it listens. */
export async function startServe(args: readonly string[], environment: Record<string, string> = {}) {
  const startedAt = performance.now()
  const cli = startCli(['serve', '--port', '0', ...args], environment)
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const found = /on (http:\/\/[^\s/]+)/.exec(cli.output.stdout)?.[1]
      if (found !== undefined && cli.output.stdout.includes('results')) resolve(found)
    }
    cli.child.stdout?.on('data', look)
    void cli.ended().then(code => reject(new Error(`serve ended with ${code}: ${cli.output.stderr}`)))
  })
  return { ...cli, ...clientOf(url), startMs: performance.now() - startedAt }
}
