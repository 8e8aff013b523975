import {
  createCipheriv,
  createDecipheriv,
  randomBytes,
  type ScryptOptions,
  scrypt as scryptCallback,
} from 'node:crypto'
import { promisify } from 'node:util'
import { z } from 'zod'
import { BridgeError } from '../shared/errors.ts'
import type { KeySecret } from '../wiring/index.ts'

/**
 * The key store encrypted at rest. A random data key encrypts the content (AES-256-GCM); the data key itself lies beside it, encrypted with
 * a key made of the passphrase, or of a key file's bytes, by scrypt. What stands in the clear is bound to both by GCM's authentication.
 */
const cipher = 'aes-256-gcm'
const format = 'rh-bridge-keys'
const version = 1

const bytes = z.base64().transform((text): Buffer => Buffer.from(text, 'base64'))
const powerOfTwo = z.int().refine(n => Number.isInteger(Math.log2(n)))
const lockSchema = z.object({
  kind: z.enum(['passphrase', 'key-file']),
  kdf: z.literal('scrypt'),
  // Bounds: a file that was tampered with must not eat the machine's memory.
  n: powerOfTwo.min(2 ** 14).max(2 ** 20),
  r: z.int().min(1).max(16),
  p: z.int().min(1).max(4),
  salt: bytes,
  iv: bytes,
  tag: bytes,
  key: bytes,
})
const sealedSchema = z.object({
  format: z.literal(format),
  version: z.literal(version),
  /** Whether a graph that names no key uses one of these: known without opening, so that the sandbox serves where none does. */
  hasDefault: z.boolean(),
  lock: lockSchema,
  content: z.object({ iv: bytes, tag: bytes, data: bytes }),
})

export type Sealed = z.infer<typeof sealedSchema>
type Lock = Sealed['lock']

/** What opens a store: its data key, and the lock that key lies behind. Kept in memory only. */
export type Opener = { readonly dataKey: Buffer; readonly lock: Lock }

/** OWASP's least for scrypt: 128 MB and about half a second, once a process. */
export const usualCost: Cost = { n: 2 ** 17, r: 8, p: 1 }

/** What trying a passphrase costs (scrypt: N, r, p). */
export type Cost = Pick<Lock, 'n' | 'r' | 'p'>

/** A sealed store, undefined for anything else. Throws `key-store-newer` for a form of a later rh-bridge. */
export function readSealed(value: unknown): Sealed | undefined {
  const head = z.object({ format: z.literal(format), version: z.number() }).safeParse(value)
  if (head.success && head.data.version > version) {
    throw new BridgeError('The key store was written by a newer rh-bridge', {
      code: 'key-store-newer',
      hint: 'Use that version, or another data folder.',
    })
  }
  return sealedSchema.safeParse(value).data
}

/** A new lock with a new data key behind it. */
export async function makeOpener(secret: KeySecret, cost: Cost): Promise<Opener> {
  const dataKey = randomBytes(32)
  const settings = { kind: secret.kind, kdf: 'scrypt', ...cost, salt: randomBytes(16) } as const
  const box = encrypt(await derive(secret, settings), dataKey, lockFacts(settings))
  return { dataKey, lock: { ...settings, iv: box.iv, tag: box.tag, key: box.data } }
}

/** The data key behind a lock. Throws `wrong-passphrase` or `wrong-key-file`. */
export async function openLock(lock: Lock, secret: KeySecret): Promise<Opener> {
  const isRightKind = lock.kind === secret.kind
  const key = isRightKind ? await derive(secret, lock) : undefined
  const dataKey = key && decrypt(key, { iv: lock.iv, tag: lock.tag, data: lock.key }, lockFacts(lock))
  if (dataKey) return { dataKey, lock }
  throw lock.kind === 'passphrase'
    ? new BridgeError(
        isRightKind ? 'The passphrase does not open the key store' : 'The key store opens with a passphrase',
        { code: 'wrong-passphrase', hint: 'Nothing was changed. Try again; capital letters count.' },
      )
    : new BridgeError(
        isRightKind ? 'The key file does not open the key store' : 'The key store opens with a key file',
        { code: 'wrong-key-file', hint: 'Nothing was changed. Name the file it was encrypted with.' },
      )
}

export const isLockOf = (opener: Opener, lock: Lock): boolean => opener.lock.key.equals(lock.key)

/** The content as it goes to disk; each time under a new initialisation vector. */
export function seal(text: string, opener: Opener, hasDefault: boolean): unknown {
  const { lock, dataKey } = opener
  const content = encrypt(dataKey, Buffer.from(text), contentFacts(lock, hasDefault))
  return { format, version, hasDefault, lock: inBase64(lock), content: inBase64(content) }
}

/** The content, or undefined when it was damaged. */
export function unseal({ content, lock, hasDefault }: Sealed, { dataKey }: Opener): string | undefined {
  return decrypt(dataKey, content, contentFacts(lock, hasDefault))?.toString('utf8')
}

const scrypt = promisify<Buffer, Buffer, number, ScryptOptions, Buffer>(scryptCallback)

function derive(secret: KeySecret, { n, r, p, salt }: Pick<Lock, 'n' | 'r' | 'p' | 'salt'>): Promise<Buffer> {
  // The same words typed on another keyboard are the same passphrase (Unicode NFKC).
  const words = secret.kind === 'passphrase' ? Buffer.from(secret.passphrase.normalize('NFKC')) : secret.bytes
  return scrypt(words, salt, 32, { N: n, r, p, maxmem: 256 * n * r })
}

type Box = { readonly iv: Buffer; readonly tag: Buffer; readonly data: Buffer }

function encrypt(key: Buffer, data: Buffer, facts: string): Box {
  const iv = randomBytes(12)
  const work = createCipheriv(cipher, key, iv).setAAD(Buffer.from(facts))
  const encrypted = Buffer.concat([work.update(data), work.final()])
  return { iv, tag: work.getAuthTag(), data: encrypted }
}

function decrypt(key: Buffer, { iv, tag, data }: Box, facts: string): Buffer | undefined {
  try {
    const work = createDecipheriv(cipher, key, iv, { authTagLength: 16 }).setAAD(Buffer.from(facts))
    work.setAuthTag(tag)
    return Buffer.concat([work.update(data), work.final()])
  } catch {
    // Another key, or bytes that are not what was written: GCM tells no more.
    return undefined
  }
}

const lockFacts = ({ kind, n, r, p, salt }: Pick<Lock, 'kind' | 'n' | 'r' | 'p' | 'salt'>) =>
  [format, version, kind, n, r, p, salt.toString('base64')].join('\n')

const contentFacts = (lock: Lock, hasDefault: boolean) =>
  [lockFacts(lock), lock.key.toString('base64'), hasDefault].join('\n')

function inBase64(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      Buffer.isBuffer(part) ? part.toString('base64') : part,
    ]),
  )
}
