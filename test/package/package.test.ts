import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

test('the tarball installs into an empty project, with types, library and command', async () => {
  const { stdout } = await run(process.execPath, ['scripts/package.ts'], { cwd: root })
  const tarball = stdout.split(' (')[0] ?? ''
  const home = await mkdtemp(join(tmpdir(), 'rh-package-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  await writeFile(join(home, 'package.json'), '{"type":"module"}')
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-save', tarball], {
    cwd: home,
  })

  const source = `import { createBridge, type RunReport } from 'rh-bridge'

await using bridge = await createBridge({ dataDir: 'here' })
const report: RunReport = await bridge.run('node_modules/rh-bridge/examples/rh_text_to_image.json', {
  set: { '6.value': 'a cat' },
})
process.stdout.write(JSON.stringify(report))
`
  await writeFile(join(home, 'app.mts'), source)
  // Types and run time of the very same file: this Node runs TypeScript outside node_modules.
  const options = ['--noEmit', '--module', 'nodenext', '--target', 'esnext', '--strict', '--skipLibCheck']
  const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node']
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  await run(process.execPath, [compiler, ...options, ...types, 'app.mts'], { cwd: home })
  const { stdout: printed } = await run(process.execPath, ['app.mts'], { cwd: home })
  const report = JSON.parse(printed)
  expect(report).toMatchObject({ status: 'success', errors: [] })
  expect(report.outputs[0].files[0].path).toContain(join('here', 'output'))

  const bin = join(home, 'node_modules/rh-bridge/server/cli.js')
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  expect((await run(process.execPath, [bin, '--version'], { cwd: home })).stdout.trim()).toBe(version)
  const page = JSON.parse(await readFile(join(home, 'node_modules/rh-bridge/package.json'), 'utf8'))
  expect(page.devDependencies).toBeUndefined()
}, 240_000)
