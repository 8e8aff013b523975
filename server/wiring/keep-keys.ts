import { isSameSite, knownSites, normaliseBaseUrl } from '../runninghub/index.ts'
import { parseJson, writeJson } from '../shared/lossless-json.ts'
import type { Prompt } from '../shared/prompt.ts'
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
 * the wanted one), with the site that the file's prompt sends them to; `leave`: named as they are known there, nothing is kept; `remove`:
 * their places become empty.
 */
export async function keepKeys(
  lifted: readonly { name: string; key: string }[],
  prompt: Prompt,
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
        ? await keyStore.keep(key, how.name, siteBeside(prompt, keyReference(name)))
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

/** The address that stands beside a key in the nodes that name it; undefined for RunningHub's own, where every key may go, and where they differ. */
function siteBeside(prompt: Prompt, reference: string): string | undefined {
  const said = Object.values(prompt).flatMap(({ inputs }) => {
    const values = Object.values(inputs)
    return values.includes(reference) ? values.flatMap(value => addressOf(value) ?? []) : []
  })
  const [site, ...others] = new Set(said)
  return others.length === 0 ? site : undefined
}

function addressOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^https?:\/\/[^\s/]/i.test(value.trim()) || !URL.canParse(value.trim()))
    return undefined
  const site = normaliseBaseUrl(value)
  return knownSites.some(known => isSameSite(known, site)) ? undefined : site
}
