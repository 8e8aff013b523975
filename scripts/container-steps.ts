import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/**
 * `npm run container-steps`: what the Dockerfile says, performed in a clean folder without a container engine: each stage a folder
 * that stands for the image's root. Ends with the server's health and the exit code of a stop. USER is not changed.
 */
const root = join(import.meta.dirname, '..')
const home = mkdtempSync(join(tmpdir(), 'rh-container-'))
const node = dirname(process.execPath)

// Where packages come from is the machine's matter, as it would be the engine's.
const npmSettings: Record<string, string> = {
  npm_config_userconfig: join(homedir(), '.npmrc'),
  npm_config_cache: join(homedir(), '.npm'),
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      /^npm_config_(registry|proxy|https_proxy|cafile)$/i.test(name),
    ),
  ),
}

type Stage = { name: string; folder: string; workdir: string; env: Record<string, string> }
const stages: Stage[] = []
const last: Record<string, string> = {}

const lines = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter(line => line.trim() !== '' && !line.startsWith('#'))

for (const line of lines) {
  const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
  console.log(`> ${line.length > 120 ? `${line.slice(0, 119)}…` : line}`)
  if (word === 'FROM') begin(rest)
  else perform(word, rest, stages.at(-1) as Stage)
}
await start(stages.at(-1) as Stage)
rmSync(home, { recursive: true, force: true })

function begin(rest: string): void {
  const name = /\bAS\s+(\S+)/i.exec(rest)?.[1] ?? String(stages.length)
  const folder = join(home, name)
  mkdirSync(folder, { recursive: true })
  // The image's own node stands first on the path; npm is the machine's.
  const PATH = `${node}:${process.env.PATH ?? ''}`
  stages.push({ name, folder, workdir: '/', env: { PATH, HOME: folder, ...npmSettings } })
}

function perform(word: string, rest: string, stage: Stage): void {
  const at = (path: string) => join(stage.folder, path.startsWith('/') ? path : join(stage.workdir, path))
  switch (word) {
    case 'WORKDIR':
      stage.workdir = rest
      mkdirSync(at('.'), { recursive: true })
      return
    case 'COPY': {
      const [from, to] = rest.replace(/--from=\S+\s+/, '').split(/\s+/) as [string, string]
      const source = /--from=(\S+)/.exec(rest)?.[1]
      if (source) {
        const other = stages.find(({ name }) => name === source) as Stage
        cpSync(join(other.folder, from), at(to), { recursive: true })
      } else copyContext(at(to))
      return
    }
    case 'RUN': {
      // Folders of the image's root lie in the stage's folder; ownership is the engine's matter.
      const command = rest.replace(/(^|\s)\/data\b/g, `$1${at('/data')}`).replace(/&& chown \S+ \S+/, '')
      execFileSync('sh', ['-ec', command], { cwd: at('.'), env: stage.env, stdio: 'inherit' })
      return
    }
    case 'ENV':
      for (const [, name, value] of rest.matchAll(/(\w+)=(\S+)/g)) {
        stage.env[name as string] = value === '/data' ? at('/data') : (value as string)
      }
      return
    case 'HEALTHCHECK':
      last[word] = rest.slice(rest.indexOf('CMD ') + 4)
      return
    default:
      last[word] = rest
  }
}

/** What a build sends: the tree without what .dockerignore names. */
function copyContext(target: string): void {
  const ignored = new Set(readFileSync(join(root, '.dockerignore'), 'utf8').split('\n').filter(Boolean))
  cpSync(root, target, {
    recursive: true,
    filter: path => !ignored.has(path.slice(root.length + 1).split('/')[0] ?? ''),
  })
}

async function start(stage: Stage): Promise<void> {
  const port = await freePort()
  const words = (text: string) => JSON.parse(text) as string[]
  const [command, ...fixed] = words(last.ENTRYPOINT ?? '[]')
  const args = [...fixed, ...words(last.CMD ?? '[]'), '--port', String(port)]
  const server = spawn(join(node, command === 'node' ? 'node' : String(command)), args, {
    cwd: join(stage.folder, stage.workdir),
    env: { ...stage.env, RH_BRIDGE_TOKEN: 'container-steps' },
    stdio: 'inherit',
  })
  const [, ...check] = words((last.HEALTHCHECK ?? '[]').replace(':8188', `:${port}`))
  let healthy = false
  for (let attempt = 0; attempt < 50 && !healthy; attempt++) {
    await setTimeout(200)
    healthy = spawnSync(process.execPath, check, { env: stage.env }).status === 0
  }
  server.kill('SIGTERM')
  const [code] = await once(server, 'exit')
  console.log(`healthy: ${healthy}, stopped with ${code}`)
  if (!healthy || code !== 0) process.exitCode = 1
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}
