import type { JsonValue } from '../shared/lossless-json.ts'

/** Small readers for parsed JSON of unknown shape. */
export type JsonObject = { [key: string]: JsonValue }

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field by a name that comes from the file: never one of Object's own. */
export function fieldOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

export function listIn(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}

export function textIn(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Ids are numbers in most files and texts in some; inside the house they are texts. */
export function idIn(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}

/** A slot number; old files write some of them as texts (`"0"`). */
export function slotIn(value: JsonValue | undefined): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}

/** Names from files go into sentences cut to this: a type name of 1 MB must not be repeated for every link. */
export function brief(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
