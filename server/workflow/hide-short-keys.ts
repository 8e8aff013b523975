import type { JsonValue } from '../shared/lossless-json.ts'
import { keyReference } from '../shared/secrets.ts'
import type { Catalogue, Draft } from './draft.ts'
import { isObject, type JsonObject } from './json.ts'
import type { FoundKey } from './keys.ts'
import { virtualKind } from './virtual.ts'

/**
 * Keys so short that they could be words are replaced only where they stand alone among the values of nodes that take
 * keys, of nodes nobody knows, and of PrimitiveNodes.
 */
export function hideShortKeys(
  workflow: JsonObject,
  keys: readonly FoundKey[],
  catalogue: Catalogue,
): JsonObject {
  if (keys.length === 0) return workflow
  const references = new Map(keys.map(({ key, name }) => [key, keyReference(name)] as const))
  const holdsKeys = (type: string) => {
    const definition = catalogue.find(type)?.definition
    if (definition) return [...definition.inputs.values()].some(input => input.secret)
    const kind = virtualKind(type)
    return kind === undefined || kind === 'primitive'
  }
  const replace = (value: JsonValue): JsonValue => {
    const text = typeof value === 'object' ? undefined : String(value).trim()
    if (text !== undefined) return references.get(text) ?? value
    if (Array.isArray(value)) return value.map(replace)
    return isObject(value) ? mapFields(value, replace) : value
  }
  const visit = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(visit)
    if (!isObject(value)) return value
    const isHolder =
      typeof value.type === 'string' && value.widgets_values !== undefined && holdsKeys(value.type)
    return mapFields(value, (item, name) =>
      isHolder && name === 'widgets_values' ? replace(item) : visit(item),
    )
  }
  return visit(workflow) as JsonObject
}

/** In a prompt the places are known: what is said there becomes the reference and nothing else, without spaces around. */
export function hideKeysAtTheirPlaces(draft: Draft, keys: readonly FoundKey[]): void {
  for (const { key, name, places } of keys) {
    for (const { nodeId, input } of places) {
      const inputs = draft.nodes.get(nodeId)?.inputs
      const value = inputs?.get(input)
      if (typeof value !== 'object' && String(value).trim() === key) inputs?.set(input, keyReference(name))
    }
  }
}

function mapFields(object: JsonObject, change: (value: JsonValue, name: string) => JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]))
}
