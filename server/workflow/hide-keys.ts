import type { JsonValue } from '../shared/lossless-json.ts'
import { keyReference } from '../shared/secrets.ts'
import type { FoundKey } from './keys.ts'

/** Below this length a key would match ordinary words, so it is replaced only where it stands alone as a secret. */
export const shortestEverywhere = 8
/** A regular expression of megabytes does not compile, and its error would quote the key. */
const longestAlternation = 4096

type HideText = (text: string) => string

const nothingToHide: HideText = text => text

/** Replaces every found key in a text by its reference, also inside longer texts and in its escaped spellings. */
export function createHider(keys: readonly FoundKey[]): HideText {
  const references = new Map<string, string>()
  for (const { key, name } of keys) {
    if (key.length < shortestEverywhere) continue
    const reference = keyReference(name)
    for (const spelling of [key, encodeURIComponent(toWellFormed(key)), JSON.stringify(key).slice(1, -1)]) {
      if (!references.has(spelling)) references.set(spelling, reference)
    }
  }
  if (references.size === 0) return nothingToHide
  const spellings = [...references.keys()].sort((a, b) => b.length - a.length)
  const chars = spellings.reduce((sum, spelling) => sum + spelling.length, 0)
  if (chars <= longestAlternation) {
    const any = new RegExp(spellings.map(escapeRegExp).join('|'), 'g')
    const shortest = spellings.at(-1)?.length ?? 0
    return text =>
      text.length < shortest ? text : text.replace(any, spelling => references.get(spelling) ?? spelling)
  }
  return replaceByStart(references)
}

/** Many or very long keys: an alternation would try each at every place, so they are looked up by their first characters. */
function replaceByStart(references: ReadonlyMap<string, string>): HideText {
  const lengthsByStart = new Map<string, number[]>()
  for (const spelling of references.keys()) {
    const start = spelling.slice(0, shortestEverywhere)
    const lengths = lengthsByStart.get(start) ?? []
    lengthsByStart.set(start, lengths)
    if (!lengths.includes(spelling.length)) lengths.push(spelling.length)
  }
  for (const lengths of lengthsByStart.values()) lengths.sort((a, b) => b - a)
  return text => {
    let clean = ''
    let copied = 0
    for (let at = 0; at + shortestEverywhere <= text.length; at++) {
      const lengths = lengthsByStart.get(text.slice(at, at + shortestEverywhere)) ?? []
      const length = lengths.find(candidate => references.has(text.slice(at, at + candidate)))
      if (length === undefined) continue
      clean += text.slice(copied, at) + (references.get(text.slice(at, at + length)) ?? '')
      copied = at + length
      at = copied - 1
    }
    return copied === 0 ? text : clean + text.slice(copied)
  }
}

const toWellFormed = (text: string) => text.toWellFormed()
const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

/** A copy of plain data with `hide` on every text and every field name; numbers that spell a key go too. */
export function hideIn<T>(value: T, hide: HideText): T {
  return hide === nothingToHide ? value : (hideValue(value as JsonValue, hide) as T)
}

function hideValue(value: JsonValue, hide: HideText): JsonValue {
  if (typeof value === 'string') return hide(value)
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) {
    const digits = String(value)
    const hidden = hide(digits)
    return hidden === digits ? value : hidden
  }
  if (Array.isArray(value)) return value.map(item => hideValue(item, hide))
  if (typeof value !== 'object' || value === null) return value
  // fromEntries makes own fields of any name, `__proto__` too.
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => [hide(name), hideValue(item, hide)]),
  )
}
