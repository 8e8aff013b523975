import { isObject } from './json.ts'

/** The smallest reader of unknown data that says where it went wrong: only the fields we read, all others pass. */
export type Reader<T> = (value: unknown, path: string) => T

class SchemaError extends Error {
  constructor(path: string, wanted: string) {
    super(`The server’s answer has no ${wanted} at ${path}.`)
    this.name = 'SchemaError'
  }
}

export const text: Reader<string> = (value, path) => {
  if (typeof value === 'string') return value
  throw new SchemaError(path, 'text')
}
export const number: Reader<number> = (value, path) => {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  throw new SchemaError(path, 'number')
}
export const flag: Reader<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value
  throw new SchemaError(path, 'true or false')
}
export const anything: Reader<unknown> = value => value

export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null || value === undefined ? null : read(value, path))
}
export function optional<T>(read: Reader<T>): Reader<T | undefined> {
  return (value, path) => (value === null || value === undefined ? undefined : read(value, path))
}
export function list<T>(read: Reader<T>): Reader<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new SchemaError(path, 'list')
    return value.map((item, at) => read(item, `${path}[${at}]`))
  }
}
export function record<T>(read: Reader<T>): Reader<Record<string, T>> {
  return (value, path) => {
    if (!isObject(value)) throw new SchemaError(path, 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item, `${path}.${key}`)]))
  }
}
export function object<S extends Record<string, Reader<unknown>>>(
  shape: S,
): Reader<{ [K in keyof S]: ReturnType<S[K]> }> {
  return (value, path) => {
    if (!isObject(value)) throw new SchemaError(path, 'object')
    const entries = Object.entries(shape).map(([key, read]) => [key, read(value[key], `${path}.${key}`)])
    return Object.fromEntries(entries) as { [K in keyof S]: ReturnType<S[K]> }
  }
}

/** A single value of JSON, numbers with all their digits. */
export const scalar: Reader<string | number | bigint | boolean> = (value, path) => {
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return value
  return text(value, path)
}

/** A number with all its digits. */
export const exact: Reader<number | bigint> = (value, path) =>
  typeof value === 'bigint' ? value : number(value, path)
