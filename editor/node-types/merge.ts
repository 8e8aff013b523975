import { isObject, type Json, type JsonObject, jsonEqual } from '../api/index.ts'

/**
 * What the canvas saves, laid over what the file said. `before` is what the canvas would have saved right after opening: where that and
 * `now` agree nobody changed anything, and the file's own words stand, including what the canvas does not know.
 */
export function mergeBack(file: Json, before: Json, now: Json): Json {
  if (jsonEqual(before, now)) return file
  if (isObject(file) && isObject(before) && isObject(now)) return mergeObjects(file, before, now)
  if (Array.isArray(file) && Array.isArray(before) && Array.isArray(now)) return mergeLists(file, before, now)
  return now
}

function mergeObjects(file: JsonObject, before: JsonObject, now: JsonObject): JsonObject {
  const result: JsonObject = {}
  for (const [key, written] of Object.entries(file)) {
    const [then, current] = [before[key], now[key]]
    if (jsonEqual(then, current)) result[key] = written
    else if (current !== undefined) {
      result[key] = then === undefined ? current : mergeBack(written, then, current)
    }
  }
  for (const [key, current] of Object.entries(now)) {
    // Defaults that the canvas made up are not written into a file that did without.
    if (!(key in file) && current !== undefined && !jsonEqual(before[key], current)) result[key] = current
  }
  return result
}

function mergeLists(file: Json[], before: Json[], now: Json[]): Json[] {
  const key = keyOf(file) && keyOf(before) && keyOf(now)
  if (!key) return now
  const written = byKey(file, key)
  const then = byKey(before, key)
  const current = byKey(now, key)
  if (!written || !then || !current) return now
  const kept = [...written].flatMap(([id, item]) => {
    const present = current.get(id)
    // Gone on the canvas; or never understood by it, then it stays.
    if (present === undefined) return then.has(id) ? [] : [item]
    return [mergeBack(item, then.get(id) ?? null, present)]
  })
  const added = [...current].filter(([id]) => !written.has(id)).map(([, item]) => item)
  return [...kept, ...added]
}

type Key = (item: Json) => string | undefined

const byId: Key = item => {
  if (isObject(item) && (typeof item.id === 'string' || typeof item.id === 'number')) return `#${item.id}`
  // Links of version 0.4: [id, from, slot, to, slot, type].
  if (Array.isArray(item) && item.length >= 5 && item[0] !== null) return `#${String(item[0])}`
  return undefined
}
const byName: Key = item => (isObject(item) && typeof item.name === 'string' ? `.${item.name}` : undefined)

function keyOf(items: Json[]): Key | undefined {
  return [byId, byName].find(key => items.every(item => key(item) !== undefined))
}

/** Undefined when two share a key: then their order is all there is. */
function byKey(items: Json[], key: Key): Map<string, Json> | undefined {
  const map = new Map(items.map(item => [key(item) ?? '', item]))
  return map.size === items.length ? map : undefined
}
