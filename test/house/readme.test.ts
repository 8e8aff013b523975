import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { allNodes } from '../../nodes/index.ts'
import { createProgram } from '../../server/cli/program.ts'
import { routes } from '../../server/http/bridge-routes.ts'

const root = join(import.meta.dirname, '../..')

function* commandsOf(command: Command): Generator<Command> {
  yield command
  for (const child of command.commands) yield* commandsOf(child)
}

describe.each(['README.md', 'README.zh-CN.md'])('%s', name => {
  const text = () => readFile(join(root, name), 'utf8')

  test('lists every node', async () => {
    const written = await text()
    const missing = allNodes.filter(({ type }) => !written.includes(`\`${type.replaceAll('|', '\\|')}\``))
    expect(missing.map(({ type }) => type)).toEqual([])
  })

  test('names every command and every flag', async () => {
    const written = await text()
    const missing = [...commandsOf(await createProgram(() => {}))].flatMap(command => [
      ...(written.includes(command.name()) ? [] : [command.name()]),
      ...command.options.flatMap(({ long }) =>
        long === null || long === undefined || long === '--version' || written.includes(long) ? [] : [long],
      ),
    ])
    expect([...new Set(missing)]).toEqual([])
  })

  test('names every route', async () => {
    const written = await text()
    const missing = routes.filter(
      ({ path }) =>
        !path
          .split('/')
          .filter(part => part !== '' && !part.startsWith('{'))
          .every(part => written.includes(`/${part}`)),
    )
    expect(missing.map(({ path }) => path)).toEqual([])
  })

  test('names every variable of the environment', async () => {
    const written = await text()
    const source = await Promise.all(
      ['server/config.ts', 'server/cli/serve.ts'].map(file => readFile(join(root, file), 'utf8')),
    )
    const named = source.join('').match(/\b(RUNNINGHUB|RH_BRIDGE)_[A-Z_]+\b/g) ?? []
    expect([...new Set(named)].filter(variable => !written.includes(variable))).toEqual([])
    expect(named.length).toBeGreaterThan(4)
  })

  test('shows pictures that are there', async () => {
    const pictures = [...(await text()).matchAll(/\]\((docs\/[^)]+)\)/g)].map(([, path]) => path ?? '')
    expect(pictures.length).toBeGreaterThan(4)
    for (const path of pictures) expect((await readFile(join(root, path))).length).toBeGreaterThan(0)
  })
})
