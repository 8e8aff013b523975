import type { GraphNode } from './graph.ts'

/**
 * Which input a bypassed node passes on for one of its outputs (frontend 1.45; reference: resolving a link's source).
 * `wanted` is the type of the input that finally takes it. Undefined: none fits.
 */
export function bypassInput(node: GraphNode, output: number, wanted: string): number | undefined {
  const { inputs } = node
  const given = node.outputTypes[output] ?? '*'
  if (wanted === '*') return inputs.length === 0 ? undefined : output < inputs.length ? output : 0
  const fits = (type: string) => connectable(type, given) && connectable(type, wanted)
  const opposite = inputs[output]
  if (opposite && fits(opposite.type)) return output
  const exact = inputs.findIndex(input => input.type === given)
  if (exact >= 0) return exact
  const first = inputs.findIndex(input => fits(input.type))
  return first >= 0 ? first : undefined
}

/** litegraph's isValidConnection: any with all, equal ignoring case, or a common member of comma lists. */
function connectable(a: string, b: string): boolean {
  if (a === '*' || b === '*') return true
  if (a.toLowerCase() === b.toLowerCase()) return true
  if (!a.includes(',') && !b.includes(',')) return false
  const members = new Set(a.toLowerCase().split(','))
  return b
    .toLowerCase()
    .split(',')
    .some(type => members.has(type))
}
