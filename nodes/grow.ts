import type { Grow, Input } from './inputs.ts'

/** An input that grows as the inputs it stands for in a prompt; any other as itself. */
export function spread(name: string, given: Input<unknown>): [string, Input<unknown>][] {
  const { grow, ...rest } = given
  if (!grow) return [[name, given]]
  return grow.names.map((child, index) => [
    `${name}.${child}`,
    { ...rest, optional: index >= grow.min, grownFrom: name },
  ])
}

/** The values of grown inputs as one record for each input that grew. */
export function gather(
  inputs: Readonly<Record<string, unknown>>,
  growing: ReadonlyMap<string, Grow>,
): Record<string, unknown> {
  const gathered: Record<string, unknown> = {}
  for (const name of growing.keys()) gathered[name] = {}
  for (const [name, value] of Object.entries(inputs)) {
    const dot = name.indexOf('.')
    const group = dot < 0 ? undefined : gathered[name.slice(0, dot)]
    if (group) (group as Record<string, unknown>)[name.slice(dot + 1)] = value
    else gathered[name] = value
  }
  return gathered
}
