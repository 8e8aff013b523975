import type { Force } from '../executor/index.ts'
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
