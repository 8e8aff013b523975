import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { BridgeError } from '../shared/errors.ts'
import { parseJson, writeJson } from '../shared/lossless-json.ts'

const storedKey = z.object({ name: z.string(), key: z.string(), baseUrl: z.string().optional() })
const storedKeys = z.object({ default: z.string().optional(), keys: z.array(storedKey) })

export type StoredKey = z.infer<typeof storedKey>

/** RunningHub keys by name, in `keys.json` of the data folder (mode 0600). The only place on disk that holds a key. */
export type KeyStore = {
  all(): Promise<readonly StoredKey[]>
  get(name: string): Promise<StoredKey | undefined>
  /** The key used when nothing else names one. */
  default(): Promise<StoredKey | undefined>
  /** Adds or replaces; the first key becomes the default. */
  put(key: StoredKey, options: { makeDefault: boolean }): Promise<void>
  /** Answers whether there was one. */
  remove(name: string): Promise<boolean>
}

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

  return {
    all: async () => (await read()).keys,
    get: async name => (await read()).keys.find(key => key.name === name),
    async default() {
      const content = await read()
      return content.keys.find(key => key.name === content.default) ?? content.keys[0]
    },
    async put(key, { makeDefault }) {
      const content = await read()
      const keys = [...content.keys.filter(other => other.name !== key.name), key]
      const name = makeDefault || keys.length === 1 ? key.name : content.default
      await write({ ...(name !== undefined && { default: name }), keys })
    },
    async remove(name) {
      const content = await read()
      const keys = content.keys.filter(key => key.name !== name)
      if (keys.length === content.keys.length) return false
      const left = content.default === name ? keys[0]?.name : content.default
      await write({ ...(left !== undefined && { default: left }), keys })
      return true
    },
  }
}

function safely(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    // Told as a damaged store by the caller.
    return undefined
  }
}
