import type { Input, NodeDefinition } from '../../nodes/define-node.ts'
import { messageOf } from '../shared/errors.ts'
import type { JsonValue } from '../shared/lossless-json.ts'
import type { GraphNode } from './graph.ts'
import { fieldOf, isObject } from './json.ts'
import type { Notices } from './notices.ts'

type Widget = { readonly name: string; readonly input: Input<unknown> }
type NamedValues = Map<string, JsonValue>

const controlWords = new Set<unknown>(['fixed', 'increment', 'decrement', 'randomize', 'increment-wrap'])
/** What upload buttons and players leave behind the real values (reference: frontend-only widgets). */
const fillers = new Set<unknown>([null, '', 'image', 'upload', false])

/** widgets_values of a known node -> values by input name; what the file does not say is the definition's default. */
export function nameValues(
  definition: NodeDefinition,
  node: GraphNode,
  nodeId: string,
  notices: Notices,
): NamedValues {
  const widgets: Widget[] = []
  for (const [name, input] of definition.inputs) if (input.widget) widgets.push({ name, input })
  const stored = isObject(node.values)
    ? valuesOfObject(node.values, definition)
    : walkList(definition, widgets, node, nodeId, notices)
  const named: NamedValues = new Map()
  const give = (name: string, input: Input<unknown>) => {
    const written = stored.get(name)
    const value = written === undefined || written === null ? defaultOf(input) : written
    if (value !== undefined) named.set(name, value)
    for (const brought of broughtBy({ name, input }, value)) give(brought.name, brought.input)
  }
  for (const { name, input } of widgets) give(name, input)
  // Formats of VHS_VideoCombine bring inputs that no definition lists; the class takes them by name.
  for (const [name, value] of stored) if (!definition.inputs.has(name)) named.set(name, value)
  return named
}

/** widgets_values of an unknown node, as far as they can be named without its definition. */
export function nameUnknownValues(node: GraphNode): NamedValues {
  if (isObject(node.values)) return valuesOfObject(node.values)
  if (!Array.isArray(node.values)) return new Map()
  const names = node.inputs.flatMap(slot => (slot.widget === undefined ? [] : [slot.widget]))
  const values = node.values
  const named: NamedValues = new Map()
  let at = 0
  for (const name of names) {
    if (at >= values.length) return new Map()
    const value = values[at++]
    if (value !== null && value !== undefined) named.set(name, value)
    if ((name === 'seed' || name === 'noise_seed') && controlWords.has(values[at])) at++
  }
  // Before frontend 1.16 only some widgets had a slot: then the count does not fit and no value can be trusted.
  return values.slice(at).every(value => fillers.has(value)) ? named : new Map()
}

/** Object form (VideoHelperSuite and others). Button captions and previews are no values. */
function valuesOfObject(values: { [key: string]: JsonValue }, definition?: NodeDefinition): NamedValues {
  const named: NamedValues = new Map()
  for (const name of Object.keys(values)) {
    const value = fieldOf(values, name)
    const scalar = typeof value !== 'object' || Array.isArray(value)
    const isName = /^[A-Za-z_][\w.]*$/.test(name) || definition?.moreInputs?.(name) !== undefined
    if (value !== undefined && scalar && isName) named.set(name, value)
  }
  return named
}

function walkList(
  definition: NodeDefinition,
  widgets: readonly Widget[],
  node: GraphNode,
  nodeId: string,
  notices: Notices,
): NamedValues {
  if (!Array.isArray(node.values)) return new Map()
  const today = migrate(definition, node.values, node, nodeId, notices)
  const values = withoutForcedDummies(definition, widgets, today)
  const strict = walk(widgets, values, 'strict')
  const fits = (end: ReturnType<typeof walk>) =>
    end.named.size === end.count && values.slice(end.used).every(value => fillers.has(value))
  const end = fits(strict) ? strict : walk(widgets, values, 'lenient')
  const ignored = values.slice(end.used).filter(value => !fillers.has(value) && !controlWords.has(value))
  if (ignored.length > 0) {
    const count = ignored.length === 1 ? 'one more value' : `${ignored.length} more values`
    notices.add('values-ignored', `the file has ${count} than ${definition.type} has inputs for`, nodeId)
  }
  return end.named
}

