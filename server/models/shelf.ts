import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Model, type RegistryProblem, readRegistry, shippedModels } from '../../nodes/models/index.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'
import { type JsonValue, parseJson } from '../shared/lossless-json.ts'

/** A registry on the shelf, read and checked. */
export type ShelvedRegistry = {
  /** `shipped`, or its file's name without `.json`. */
  readonly name: string
  readonly version?: string
  readonly models: readonly Model[]
  readonly problems: readonly RegistryProblem[]
  /** Why the whole file is no registry. */
  readonly refusal?: string
}

/** What became of an import. */
export type ImportReport = {
  readonly name: string
  readonly version: string | null
  /** Absolute path of the file it is kept in. */
  readonly path: string
  readonly models: number
  /** Types nobody had before. */
  readonly added: number
  /** Types another registry has too; the newest is used. */
  readonly replaced: number
  /** Types that are a node of the product's own, which stays. */
  readonly clashes: readonly string[]
  readonly problems: readonly RegistryProblem[]
}

export type ModelShelf = ReturnType<typeof createModelShelf>

export const shippedName = 'shipped'
const maxFileBytes = 64 * 1024 * 1024

/**
 * Registries of standard models: the small one we ship, and those in `models/` of the data folder, where a person or an import puts them.
 * Files are looked at again when they changed, so that what one process imports another has at once.
 */
export function createModelShelf(dataDir: string, options: { isOurs(type: string): boolean }) {
  const folder = join(dataDir, 'models')
  const read = new Map<string, { stamp: string; registry: ShelvedRegistry }>()

  /** Names and stamps of the files, the oldest first. */
  function files(): { name: string; stamp: string }[] {
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .filter(file => file.endsWith('.json') && !file.startsWith('.'))
      .flatMap(file => {
        const facts = statSync(join(folder, file), { throwIfNoEntry: false })
        if (!facts?.isFile()) return []
        return [{ name: basename(file, '.json'), at: facts.mtimeMs, stamp: `${facts.mtimeMs}:${facts.size}` }]
      })
      .sort((a, b) => a.at - b.at || a.name.localeCompare(b.name))
  }

  function readFile(name: string, stamp: string): ShelvedRegistry {
    const known = read.get(name)
    if (known?.stamp === stamp) return known.registry
    let registry: ShelvedRegistry
    try {
      registry = { name, ...parse(readFileSync(join(folder, `${name}.json`))) }
    } catch (error) {
      registry = { name, models: [], problems: [], refusal: messageOf(error) }
    }
    read.set(name, { stamp, registry })
    return registry
  }

  const all = (): readonly ShelvedRegistry[] => [
    { name: shippedName, models: shippedModels(), problems: [] },
    ...files().map(({ name, stamp }) => readFile(name, stamp)),
  ]

  return {
    folder,
    all,
    /** Changes whenever a file does. */
    stamp: () =>
      files()
        .map(({ name, stamp }) => `${name}:${stamp}`)
        .join('|'),
    /** Every model once; of several registries that have a type, the newest is right. */
    models: (): readonly Model[] => [
      ...new Map(all().flatMap(({ models }) => models.map(model => [model.type, model]))).values(),
    ],

    /** Keeps a registry under a name, in place of one of that name. Throws `bad-registry` and keeps nothing when no entry can be used. */
    async add(bytes: Uint8Array, wanted: string): Promise<ImportReport> {
      const { models, problems, version } = parse(bytes)
      const [first] = problems
      if (models.length === 0) {
        throw bad(
          first ? `None of its entries can be used: ${first.name}: ${first.message}.` : 'It is empty.',
        )
      }
      const name = nameFor(wanted)
      const others = new Set(
        all().flatMap(other => (other.name === name ? [] : other.models.map(({ type }) => type))),
      )
      const clashes = models.flatMap(({ type }) => (options.isOurs(type) ? [type] : []))
      const replaced = models.filter(({ type }) => others.has(type)).length
      const path = join(folder, `${name}.json`)
      await mkdir(folder, { recursive: true })
      const part = join(folder, `.${name}.${process.pid}.part`)
      await writeFile(part, bytes)
      await rename(part, path)
      // Read already: it is not read again.
      const registry = { name, models, problems, ...(version !== undefined && { version }) }
      read.set(name, { stamp: files().find(file => file.name === name)?.stamp ?? '', registry })
      return {
        name,
        version: version ?? null,
        path,
        models: models.length,
        added: models.length - replaced - clashes.length,
        replaced,
        clashes,
        problems,
      }
    },

    /** Takes a registry away; answers whether there was one. The shipped one stays. */
    async remove(name: string): Promise<boolean> {
      if (!files().some(file => file.name === name)) return false
      await rm(join(folder, `${name}.json`), { force: true })
      return true
    },
  }
}

function parse(bytes: Uint8Array): Omit<ShelvedRegistry, 'name' | 'refusal'> {
  if (bytes.length > maxFileBytes) throw bad(`It has more than ${maxFileBytes / 1024 / 1024} MB.`)
  let value: JsonValue
  try {
    value = parseJson(
      Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\ufeff/, ''),
    )
  } catch (cause) {
    throw bad(`It is not JSON: ${messageOf(cause)}.`, cause)
  }
  const found = readRegistry(value)
  if ('refusal' in found) throw bad(found.refusal)
  return found
}

/** A file name from what people call the registry: letters, digits, dot, dash. */
function nameFor(wanted: string): string {
  const stem = basename(wanted.trim().replace(/[\\/]+$/, ''))
    .replace(/\.json$/i, '')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80)
  return stem === '' || stem === shippedName ? 'models' : stem
}

function bad(message: string, cause?: unknown): BridgeError {
  return new BridgeError(`The model registry cannot be used. ${message}`, {
    code: 'bad-registry',
    hint: 'It takes the public format: { "models": [ { "class_name", "endpoint", "output_type", "params" }, … ] }.',
    cause,
  })
}
