import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/**
 * Builds the npm package: plain JavaScript with types, the editor and the examples, and packs it. Prints the tarball's path.
 * A clone needs none of it; Node.js does not run TypeScript inside node_modules.
 */
const root = join(import.meta.dirname, '..')
const target = join(root, 'dist', 'package')
const tool = (name: string, args: readonly string[]) =>
  execFileSync(process.execPath, [join(root, 'node_modules', name), ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })

rmSync(target, { recursive: true, force: true })
tool('typescript/bin/tsc', ['-p', 'tsconfig.package.json'])
tool('vite/bin/vite.js', ['build', '--logLevel', 'error'])

const files = readdirSync(target, { recursive: true, encoding: 'utf8' })
for (const name of files.filter(name => name.endsWith('.d.ts'))) {
  // The compiler rewrites imports in the code and leaves them in the declarations.
  const path = join(target, name)
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(/(from |import\()(['"])(\.[^'"]+)\.ts\2/g, '$1$2$3.js$2'),
  )
}
for (const folder of ['server', 'nodes']) {
  cpSync(join(root, folder), join(target, folder), {
    recursive: true,
    filter: path => statSync(path).isDirectory() || !path.endsWith('.ts'),
  })
}
for (const name of ['examples', 'README.md', 'README.zh-CN.md', 'LICENSE']) {
  cpSync(join(root, name), join(target, name), { recursive: true })
}
mkdirSync(join(target, 'dist'))
cpSync(join(root, 'dist', 'editor'), join(target, 'dist', 'editor'), { recursive: true })

const { name, version, description, license, type, engines, dependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
)
const facts = {
  name,
  version,
  description,
  license,
  type,
  engines,
  bin: { 'rh-bridge': 'server/cli.js' },
  exports: { '.': { types: './server/library.d.ts', default: './server/library.js' } },
  dependencies,
}
writeFileSync(join(target, 'package.json'), `${JSON.stringify(facts, null, 2)}\n`)

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--pack-destination', join(root, 'dist')], {
    cwd: target,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }),
)
// A name without the version, for whoever installs it by a fixed path.
const tarball = join(root, 'dist', `${name}.tgz`)
renameSync(join(root, 'dist', packed.filename), tarball)
process.stdout.write(`${tarball} (${Math.round(packed.size / 1024)} kB)\n`)
