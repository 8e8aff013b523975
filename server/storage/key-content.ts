import { z } from 'zod'
import { BridgeError } from '../shared/errors.ts'
import type { StoredKey } from '../wiring/index.ts'

const storedKey = z.object({
  name: z.string(),
  key: z.string(),
  baseUrl: z.string().optional(),
  /** Came in a file; used only where a graph names it. */
  imported: z.boolean().optional(),
  formerNames: z.array(z.string()).readonly().optional(),
})
export const keyContentSchema = z.object({ default: z.string().optional(), keys: z.array(storedKey) })

/** What a key store holds. Each change below gives the whole of the next one. */
export type KeyContent = z.infer<typeof keyContentSchema>

export function findKey({ keys }: KeyContent, name: string): StoredKey | undefined {
  return keys.find(key => key.name === name) ?? keys.find(key => key.formerNames?.includes(name))
}

export function defaultKey(content: KeyContent): StoredKey | undefined {
  return content.keys.find(key => key.name === content.default) ?? content.keys.find(key => !key.imported)
}

/** With a key added or replaced; the first one becomes the default. Throws `bad-key-name`. */
export function withKey(content: KeyContent, key: StoredKey, makeDefault: boolean): KeyContent {
  refuseBadName(key.name)
  const formerNames = content.keys.find(other => other.name === key.name)?.formerNames
  const keys = [
    ...content.keys.filter(other => other.name !== key.name),
    { ...key, ...(formerNames && { formerNames }) },
  ]
  const name = makeDefault || keys.length === 1 ? key.name : content.default
  return { ...(name !== undefined && { default: name }), keys }
}

/** With a key that came in a file, under the name it has already, the wanted or a new one. Throws `bad-key-name`. */
export function withKeptKey(
  content: KeyContent,
  key: string,
  { wanted, baseUrl }: { readonly wanted: string | undefined; readonly baseUrl: string | undefined },
): { readonly name: string; readonly next?: KeyContent } {
  const known = content.keys.find(other => other.key === key)
  if (known) {
    // Whoever brought it had it: where it goes is theirs to say. What a person added stays as that person said.
    if (!known.imported || baseUrl === undefined || known.baseUrl === baseUrl) return { name: known.name }
    const keys = content.keys.map(other => (other === known ? { ...known, baseUrl } : other))
    return { name: known.name, next: { ...content, keys } }
  }
  if (wanted !== undefined) refuseBadName(wanted)
  const stem = wanted ?? `key-${key.length >= 12 ? key.slice(-4) : 'short'}`
  let name = stem
  for (let number = 2; content.keys.some(other => other.name === name); number++) name = `${stem}-${number}`
  // Never the default: a key that came with somebody's file must not pay for other graphs.
  const kept = { name, key, ...(baseUrl !== undefined && { baseUrl }), imported: true }
  return { name, next: { ...content, keys: [...content.keys, kept] } }
}

/** With a key renamed, or made the default; undefined when there is none of that name. Throws `bad-key-name`. */
export function withChangedKey(
  content: KeyContent,
  name: string,
  to: { readonly name?: string; readonly makeDefault?: boolean },
): KeyContent | undefined {
  if (!content.keys.some(key => key.name === name)) return undefined
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
  return { ...(main !== undefined && { default: main }), keys }
}

/** Without a key; undefined when there is none of that name. */
export function withoutKey(content: KeyContent, name: string): KeyContent | undefined {
  const keys = content.keys.filter(key => key.name !== name)
  if (keys.length === content.keys.length) return undefined
  const left = content.default === name ? keys.find(key => !key.imported)?.name : content.default
  return { ...(left !== undefined && { default: left }), keys }
}

/** A name stands in graphs as `<key:NAME>` and on terminals. */
function refuseBadName(name: string): void {
  if (/^[^<>\p{Cc}]{1,100}$/u.test(name) && name.trim() === name) return
  throw new BridgeError(`"${name.replace(/\p{Cc}/gu, '?')}" cannot name a key`, {
    code: 'bad-key-name',
    hint: 'Use letters, digits and hyphens, such as "work".',
  })
}
