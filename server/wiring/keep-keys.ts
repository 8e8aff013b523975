import { parseJson, writeJson } from '../shared/lossless-json.ts'
import { keyReference } from '../shared/secrets.ts'
import type { KeyStore } from './key-store.ts'

export type KeyChoice =
  | { readonly keys: 'keep'; readonly name?: string }
  | { readonly keys: 'leave' | 'remove' }

export type KeptKeys = {
  /** A copy of any JSON value that speaks of the keys by the names they are kept under. */
  rewrite(value: unknown): unknown
  /** The name a key is kept under, by the name it had in the file. */
  nameOf(name: string): string
}

/**
 * What becomes of keys that were lifted out of a file: kept in the key store, under the name they have there already or a new one (or
 * the wanted one); `leave`: named as they are known there, nothing is kept; `remove`: their places become empty.
 */
export async function keepKeys(
  lifted: readonly { name: string; key: string }[],
  keyStore: KeyStore,
  how: KeyChoice = { keys: 'keep' },
): Promise<KeptKeys> {
  // Of a locked store nobody can tell the names.
  const isReadable = how.keys !== 'keep' && !(await keyStore.protection()).isLocked
  const stored = isReadable ? await keyStore.all() : []
  const renames: [from: string, to: string][] = []
  const names = new Map<string, string>()
  for (const { name, key } of lifted) {
    const kept =
      how.keys === 'keep'
        ? await keyStore.keep(key, how.name)
        : (stored.find(other => other.key === key)?.name ?? name)
    names.set(name, kept)
    const to = how.keys === 'remove' ? '' : keyReference(kept)
    renames.push([keyReference(name), to], [key, to])
  }
  return {
    rewrite(value) {
      let text = writeJson(value)
      for (const [from, to] of renames) text = text.replaceAll(from, to)
      return parseJson(text)
    },
    nameOf: name => names.get(name) ?? name,
  }
}
