import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, type TestContext } from 'vitest'
import type { RunReport } from '../../server/runner/run-result.ts'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../server/sandbox/index.ts'
import { commandHere } from '../support/command-here.ts'
import { cpuTime } from '../support/cpu-time.ts'

export const root = resolve(import.meta.dirname, '../..')
export const examples = join(root, 'examples')
export const zImage = '2016195556967714818'

export type Outcome = {
  code: number | null
  stdout: string
  stderr: string
  /** Of a process of its own by the clock; of a command in this one its work. */
  durationMs: number
}

export type CliOptions = {
  env?: Record<string, string>
  stdin?: string | Uint8Array
  /** In a process of its own, as its users start it. */
  isAlone?: boolean
  /** Is given that process. */
  onChild?: (child: ChildProcess) => void
}

/** A test that runs beside others: what it opens is closed by its own context. */
type Context = Pick<TestContext, 'onTestFinished'>

/** The command line, with nothing of this process's environment that it would read. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
  const [began, work] = [performance.now(), cpuTime()]
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, RH_BRIDGE_SITES: '', ...options.env }
  const { stdin = '', onChild } = options
  if (options.isAlone || onChild) {
    const outcome = await aProcess(args, { env, stdin, onChild })
    return { ...outcome, durationMs: performance.now() - began }
  }
  return { ...(await commandHere(args, { env, stdin })), durationMs: work() }
}

async function aProcess(
  args: readonly string[],
  { env, stdin, onChild }: Pick<CliOptions, 'onChild'> & Required<Pick<CliOptions, 'env' | 'stdin'>>,
): Promise<Omit<Outcome, 'durationMs'>> {
  const child = spawn(join(root, 'node_modules/.bin/node'), [join(root, 'server/cli.ts'), ...args], {
    // Compiling the same files a hundred times would be most of the work.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'rh-cli-compile-cache'), ...env },
    cwd: tmpdir(),
    stdio: 'pipe',
  })
  onChild?.(child)
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  const closed = new Promise<number | null>(done => child.on('close', done))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, stdout, stderr }
}

export type Bench = {
  sandbox: Sandbox
  dataDir: string
  /** `run FILE` against the sandbox, with the data folder of this test. */
  run(file: string, args?: readonly string[], options?: CliOptions): Promise<Outcome>
  /** The same with --json, read. */
  runJson(
    file: string,
    args?: readonly string[],
    options?: CliOptions,
  ): Promise<Outcome & { report: RunReport }>
  /** Writes a file beside the data folder. */
  write(name: string, content: string | Uint8Array | object): Promise<string>
}

export async function openBench(context: Context, options: SandboxOptions = {}): Promise<Bench> {
  const sandbox = await createSandbox({ seed: 1, speed: 100, ...options })
  const folder = await mkdtemp(join(tmpdir(), 'rh-cli-'))
  const children: ChildProcess[] = []
  const kept = ({ onChild, ...more }: CliOptions): CliOptions =>
    onChild || more.isAlone
      ? {
          ...more,
          onChild(child) {
            children.push(child)
            onChild?.(child)
          },
        }
      : more
  context.onTestFinished(async () => {
    for (const child of children) child.kill('SIGKILL')
    await sandbox.close()
    await rm(folder, { recursive: true, force: true })
    expect(sandbox.violations()).toEqual([])
  })
  const dataDir = join(folder, 'data')
  const run: Bench['run'] = (file, args = [], more = {}) =>
    cli(['run', file, '--base-url', sandbox.url, '--data-dir', dataDir, ...args], kept(more))
  return {
    sandbox,
    dataDir,
    run,
    async runJson(file, args = [], more) {
      const outcome = await run(file, [...args, '--json'], more)
      return { ...outcome, report: onlyJson(outcome.stdout) as RunReport }
    },
    async write(name, content) {
      const path = join(folder, name)
      const isText = typeof content === 'string' || content instanceof Uint8Array
      await writeFile(path, isText ? content : JSON.stringify(content))
      return path
    },
  }
}

/** Standard output that must be one JSON object, one line, and nothing else. */
export function onlyJson(stdout: string): unknown {
  expect(stdout.endsWith('\n')).toBe(true)
  expect(stdout.trimEnd()).not.toContain('\n')
  return JSON.parse(stdout)
}

/** Every file below a folder, with its bytes. */
export async function filesBelow(folder: string): Promise<{ path: string; bytes: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return Promise.all(
    entries
      .filter(entry => entry.isFile())
      .map(async entry => {
        const path = join(entry.parentPath, entry.name)
        return { path, bytes: await readFile(path) }
      }),
  )
}

/** The smallest graph there is: one cloud workflow whose pictures are saved. In API format. */
export function prompt(more: { apiKey?: string; targetId?: string; execute?: object; infos?: object } = {}) {
  return {
    2: {
      class_type: 'RH_SettingsNode',
      inputs: {
        base_url: 'https://www.runninghub.cn',
        apiKey: more.apiKey ?? '',
        workflowId_webappId: more.targetId ?? zImage,
      },
      _meta: { title: 'Site' },
    },
    4: {
      class_type: 'RH_ExecuteNode',
      inputs: { apiConfig: ['2', 0], ...more.infos, run_timeout: 600, concurrency_limit: 1, ...more.execute },
      _meta: { title: 'Cloud' },
    },
    5: { class_type: 'SaveImage', inputs: { images: ['4', 0], filename_prefix: 'made' } },
  }
}
