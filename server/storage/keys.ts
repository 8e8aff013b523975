import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { BridgeError } from '../shared/errors.ts'
import { parseJson, writeJson } from '../shared/lossless-json.ts'
import type { KeyStore } from '../wiring/index.ts'

const storedKey = z.object({
  name: z.string(),
  key: z.string(),
  baseUrl: z.string().optional(),
  /** Came in a file; used only where a graph names it. */
  imported: z.boolean().optional(),
  formerNames: z.array(z.string()).readonly().optional(),
})
const storedKeys = z.object({ default: z.string().optional(), keys: z.array(storedKey) })

/** The key store as a file: `keys.json` of the data folder, mode 0600. The only place on disk that holds a key. */
export function createKeyStore(dataDir: string): KeyStore {
  const path = join(dataDir, 'keys.json')

  async function read(): Promise<z.infer<typeof storedKeys>> {
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { keys: [] }
      throw error
    }
    const parsed = storedKeys.safeParse(safely(text))
    if (parsed.success) return parsed.data
    throw new BridgeError(`The key store "${path}" is damaged.`, {
      code: 'key-store',
      hint: 'Move the file away and add your keys again with "rh-bridge keys add".',
    })
  }

  async function write(content: z.infer<typeof storedKeys>): Promise<void> {
    await mkdir(dirname(path), { recursive: true })
    const part = `${path}.${process.pid}.part`
    await writeFile(part, `${writeJson(content, 2)}\n`, { mode: 0o600 })
    await chmod(part, 0o600)
    await rename(part, path)
  }

  // One change at a time: each reads the file, and writes it whole.
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = last.then(change, change)
    last = turn.catch(() => {})
    return turn
  }

  return {
    all: async () => (await read()).keys,
    async get(name) {
      const { keys } = await read()
      return keys.find(key => key.name === name) ?? keys.find(key => key.formerNames?.includes(name))
    },
    async default() {
      const content = await read()
      return content.keys.find(key => key.name === content.default) ?? content.keys.find(key => !key.imported)
    },
    put: (key, { makeDefault }) =>
      inTurn(async () => {
        refuseBadName(key.name)
        const content = await read()
        const formerNames = content.keys.find(other => other.name === key.name)?.formerNames
        const keys = [
          ...content.keys.filter(other => other.name !== key.name),
          { ...key, ...(formerNames && { formerNames }) },
        ]
        const name = makeDefault || keys.length === 1 ? key.name : content.default
        await write({ ...(name !== undefined && { default: name }), keys })
      }),
    keep: (key, wanted) =>
      inTurn(async () => {
        const content = await read()
        const known = content.keys.find(other => other.key === key)
        if (known) return known.name
        if (wanted !== undefined) refuseBadName(wanted)
        const stem = wanted ?? `key-${key.length >= 12 ? key.slice(-4) : 'short'}`
        let name = stem
        for (let number = 2; content.keys.some(other => other.name === name); number++)
          name = `${stem}-${number}`
        // Never the default: a key that came with somebody's file must not pay for other graphs.
        await write({ ...content, keys: [...content.keys, { name, key, imported: true }] })
        return name
      }),
    change: (name, to) =>
      inTurn(async () => {
        const content = await read()
        if (!content.keys.some(key => key.name === name)) return false
        const renamed = to.name ?? name
        refuseBadName(renamed)
        if (renamed !== name && content.keys.some(key => key.name === renamed)) {
          throw new BridgeError(`There is a key "${renamed}" already.`, {
            code: 'bad-key-name',
            hint: 'Choose another name, or remove that key first.',
          })
        }
        const keys = content.keys.map(key => {
          if (key.name !== name) return key
          const formerNames = [...(key.formerNames ?? []), name].filter(former => former !== renamed)
          const changed = { ...key, name: renamed, ...(formerNames.length > 0 && { formerNames }) }
          // Whoever makes a key the default, or names it, takes it as their own.
          return { ...changed, imported: to.makeDefault ? undefined : key.imported }
        })
        const main = to.makeDefault || content.default === name ? renamed : content.default
        await write({ ...(main !== undefined && { default: main }), keys })
        return true
      }),
    remove: name =>
      inTurn(async () => {
        const content = await read()
        const keys = content.keys.filter(key => key.name !== name)
        if (keys.length === content.keys.length) return false
        const left = content.default === name ? keys.find(key => !key.imported)?.name : content.default
        await write({ ...(left !== undefined && { default: left }), keys })
        return true
      }),
  }
}

/** A name stands in graphs as `<key:NAME>` and on terminals. */
function refuseBadName(name: string): void {
  if (/^[^<>\p{Cc}]{1,100}$/u.test(name) && name.trim() === name) return
  throw new BridgeError(`"${name.replace(/\p{Cc}/gu, '?')}" cannot name a key`, {
    code: 'bad-key-name',
    hint: 'Use letters, digits and hyphens, such as "work".',
  })
}

function safely(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    // Told as a damaged store by the caller.
    return undefined
  }
}
