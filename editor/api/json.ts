/** JSON whose whole numbers survive: beyond 2^53 they are bigint in memory and bare digits in text. */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject
export type JsonObject = { [key: string]: Json }

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown

const hasLongNumber = /[0-9]{16}/
const wholeNumber = /^-?[0-9]+$/

const keepDigits: Reviver = (_key, value, context) =>
  typeof value === 'number' &&
  !Number.isSafeInteger(value) &&
  context.source !== undefined &&
  wholeNumber.test(context.source)
    ? BigInt(context.source)
    : value

/** Throws SyntaxError like JSON.parse. */
export function parseJson(text: string): Json {
  // The reviver costs several times the parse, so only texts that can hold a long number pay for it.
  return hasLongNumber.test(text)
    ? (JSON.parse as (text: string, reviver: Reviver) => Json)(text, keepDigits)
    : (JSON.parse(text) as Json)
}

export function writeJson(value: unknown, indent?: number): string {
  return writePlain(value, indent) ?? JSON.stringify(value, bareDigits, indent) ?? 'null'
}

const bareDigits = (_key: string, item: unknown) =>
  typeof item === 'bigint' ? rawJson(item.toString()) : item

/** Undefined where a long number stands: asking at every value takes several times as long, so only such graphs pay for it. */
function writePlain(value: unknown, indent?: number): string | undefined {
  try {
    return JSON.stringify(value, undefined, indent)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** A number literal exactly as written (JSON source text access; not yet in TypeScript's library). */
function rawJson(digits: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(digits)
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A deep copy without shared parts. By hand: `structuredClone` takes many times as long for the small values of a graph. */
export function cloneJson<T>(value: T): T {
  return copyOf(value) as T
}

function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf)
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) setOwn(copy, key, copyOf((value as Record<string, unknown>)[key]))
  return copy
}

/** As JSON.parse does: a key of a file is data, also when it is called `__proto__`. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value
  else Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true })
}

export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((item, at) => jsonEqual(item, b[at]))
  }
  const [left, right] = [a as JsonObject, b as JsonObject]
  // A key that holds undefined is not written, so it does not count.
  const keys = Object.keys(left).filter(key => left[key] !== undefined)
  const others = Object.keys(right).filter(key => right[key] !== undefined)
  return keys.length === others.length && keys.every(key => key in right && jsonEqual(left[key], right[key]))
}
