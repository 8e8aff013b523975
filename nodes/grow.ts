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

/** What a combo's choice brings along, by the names it has in a prompt; nothing for an input without choices. */
export function chosenInputs(
  name: string,
  { choices }: Input<unknown>,
  choice: unknown,
): [string, Input<unknown>][] {
  const brought =
    typeof choice === 'string' && choices && Object.hasOwn(choices, choice) ? choices[choice] : {}
  return Object.entries(brought ?? {}).map(([child, given]) => [`${name}.${child}`, given])
}

/** The values of grown inputs as one record for each input that grew; a choice and what it brings along as one too. */
export function gather(
  inputs: Readonly<Record<string, unknown>>,
  growing: ReadonlyMap<string, Grow>,
  choosing: readonly (readonly [string, Input<unknown>])[],
): Record<string, unknown> {
  const gathered: Record<string, unknown> = {}
  for (const name of growing.keys()) gathered[name] = {}
  for (const [name, input] of choosing) {
    const defaults = chosenInputs(name, input, inputs[name]).map(([child, { options, spec }]) => [
      child.slice(name.length + 1),
      options.default ?? (typeof spec === 'string' ? undefined : spec[0]),
    ])
    gathered[name] = { ...Object.fromEntries(defaults), choice: inputs[name] }
  }
  for (const [name, value] of Object.entries(inputs)) {
    const dot = name.indexOf('.')
    const group = dot < 0 ? undefined : gathered[name.slice(0, dot)]
    if (Object.hasOwn(gathered, name)) continue
    if (group) (group as Record<string, unknown>)[name.slice(dot + 1)] = value
    else gathered[name] = value
  }
  return gathered
}
