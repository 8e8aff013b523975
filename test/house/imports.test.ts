import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

/** Who may import whom (DESIGN: the house). `types` only in `import type`. Doors are single files; a folder stands for its index.ts. */
const root = resolve(import.meta.dirname, '../..')

type Rule = {
  readonly may: readonly string[]
  readonly types?: readonly string[]
  readonly packages?: readonly string[]
}

const nodeDoors = ['nodes/define-node.ts', 'nodes/context.ts', 'nodes/values.ts']
const rules: Readonly<Record<string, Rule>> = {
  words: { may: ['words/**'], packages: [] },
  nodes: { may: ['nodes/**'], packages: ['zod', 'sharp', 'mediabunny', '@mediabunny/server', 'node-av'] },
  'server/shared': { may: ['server/shared/**'] },
  'server/executor': { may: ['server/executor/**', ...nodeDoors, 'server/shared/**'] },
  'server/runninghub': { may: ['server/runninghub/**', 'server/shared/**', 'words/index.ts'] },
  'server/knowledge': { may: ['server/knowledge/**', 'server/shared/**'] },
  'server/sandbox': { may: ['server/sandbox/**', 'server/shared/**'] },
  'server/workflow': { may: ['server/workflow/**', 'server/shared/**'], types: nodeDoors },
  'server/assets': { may: ['server/assets/**', 'server/shared/**'], types: nodeDoors },
  'server/storage': {
    may: ['server/storage/**', 'server/shared/**'],
    types: [
      ...nodeDoors,
      'server/executor/index.ts',
      'server/queue/index.ts',
      'server/wiring/index.ts',
      'server/batch/index.ts',
      'server/notify/index.ts',
    ],
  },
  'server/wiring': {
    may: [
      'server/wiring/**',
      'server/runninghub/index.ts',
      'server/knowledge/index.ts',
      'server/storage/index.ts',
      'server/assets/index.ts',
      ...nodeDoors,
      'server/shared/**',
    ],
  },
  'server/models': {
    may: [
      'server/models/**',
      'nodes/index.ts',
      'nodes/models/index.ts',
      'server/runninghub/index.ts',
      'server/shared/**',
    ],
  },
  'server/queue': {
    may: ['server/queue/**', 'server/shared/**'],
    types: [...nodeDoors, 'server/executor/index.ts'],
  },
  'server/comfy': {
    may: ['server/comfy/**', 'server/shared/**'],
    types: [...nodeDoors, 'server/executor/index.ts', 'server/queue/index.ts'],
  },
  'server/http': {
    may: [
      'server/http/**',
      'server/comfy/**',
      'server/queue/index.ts',
      'server/assets/index.ts',
      'server/storage/index.ts',
      'server/executor/index.ts',
      'server/workflow/index.ts',
      'server/knowledge/index.ts',
      'server/batch/index.ts',
      'server/snippets/index.ts',
      'server/runninghub/index.ts',
      'server/shared/**',
      'words/index.ts',
    ],
    types: [...nodeDoors, 'server/main.ts', 'server/notifications.ts', 'server/wiring/index.ts'],
  },
  'server/runner': {
    may: [
      'server/runner/**',
      'server/main.ts',
      'server/executor/index.ts',
      'server/assets/index.ts',
      'nodes/define-node.ts',
      'server/shared/**',
    ],
    types: [...nodeDoors, 'server/workflow/index.ts'],
  },
  'server/batch': {
    may: ['server/batch/**', 'server/assets/index.ts', 'server/executor/index.ts', 'server/shared/**'],
    types: nodeDoors,
  },
  'server/notify': { may: ['server/notify/**', 'server/shared/**'] },
  'server/watch': {
    may: [
      'server/watch/**',
      'server/batch/index.ts',
      'server/assets/index.ts',
      'server/executor/index.ts',
      'server/shared/**',
    ],
  },
  'server/snippets': {
    may: ['server/snippets/**', 'nodes/define-node.ts', 'server/shared/**'],
  },
  'server/mcp': {
    may: [
      'server/mcp/**',
      'server/main.ts',
      'server/runner/**',
      'server/batch/index.ts',
      'server/knowledge/index.ts',
      'server/executor/index.ts',
      'server/shared/**',
    ],
    types: nodeDoors,
  },
  'server/ws': {
    may: ['server/ws/**', 'server/comfy/**', 'server/shared/**'],
    types: ['server/executor/index.ts', 'server/queue/index.ts'],
  },
  editor: { may: ['editor/**', 'words/index.ts'] },
}

type Import = { from: string; to: string; isType: boolean }

const statement =
  /(?:^|\n)\s*(import|export)\s+(type\s)?[^'"`;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(statement)].map(match => {
    const written = match[3] ?? match[4] ?? ''
    const to = written.startsWith('.') ? relative(root, resolve(root, dirname(file), written)) : written
    return { from: file, to, isType: match[2] !== undefined }
  })
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name))
    .map(name => `${folder}/${name.replaceAll('\\', '/')}`)
}

const matches = (to: string, allowed: readonly string[]) =>
  allowed.some(pattern => (pattern.endsWith('/**') ? to.startsWith(pattern.slice(0, -2)) : to === pattern))

test.each(Object.entries(rules))('%s imports only what the house allows', (folder, rule) => {
  const files = sources(folder)
  expect(files.length).toBeGreaterThan(0)
  const wrong = files.flatMap(importsOf).filter(({ to, isType }) => {
    // A thread of its own computes, and reaches nothing.
    if (to === 'node:worker_threads') return folder === 'editor'
    if (to.startsWith('node:')) return ['nodes', 'editor', 'words'].includes(folder)
    if (!/^(nodes|server|editor|words|test|scripts)\//.test(to)) {
      return rule.packages !== undefined && !rule.packages.includes(to) && !to.endsWith('package.json')
    }
    return !matches(to, rule.may) && !(isType && matches(to, rule.types ?? []))
  })
  expect(wrong).toEqual([])
})

test('every folder of the server has a rule, besides the command line and the files that build the house', () => {
  const folders = readdirSync(join(root, 'server'), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => `server/${entry.name}`)
  expect(folders.filter(folder => !(folder in rules))).toEqual(['server/cli'])
})

test('nodes touch neither the network nor the file system', () => {
  const wrong = sources('nodes').filter(file =>
    /\bfetch\(|node:fs|node:net|node:http/.test(readFileSync(join(root, file), 'utf8')),
  )
  expect(wrong).toEqual([])
})

test('no file of the product grows beyond 400 lines', () => {
  const long = ['nodes', 'server', 'editor']
    .flatMap(sources)
    .map(file => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))
    .filter(({ lines }) => lines > 400)
  expect(long).toEqual([])
})

test('nothing in the tree has the form of an API key', () => {
  const folders = ['nodes', 'server', 'editor', 'words', 'examples', 'docs', 'scripts'].filter(folder =>
    readdirSync(root).includes(folder),
  )
  const found = folders
    .flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name => `${folder}/${name}`),
    )
    .filter(file => /\.(ts|tsx|json|md|html|css)$/.test(file))
    .filter(file => /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/.test(readFileSync(join(root, file), 'utf8')))
  expect(found).toEqual([])
})
