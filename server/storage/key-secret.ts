import { randomBytes } from 'node:crypto'
import { open, readFile, realpath } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { BridgeError, systemCodeOf } from '../shared/errors.ts'
import type { KeySecret } from '../wiring/index.ts'

/** What a process was told at its start for opening an encrypted store. */
export type KeySecretSources = { readonly passphrase?: string; readonly keyFile?: string }

const shortest = 8
const leastBytes = 16
const mostBytes = 1024 * 1024

/** What was said for a store of that kind; undefined when nothing was. Throws `bad-key-file`. */
export async function secretFrom(
  { passphrase, keyFile }: KeySecretSources,
  kind: KeySecret['kind'],
): Promise<KeySecret | undefined> {
  if (kind === 'passphrase') return passphrase === undefined ? undefined : { kind, passphrase }
  return keyFile === undefined ? undefined : readKeyFile(keyFile)
}

/** A passphrase for a store that is to be encrypted. Throws `bad-passphrase` for one that is too short. */
export function newPassphrase(passphrase: string): KeySecret {
  if (passphrase.length >= shortest) return { kind: 'passphrase', passphrase }
  throw new BridgeError('The passphrase is too short', {
    code: 'bad-passphrase',
    hint: `Use ${shortest} characters or more; a few words are easy to remember and hard to guess.`,
  })
}

/** The bytes of a key file. Throws `bad-key-file`. */
export async function readKeyFile(path: string): Promise<KeySecret> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (cause) {
    throw badKeyFile(`The key file "${path}" cannot be read (${systemCodeOf(cause) ?? 'no reason given'})`)
  }
  if (bytes.length >= leastBytes && bytes.length <= mostBytes) return { kind: 'key-file', bytes }
  throw badKeyFile(`The key file "${path}" has ${bytes.length} bytes`)
}

/**
 * The key file for a store that is to be encrypted: made, with mode 0600, where there is none. Throws `bad-key-file`, also for one inside the
 * data folder: whoever has a copy of that must not have both.
 */
export async function newKeyFile(
  path: string,
  dataDir: string,
): Promise<{ readonly secret: KeySecret; readonly isNew: boolean }> {
  const folder = await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path)))
  const house = await realpath(dataDir).catch(() => resolve(dataDir))
  if (folder === house || folder.startsWith(house + sep)) {
    throw badKeyFile('A key file inside the data folder protects nothing', 'Keep it somewhere else.')
  }
  let isNew = false
  try {
    const file = await open(path, 'wx', 0o600)
    isNew = true
    await file.writeFile(`${randomBytes(32).toString('base64')}\n`)
    await file.sync()
    await file.close()
  } catch (cause) {
    if (systemCodeOf(cause) !== 'EEXIST') {
      throw badKeyFile(`The key file "${path}" cannot be made (${systemCodeOf(cause) ?? 'no reason given'})`)
    }
  }
  return { secret: await readKeyFile(path), isNew }
}

function badKeyFile(message: string, hint?: string): BridgeError {
  return new BridgeError(message, {
    code: 'bad-key-file',
    hint:
      hint ??
      `A key file has ${leastBytes} bytes to 1 MB; "rh-bridge keys encrypt --key-file FILE" makes one.`,
  })
}
