import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BridgeError } from '../shared/errors.ts'
import { isLockedStore, lockedStore } from '../shared/key-lock.ts'
import { parseJson, writeJson } from '../shared/lossless-json.ts'
import type { KeyStore } from '../wiring/index.ts'
import { withFileLock } from './file-lock.ts'
import {
  defaultKey,
  findKey,
  type KeyContent,
  keyContentSchema,
  withChangedKey,
  withKeptKey,
  withKey,
  withoutKey,
} from './key-content.ts'
import { type KeySecretSources, secretFrom } from './key-secret.ts'
import {
  type Cost,
  isLockOf,
  makeOpener,
  type Opener,
  openLock,
  readSealed,
  type Sealed,
  seal,
  unseal,
  usualCost,
} from './sealed-keys.ts'

/**
 * The key store as a file: `keys.json` of the data folder, mode 0600, in the clear or sealed (see sealed-keys.ts). The only place on disk
 * that holds a key. Every change reads the file and writes it whole, one at a time among all processes, and by a rename: who reads sees the
 * old or the new one, and a crash leaves one of them.
 */
export function createKeyStore(
  dataDir: string,
  sources: KeySecretSources = {},
  cost: Cost = usualCost,
): KeyStore {
  const path = join(dataDir, 'keys.json')
  let opener: Opener | undefined
  /** The lock that what was said at the start does not open, and why; asked once, as it costs half a second. */
  let refused: { readonly lock: Sealed['lock']; readonly error: BridgeError } | undefined
  let isShut = false

  async function load(): Promise<KeyContent | Sealed> {
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { keys: [] }
      throw error
    }
    const value = safely(text)
    const found = readSealed(value) ?? keyContentSchema.safeParse(value).data
    if (found) return found
    throw damaged()
  }

  async function read(): Promise<KeyContent> {
    const found = await load()
    if (!isSealed(found)) return found
    return contentOf(found, await openerOf(found))
  }

  function contentOf(sealed: Sealed, key: Opener): KeyContent {
    const text = unseal(sealed, key)
    const content = text === undefined ? undefined : keyContentSchema.safeParse(safely(text)).data
    if (content) return content
    throw damaged()
  }

  /** What opens it: what is known already, else what was said at the start. Throws `keys-locked`, or that those words are wrong. */
  async function openerOf({ lock }: Sealed): Promise<Opener> {
    if (opener && isLockOf(opener, lock)) return opener
    if (isShut) throw lockedStore(lock.kind)
    if (refused?.lock.key.equals(lock.key)) throw refused.error
    const secret = await secretFrom(sources, lock.kind)
    if (!secret) throw lockedStore(lock.kind)
    try {
      opener = await openLock(lock, secret)
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error
      const said = lock.kind === 'passphrase' ? 'RH_BRIDGE_PASSPHRASE' : 'RH_BRIDGE_KEY_FILE'
      const why = new BridgeError(`The key store is locked: ${said} does not open it`, {
        code: 'keys-locked',
        hint: `Correct ${said}${lock.kind === 'passphrase' ? ', or unlock the store in the settings' : ''}.`,
      })
      refused = { lock, error: why }
      throw why
    }
    return opener
  }

  async function write(content: KeyContent, key: Opener | undefined): Promise<void> {
    const text = writeJson(content, 2)
    const whole = key ? writeJson(seal(text, key, defaultKey(content) !== undefined), 2) : text
    // What a crash left half-written holds keys too.
    for (const name of await readdir(dataDir)) {
      if (/^keys\.json\..*\.part$/.test(name)) await rm(join(dataDir, name), { force: true })
    }
    const part = `${path}.${process.pid}.part`
    const file = await open(part, 'wx', 0o600)
    try {
      await file.writeFile(`${whole}\n`)
      // On disk before it takes the old one's place: a machine that loses power has one of them.
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, path)
  }

  // One change at a time: each reads the file, and writes it whole.
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = last.then(change, change)
    last = turn.catch(() => {})
    return turn
  }

  /** Nobody else writes meanwhile, in this process or another. */
  const alone = <T>(work: () => Promise<T>): Promise<T> =>
    inTurn(async () => {
      await mkdir(dataDir, { recursive: true })
      return withFileLock(join(dataDir, 'keys.lock'), work)
    })

  /** A change of the content, in the form the file has. `next` undefined: nothing to write. */
  const change = <T>(work: (content: KeyContent) => { next?: KeyContent; answer: T }): Promise<T> =>
    alone(async () => {
      const found = await load()
      const key = isSealed(found) ? await openerOf(found) : undefined
      const { next, answer } = work(isSealed(found) && key ? contentOf(found, key) : (found as KeyContent))
      if (next) await write(next, key)
      return answer
    })

  /** The same where there may be nothing to change: then no file is touched. Answers whether there was. */
  async function changeIfThere(work: (content: KeyContent) => KeyContent | undefined): Promise<boolean> {
    if (!work(await read())) return false
    return change(content => {
      const next = work(content)
      return { answer: next !== undefined, ...(next && { next }) }
    })
  }

  /** A change of the form: sealed with another opener, or in the clear. */
  const reseal = (make: () => Promise<Opener | undefined>): Promise<void> =>
    alone(async () => {
      const content = await read()
      const next = await make()
      await write(content, next)
      opener = next
      isShut = false
    })

  function damaged(): BridgeError {
    return new BridgeError(`The key store "${path}" is damaged.`, {
      code: 'key-store',
      hint: 'Move the file away and add your keys again with "rh-bridge keys add".',
    })
  }

  return {
    all: async () => (await read()).keys,
    get: async name => findKey(await read(), name),
    async default() {
      const found = await load()
      // Nobody needs to open it to learn that it has none.
      if (isSealed(found) && !found.hasDefault) return undefined
      return defaultKey(await read())
    },
    put: (key, { makeDefault }) =>
      change(content => ({ next: withKey(content, key, makeDefault), answer: undefined })),
    keep: (key, wanted, baseUrl) =>
      change(content => {
        const { name, next } = withKeptKey(content, key, { wanted, baseUrl })
        return { answer: name, ...(next && { next }) }
      }),
    change: (name, to) => changeIfThere(content => withChangedKey(content, name, to)),
    remove: name => changeIfThere(content => withoutKey(content, name)),

    async protection() {
      const found = await load()
      if (!isSealed(found)) return { kind: 'none', isLocked: false }
      const { kind } = found.lock
      return openerOf(found).then(
        () => ({ kind, isLocked: false }),
        error => {
          if (!isLockedStore(error)) throw error
          return { kind, isLocked: true }
        },
      )
    },
    // One at a time: each costs half a second and much memory.
    unlock: secret =>
      inTurn(async () => {
        const found = await load()
        if (isSealed(found)) opener = await openLock(found.lock, secret)
        isShut = false
      }),
    lock: () =>
      inTurn(async () => {
        opener = undefined
        isShut = true
      }),
    encrypt: secret => reseal(() => makeOpener(secret, cost)),
    decrypt: () => reseal(async () => undefined),
  }
}

const isSealed = (found: KeyContent | Sealed): found is Sealed => 'lock' in found

function safely(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    // Told as a damaged store by the caller.
    return undefined
  }
}
