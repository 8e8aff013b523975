import { parseJson, writeJson } from '../shared/lossless-json.ts'
import { keyReference } from '../shared/secrets.ts'
import type { KeyStore } from './key-store.ts'

/**
 * Puts keys that were lifted out of a file into the key store, under the name they have there already or a new one, and gives the
 * function that makes a copy of any JSON value speak of them by those names.
 */
export async function keepKeys(
  lifted: readonly { name: string; key: string }[],
  keyStore: KeyStore,
): Promise<(value: unknown) => unknown> {
  const renames: [from: string, to: string][] = []
  for (const { name, key } of lifted) {
    const to = keyReference(await keyStore.keep(key))
    renames.push([keyReference(name), to], [key, to])
  }
  return value => {
    let text = writeJson(value)
    for (const [from, to] of renames) text = text.replaceAll(from, to)
    return parseJson(text)
  }
}