function migrate(
  definition: NodeDefinition,
  values: readonly JsonValue[],
  node: GraphNode,
  nodeId: string,
  notices: Notices,
): readonly JsonValue[] {
  if (!definition.migrateWidgets) return values
  try {
    const today = definition.migrateWidgets(values, {
      outputs: node.outputTypes.length,
    }) as readonly JsonValue[]
    const changed = today.length !== values.length || today.some((value, index) => value !== values[index])
    if (changed) {
      notices.add('old-layout', `the values of an older ${definition.type} were put in today's order`, nodeId)
    }
    return today
  } catch (error) {
    // A definition that cannot read an odd file must not keep the rest of it from opening.
    notices.add('old-layout', `the values are read as they are: ${messageOf(error)}`, nodeId)
    return values
  }
}

/** Files before frontend 1.16 hold a dummy for each input that is a socket only by `forceInput`. */
function withoutForcedDummies(
  definition: NodeDefinition,
  widgets: readonly Widget[],
  values: readonly JsonValue[],
): readonly JsonValue[] {
  const inputs = [...definition.inputs].filter(([, input]) => input.widget || input.options.forceInput)
  const forced = inputs.length - widgets.length
  const controls = widgets.filter(hasControl).length
  if (forced === 0 || values.length !== inputs.length + controls) return values
  let at = 0
  return inputs.flatMap(([name, input]) => {
    const count = input.widget && hasControl({ name, input }) ? 2 : 1
    const mine = values.slice(at, at + count)
    at += count
    return input.widget ? mine : []
  })
}

function walk(widgets: readonly Widget[], values: readonly JsonValue[], manner: 'strict' | 'lenient') {
  const named: NamedValues = new Map()
  let at = 0
  const all = [...widgets]
  for (const [index, widget] of all.entries()) {
    if (at >= values.length) break
    const value = values[at++]
    if (value !== undefined) named.set(widget.name, value)
    all.splice(index + 1, 0, ...broughtBy(widget, value))
    const next = all[index + 1]
    const word = values[at]
    if (hasControl(widget)) {
      if (isControl(word, next) && (manner === 'strict' || !couldHold(next, word))) at++
      // A combo with control may be followed by its filter.
      const isCombo = typeof widget.input.spec !== 'string'
      if (isCombo && typeof values[at] === 'string' && values.length - at > all.length - index - 1) at++
    } else if (/seed/i.test(widget.name) && controlWords.has(word) && !couldHold(next, word)) at++
  }
  return { named, used: at, count: all.length }
}

/** The widgets that a combo's choice brings along. */
function broughtBy({ name, input: { choices } }: Widget, choice: JsonValue | undefined): Widget[] {
  if (typeof choice !== 'string' || !choices || !Object.hasOwn(choices, choice)) return []
  const brought = Object.entries(choices[choice] ?? {}).filter(([, { widget }]) => widget)
  return brought.map(([child, input]) => ({ name: `${name}.${child}`, input }))
}

/** The rule of the frontend: the option, or for an INT without it exactly these two names. */
function hasControl({ name, input }: Widget): boolean {
  const option = input.options.control_after_generate
  if (option !== undefined) return option !== false
  return input.spec === 'INT' && (name === 'seed' || name === 'noise_seed')
}

function isControl(word: JsonValue | undefined, next: Widget | undefined): boolean {
  // Very old KSamplers wrote true and false for randomize and fixed.
  return controlWords.has(word) || (typeof word === 'boolean' && next?.input.spec !== 'BOOLEAN')
}

function couldHold(widget: Widget | undefined, word: JsonValue | undefined): boolean {
  if (!widget || typeof word !== 'string') return false
  const { spec } = widget.input
  return typeof spec === 'string' ? spec === 'STRING' : spec.includes(word)
}

function defaultOf(input: Input<unknown>): JsonValue | undefined {
  if (input.options.default !== undefined) return input.options.default
  return typeof input.spec === 'string' ? undefined : input.spec[0]
}
