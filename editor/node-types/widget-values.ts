import { isObject, type Json, type JsonObject } from '../api/index.ts'
import type { NodeType, WidgetSpec, WidgetValue } from './types.ts'
import { controlModes } from './types.ts'

/**
 * widgets_values of a file -> one value for each widget of today's definition (ComfyUI: widgets_values).
 * What is missing takes the definition's default.
 */
export function readWidgetValues(
  type: NodeType,
  stored: Json | undefined,
  stalePositions: number,
): WidgetValue[] {
  if (isObject(stored)) {
    return type.widgets.map(spec => (spec.name in stored ? fitValue(spec, stored[spec.name]) : spec.default))
  }
  const values = Array.isArray(stored) ? [...stored] : []
  const counted = type.widgets.filter(spec => spec.kind !== 'constant').length
  // Files before frontend 1.16 hold dummy values for inputs that are only sockets.
  if (stalePositions > 0 && values.length === counted + stalePositions) values.splice(counted)
  const result: WidgetValue[] = []
  let at = 0
  for (const spec of type.widgets) {
    if (spec.kind === 'control') {
      const found = controlValue(values[at])
      result.push(found ?? spec.default)
      if (found !== undefined) at++
    } else {
      result.push(at < values.length ? fitValue(spec, values[at]) : spec.default)
      at++
    }
  }
  return result
}

/** widgets_values of a node: a list in the order of its widgets, or by name where each node has its own. */
export function writeWidgetValues(type: NodeType, values: readonly WidgetValue[]): Json {
  const stored = type.widgets.map((spec, at) =>
    storedValue(spec, values[at] === undefined ? spec.default : values[at]),
  )
  if (!type.storesByName) return stored
  return Object.fromEntries(type.widgets.map(({ name }, at) => [name, stored[at] ?? null]))
}

/** A widget's value as files and prompts have it. */
export function storedValue(spec: WidgetSpec, value: WidgetValue): Json {
  return spec.kind === 'box' ? (readBox(String(value)) ?? null) : value
}

const boxSides = ['x', 'y', 'width', 'height'] as const

/** The four numbers of a box, also of one people typed; undefined for anything that is none. */
export function boxText(box: Json | undefined): string | undefined {
  const sized = typeof box === 'string' ? readBox(box) : box
  if (!isObject(sized)) return undefined
  const sides = boxSides.map(side => sized[side])
  return sides.every(side => Number.isInteger(side)) ? sides.join(', ') : undefined
}

/** Four whole numbers as people type them: `x, y, width, height`, nothing narrower than a pixel. */
function readBox(text: string): JsonObject | undefined {
  const [x = 0, y = 0, width = 0, height = 0, ...more] = text.split(/[\s,;x×]+/).map(Number)
  const isBox = [x, y, width, height].every(Number.isInteger) && more.length === 0
  return isBox && x >= 0 && y >= 0 && width > 0 && height > 0 ? { x, y, width, height } : undefined
}

function controlValue(value: Json | undefined): WidgetValue | undefined {
  // Old KSamplers: true and false.
  if (value === true) return 'randomize'
  if (value === false) return 'fixed'
  return controlModes.find(mode => mode === value)
}

/** Keeps what was written where the widget can hold it. */
export function fitValue(spec: WidgetSpec, value: Json | undefined): WidgetValue {
  if (value === null || value === undefined) return spec.default
  if (Array.isArray(value)) return fitValue(spec, value[0])
  if (spec.kind === 'box') return boxText(value) ?? spec.default
  if (typeof value === 'object') return spec.default
  if (spec.kind === 'toggle') return typeof value === 'boolean' ? value : value === 'true' || value === 1
  if (spec.kind === 'number') return typeof value === 'string' ? (parseNumber(value, spec) ?? value) : value
  if (spec.kind === 'primitive') return value
  if (spec.kind === 'text' || spec.kind === 'textarea' || spec.kind === 'key') return String(value)
  if (spec.kind === 'markdown' || spec.kind === 'set-name') return String(value)
  return value
}

/** A number as people type it: whole ones exact to the last digit, others as doubles; undefined when it is none. */
export function parseNumber(text: string, spec: { isWhole: boolean }): number | bigint | undefined {
  const clean = text.trim().replace(/[,_\s]/g, '')
  if (clean === '') return undefined
  if (/^[+-]?\d+$/.test(clean)) {
    const exact = BigInt(clean.replace(/^\+/, ''))
    const short = Number(exact)
    return Number.isSafeInteger(short) ? short : exact
  }
  const value = Number(clean)
  if (!Number.isFinite(value)) return undefined
  return spec.isWhole ? Math.round(value) : value
}

/** Within the bounds, compared exactly whatever mix of number and bigint. */
export function clampNumber(
  value: number | bigint,
  spec: { min?: number | bigint; max?: number | bigint },
): number | bigint {
  if (spec.min !== undefined && value < spec.min) return spec.min
  if (spec.max !== undefined && value > spec.max) return spec.max
  return value
}

/** The next value after queueing (ComfyUI: control_after_generate; the random range ends at 2^50). */
export function controlledValue(
  value: WidgetValue,
  mode: WidgetValue,
  spec: { min?: number | bigint; max?: number | bigint; step: number },
  random: () => number,
): WidgetValue {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value
  const step = Number.isInteger(spec.step) ? BigInt(Math.max(1, spec.step)) : 1n
  const exact = typeof value === 'bigint' ? value : BigInt(Math.round(value))
  if (mode === 'increment') return clampNumber(shortest(exact + step), spec)
  if (mode === 'decrement') return clampNumber(shortest(exact - step), spec)
  if (mode !== 'randomize') return value
  const limit = 2 ** 50
  const low = Math.max(-limit, Number(spec.min ?? 0))
  const high = Math.min(limit, Number(spec.max ?? limit))
  return Math.floor(low + random() * (high - low))
}

function shortest(value: bigint): number | bigint {
  const short = Number(value)
  return Number.isSafeInteger(short) ? short : value
}
