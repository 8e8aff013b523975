import type { JsonValue } from '../shared/lossless-json.ts'
import { parseJson } from '../shared/lossless-json.ts'
import type { Random } from './random.ts'
import type { FaultAction, FaultPlace, FaultRule } from './types.ts'

export type Faults = {
  add(rules: FaultRule[]): void
  clear(): void
  list(): FaultRule[]
  /** The action to play on this request, if any; counts the rule's `skip` and `times` down. */
  choose(place: FaultPlace, targets: readonly string[]): FaultAction | null
}

type ArmedRule = { rule: FaultRule; skip: number; left: number }

export function createFaults(first: FaultRule[], random: Random): Faults {
  let armed: ArmedRule[] = []
  const add = (rules: FaultRule[]) => {
    for (const rule of rules) armed.push({ rule, skip: rule.skip ?? 0, left: rule.times ?? 1 })
  }
  add(first)
  return {
    add,
    clear: () => {
      armed = []
    },
    list: () => armed.map(({ rule, skip, left }) => ({ ...rule, skip, times: left })),
    choose(place, targets) {
      for (const entry of armed) {
        const { rule } = entry
        if (rule.on !== '*' && rule.on !== place) continue
        if (rule.targetId !== undefined && !targets.includes(rule.targetId)) continue
        if (entry.skip > 0) {
          entry.skip--
          continue
        }
        if (rule.probability !== undefined && random.next() >= rule.probability) continue
        entry.left--
        if (entry.left <= 0) armed = armed.filter(other => other !== entry)
        return rule.do
      }
      return null
    },
  }
}

const places: readonly string[] = [
  'create',
  'outputs',
  'status',
  'upload',
  'file',
  'socket',
  'cancel',
  'json',
  'account',
  '*',
]

/** Reads rules posted to `/__sandbox/faults`: one or a list. Returns what is wrong as text. */
export function readFaultRules(value: JsonValue): FaultRule[] | string {
  const rules: FaultRule[] = []
  for (const item of Array.isArray(value) ? value : [value]) {
    if (!isObject(item)) return 'a rule is an object { on, do }'
    const action = readFaultAction(item.do ?? null)
    if (typeof action === 'string') return action
    if (typeof item.on !== 'string' || !places.includes(item.on)) return `"on" is one of ${places.join(', ')}`
    const rule: FaultRule = { on: item.on as FaultPlace, do: action }
    if (typeof item.targetId === 'string') rule.targetId = item.targetId
    for (const name of ['times', 'skip', 'probability'] as const) {
      const number = item[name]
      if (typeof number === 'number') rule[name] = number
    }
    rules.push(rule)
  }
  return rules
}

/** Reads one action, e.g. of the header `X-Sandbox-Fault`. */
function readFaultAction(value: JsonValue): FaultAction | string {
  if (!isObject(value) || typeof value.kind !== 'string') return 'an action is an object with a "kind"'
  const numbers = numbersOf[value.kind]
  if (numbers === undefined) return `"kind" is one of ${Object.keys(numbersOf).join(', ')}`
  for (const name of numbers) {
    if (typeof value[name] !== 'number') return `"${value.kind}" needs a number "${name}"`
  }
  if (value.kind === 'code' && typeof value.msg !== 'string') return '"code" needs a text "msg"'
  // Every field the union needs for this kind was checked above.
  return value as unknown as FaultAction
}

/** The number fields each kind of action must have. */
const numbersOf: Record<string, readonly string[]> = {
  code: ['code'],
  http: ['status'],
  hang: [],
  reset: [],
  'commit-then-reset': [],
  'commit-then-hang': [],
  'commit-late': ['ms'],
  'commit-then-http': ['status'],
  truncate: ['afterBytes'],
  delay: ['ms'],
  slow: ['bytesPerSecond'],
  garbage: [],
  empty: [],
}

/** The action in an `X-Sandbox-Fault` header; a header that is none is ignored, as the cloud ignores it. */
export function faultOfHeader(header: string | string[] | undefined): FaultAction | null {
  if (typeof header !== 'string') return null
  try {
    const action = readFaultAction(parseJson(header))
    return typeof action === 'string' ? null : action
  } catch {
    return null // Not JSON: somebody else's header.
  }
}

export function isObject(value: unknown): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
