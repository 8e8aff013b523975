import type { Command } from 'commander'
import stringWidth from 'string-width'
import type { Bridge } from '../main.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { type AnswerFlags, answer, withSite } from './cloud-answer.ts'
import { printable } from './print.ts'
import { word } from './words/index.ts'

type ListFlags = AnswerFlags & { limit?: number }
type AppFlags = ListFlags & { search?: string; sort?: string }
type ResourceFlags = ListFlags & { type?: string; name?: string; baseModel: string[]; tag: string[] }

/** Settings that say nothing: the site and key of a graph that names none. */
const silent = { baseUrl: '', apiKey: '', targetId: '' }

/** `cloud apps`, `cloud resources`, `cloud keys`: what the site has to choose from. */
export function addCloudListCommands(cloud: Command, done: (code: number) => void): void {
  withSite(cloud.command('apps').description('AI apps of the site, to choose from'))
    .option('--search <words>', 'only those with these words, or of this id')
    .option('--sort <how>', 'recommend, hottest or newest')
    .option('--limit <n>', 'how many at most, up to 200 (default: 20)', Number)
    .action(async (flags: AppFlags) => done(await answer(flags, bridge => apps(bridge, flags))))
  withSite(cloud.command('resources').description('models that workflows of the site may load'))
    .option('--type <type>', 'UNET, CHECKPOINT, LORA or GGUF (default: all)')
    .option('--name <words>', 'only those with this in their name')
    .option('--base-model <name>', 'only those made for it; may be repeated', collect, [])
    .option('--tag <name>', 'only those with this tag; may be repeated', collect, [])
    .option('--limit <n>', 'how many at most, up to 200 (default: 20)', Number)
    .action(async (flags: ResourceFlags) => done(await answer(flags, bridge => resources(bridge, flags))))
  withSite(
    cloud.command('keys').description('the API keys of the account, masked, with their quotas'),
  ).action(async (flags: AnswerFlags) => done(await answer(flags, bridge => keys(bridge, flags))))
}

const collect = (value: string, before: string[]) => [...before, value]

async function apps({ offers }: Bridge, { search, sort, limit, json }: AppFlags): Promise<string> {
  const found = await offers.apps({ settings: silent, search, sort, limit }, new AbortController().signal)
  if (json) return writeJson(found)
  const rows = found.items.map(({ id, title, uses }) => [
    id,
    title,
    uses === null ? '' : word('lists.uses', { uses }),
  ])
  const next = found.items.length > 0 ? ['', 'rh-bridge cloud fields ID --app'] : []
  return [...inColumns(rows), countOf(found), ...next].join('\n')
}

async function resources({ offers }: Bridge, flags: ResourceFlags): Promise<string> {
  const { type, name, baseModel: baseModels, tag: tags, limit, json } = flags
  const wish = { settings: silent, type, name, baseModels, tags, limit }
  const found = await offers.resources(wish, new AbortController().signal)
  if (json) return writeJson(found)
  const rows = found.items.map(({ id, type, name, fileName, versions }) => {
    const bases = [...new Set(versions.map(({ baseModel }) => baseModel).filter(Boolean))]
    const triggers = versions.find(({ triggerWords }) => triggerWords !== '')?.triggerWords ?? ''
    const words = triggers === '' ? '' : word('lists.triggers', { words: triggers })
    return [id, type, name, bases.join(', '), fileName, words]
  })
  const next = found.items.length > 0 ? ['', word('lists.load')] : []
  return [...inColumns(rows), countOf(found), ...next].join('\n')
}

async function keys({ offers }: Bridge, { json }: AnswerFlags): Promise<string> {
  const found = await offers.keys(silent, new AbortController().signal)
  if (json) return writeJson(found)
  const rows = found.items.map(({ name, masked, isActive, quotaUsed, quotaLimit, expiresAt }) => [
    name,
    masked,
    isActive ? '' : word('lists.off'),
    quotaLimit === null
      ? word('lists.used', { used: quotaUsed ?? '0' })
      : word('lists.usedOf', { used: quotaUsed ?? '0', limit: quotaLimit }),
    expiresAt === '' ? '' : word('lists.until', { time: expiresAt }),
  ])
  return [...inColumns(rows), countOf(found)].join('\n')
}

function countOf({ items, total, site }: { items: readonly unknown[]; total: number; site: string }): string {
  if (items.length === 0) return word('lists.none', { site })
  return word('lists.count', { shown: items.length, total, site })
}

const maxCell = 48

/** Lines with their cells under each other, Chinese counted as wide as it is; a cell nobody fills has no column. */
function inColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map(row => row.map(cell => cut(printable(cell.replace(/\s+/g, ' ').trim()))))
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map(row => stringWidth(row[at] ?? ''))))
  return cells.map(row =>
    row
      .map((cell, at) => cell + ' '.repeat(Math.max(0, (widths[at] ?? 0) - stringWidth(cell))))
      .filter((_, at) => (widths[at] ?? 0) > 0)
      .join('  ')
      .trimEnd(),
  )
}

const cut = (text: string) => (text.length > maxCell ? `${text.slice(0, maxCell - 1)}…` : text)
