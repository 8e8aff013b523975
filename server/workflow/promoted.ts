import type { JsonValue } from '../shared/lossless-json.ts'
import type { GraphNode, Link } from './graph.ts'
import { fieldOf, idIn, isObject, listIn, textIn } from './json.ts'
import type { Scope } from './scopes.ts'

/**
 * Widgets a subgraph shows on its instance (reference: subgraphs). The outermost value wins, the inside's own comes last;
 * `undefined` means that no instance says anything.
 */
export function promotedValue(scope: Scope, nodeId: string, widget: string): JsonValue | undefined {
  let found: JsonValue | undefined
  let id = nodeId
  for (let at = scope; at.outer; at = at.outer.scope) {
    const { instance } = at.outer
    const position = proxiesOf(instance).get(proxyKey(id, widget))
    if (position === undefined) break
    found = valueAt(instance, position, widget) ?? found
    id = instance.id
  }
  return found
}

/** The value an instance, or one around it, gives an input of its own that nothing is linked to. */
export function promotedInputValue(scope: Scope, link: Link, input: string): JsonValue | undefined {
  if (!scope.outer) return undefined
  const { instance, scope: around } = scope.outer
  const proxies = proxiesOf(instance)
  const holder = holderOf(scope.graph.nodes.get(link.to), link.id) ?? input
  const position =
    proxies.get(proxyKey('-1', input)) ??
    proxies.get(proxyKey(link.to, holder)) ??
    (proxies.size === 0 ? widgetInputsOf(instance).get(input) : undefined)
  const own = position === undefined ? undefined : valueAt(instance, position, input)
  return promotedValue(around, instance.id, input) ?? own
}

function valueAt(instance: GraphNode, position: number, name: string): JsonValue | undefined {
  const value = isObject(instance.values) ? fieldOf(instance.values, name) : listIn(instance.values)[position]
  return value === null ? undefined : value
}

const proxyKey = (id: string, widget: string) => `${id}\n${widget}`

// Instances with thousands of widgets would make a search for each of them quadratic.
const proxyCache = new WeakMap<GraphNode, ReadonlyMap<string, number>>()
const holderCache = new WeakMap<GraphNode, ReadonlyMap<string | undefined, string>>()
const widgetCache = new WeakMap<GraphNode, ReadonlyMap<string, number>>()

function proxiesOf(instance: GraphNode): ReadonlyMap<string, number> {
  const known = proxyCache.get(instance)
  if (known) return known
  const proxies = new Map<string, number>()
  listIn(instance.properties.proxyWidgets).forEach((entry, position) => {
    const [id, widget] = [idIn(listIn(entry)[0]), textIn(listIn(entry)[1])]
    if (id === undefined || widget === undefined) return
    const key = proxyKey(id, widget)
    if (!proxies.has(key)) proxies.set(key, position)
  })
  proxyCache.set(instance, proxies)
  return proxies
}

/** The name of the input that holds a link. */
function holderOf(node: GraphNode | undefined, linkId: string): string | undefined {
  if (!node) return undefined
  const known = holderCache.get(node) ?? new Map(node.inputs.map(slot => [slot.link, slot.name] as const))
  holderCache.set(node, known)
  return known.get(linkId)
}

/** Before proxyWidgets existed, an instance's values followed those of its inputs that had a widget. */
function widgetInputsOf(instance: GraphNode): ReadonlyMap<string, number> {
  const known = widgetCache.get(instance)
  if (known) return known
  const widgets = instance.inputs.filter(slot => slot.widget !== undefined)
  const positions = new Map(widgets.map((slot, position) => [slot.name, position] as const))
  widgetCache.set(instance, positions)
  return positions
}
