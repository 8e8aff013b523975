import type { Force } from '../executor/index.ts'
import type { RunRequest } from '../main.ts'
import type { JsonValue } from '../shared/lossless-json.ts'
import { HttpError } from './answer.ts'

/** Which nodes extra_data asks to make anew: `bridge.force`, node ids or true for everything. Throws `bad-force`. */
export function forceIn(extra: { readonly [key: string]: JsonValue }): Force | undefined {
  const own = extra.bridge
  const force = typeof own === 'object' && own !== null && !Array.isArray(own) ? own.force : undefined
  if (force === undefined || force === null || force === false) return undefined
  if (force === true) return true
  if (Array.isArray(force) && force.every(id => typeof id === 'string' || typeof id === 'number')) {
    return force.map(String)
  }
  throw new HttpError(
    400,
    'bad-force',
    '"bridge.force" names no nodes.',
    'Send a list of node ids, or true for everything.',
  )
}

/** What a run may spend (extra_data.bridge): `capCoins` for itself, `group` with `groupCoins` for runs that share a cap. */
export function spendingIn(extra: { readonly [key: string]: JsonValue }): RunRequest['spending'] {
  const own = extra.bridge
  if (typeof own !== 'object' || own === null || Array.isArray(own)) return undefined
  const amount = (value: JsonValue | undefined) =>
    typeof value === 'number' && value > 0 ? value : undefined
  const [capCoins, coins] = [amount(own.capCoins), amount(own.groupCoins)]
  const id = typeof own.group === 'string' && own.group !== '' ? own.group : undefined
  return {
    ...(capCoins !== undefined && { capCoins }),
    ...(id !== undefined && { group: { id, ...(coins !== undefined && { coins }) } }),
  }
}
