import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { allNodes, createCatalogue } from '../../nodes/index.ts'
import { readConfig } from '../config.ts'
import {
  createModelShelf,
  fetchRegistry,
  type ImportReport,
  type ModelShelf,
  shippedName,
} from '../models/index.ts'
import { createTransport } from '../runninghub/index.ts'
import { systemClock } from '../shared/clock.ts'
import { BridgeError, systemCodeOf } from '../shared/errors.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { explain, printable } from './print.ts'
import { counted, currentLanguage, told, word } from './words/index.ts'

type ModelFlags = { dataDir?: string; json?: boolean; name?: string }

/** Problems told one by one; of more the number is enough. */
const mostTold = 20

/** `models import|list|remove`: registries of standard models in the data folder. */
export function addModelsCommand(program: Command, done: (code: number) => void): void {
  const models = program
    .command('models')
    .description('standard models: the nodes made of a model registry, and the registries themselves')
  const withFlags = (command: Command) =>
    command
      .option('--data-dir <dir>', 'the data folder (default: data)')
      .option('--json', 'one JSON object on standard output')
  const act = async (flags: ModelFlags, work: (shelf: ModelShelf) => Promise<string>) => {
    try {
      const shelf = createModelShelf(readConfig(flags, process.env).dataDir, createCatalogue(allNodes))
      process.stdout.write(await work(shelf))
      done(0)
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error
      process.stderr.write(`${explain(error)}\n`)
      done(2)
    }
  }
  withFlags(
    models
      .command('import')
      .argument('<file or URL>')
      .description('add a registry in the public format; one of the same name is replaced'),
  )
    .option('--name <name>', 'what it is called here (default: the name of the file)')
    .action((source: string, flags: ModelFlags) =>
      act(flags, async shelf => {
        const report = await shelf.add(await bytesOf(source), flags.name ?? nameIn(source))
        return flags.json ? `${writeJson(report)}\n` : reportText(report)
      }),
    )
  withFlags(models.command('list').description('the registries, and every model that has a node')).action(
    (flags: ModelFlags) => act(flags, async shelf => (flags.json ? listJson(shelf) : listText(shelf))),
  )
  withFlags(models.command('remove').argument('<name>').description('take a registry away')).action(
    (name: string, flags: ModelFlags) =>
      act(flags, async shelf => {
        if (await shelf.remove(name)) {
          return flags.json ? `${writeJson({ removed: name })}\n` : `${word('keys.removed', { name })}\n`
        }
        throw new BridgeError(
          name === shippedName ? 'The shipped registry stays' : `There is no registry "${name}"`,
          { code: 'unknown-registry', hint: 'See "rh-bridge models list".' },
        )
      }),
  )
}

async function bytesOf(source: string): Promise<Uint8Array> {
  if (/^https?:\/\//i.test(source)) {
    const transport = createTransport({ clock: systemClock, environment: process.env, secrets: () => [] })
    try {
      return await fetchRegistry(source, transport)
    } finally {
      await transport.close()
    }
  }
  try {
    return await readFile(source)
  } catch (cause) {
    throw new BridgeError(`"${source}" cannot be read (${systemCodeOf(cause) ?? 'no reason given'})`, {
      code: 'unreadable-file',
      hint: 'Name a JSON file, or an address that starts with https://.',
      cause,
    })
  }
}

function nameIn(source: string): string {
  return URL.canParse(source) ? new URL(source).pathname : source
}

function reportText(report: ImportReport): string {
  const { name, models, added, replaced, clashes, problems } = report
  const skipped = problems.filter(problem => problem.skipped)
  const lines = [word('models.imported', { name, models: counted(models, 'model'), added, replaced })]
  if (clashes.length > 0) {
    lines.push(word('models.clashes', { types: counted(clashes.length, 'type'), names: clashes.join(', ') }))
  }
  if (skipped.length > 0) lines.push(word('models.leftOut', { entries: counted(skipped.length, 'entry') }))
  for (const { name, index, message } of skipped.slice(0, mostTold)) {
    lines.push(`  ${index + 1}. ${name}: ${told(message)}`)
  }
  if (skipped.length > mostTold) lines.push(word('models.moreLeftOut', { count: skipped.length - mostTold }))
  const notes = problems.filter(problem => !problem.skipped)
  for (const { name, message } of notes.slice(0, mostTold))
    lines.push(word('models.note', { name, message: told(message) }))
  lines.push(word('models.atOnce', { path: report.path }))
  return `${lines.map(printable).join('\n')}\n`
}

function listText(shelf: ModelShelf): string {
  const lines: string[] = []
  for (const { name, version, models, problems, refusal } of shelf.all()) {
    const skipped = problems.filter(problem => problem.skipped).length
    const facts = [
      counted(models.length, 'model'),
      version,
      skipped > 0 ? word('models.skipped', { count: skipped }) : undefined,
      refusal === undefined ? undefined : told(refusal),
    ]
    lines.push(`${name}  ${facts.filter(Boolean).join('  ')}`)
  }
  lines.push('')
  for (const { type, names, displayName, output, endpoint } of shelf.models()) {
    lines.push(`${type}  ${output}  ${names[currentLanguage()] ?? displayName}  ${endpoint}`)
  }
  return `${lines.map(printable).join('\n')}\n`
}

function listJson(shelf: ModelShelf): string {
  const registries = shelf.all().map(({ models, ...rest }) => ({ ...rest, models: models.length }))
  const models = shelf.models().map(({ type, names, displayName, output, category, endpoint }) => ({
    ...{ type, title: names.en ?? displayName, titleZh: names.zh ?? displayName },
    ...{ output, category, endpoint },
  }))
  return `${writeJson({ registries, models })}\n`
}
