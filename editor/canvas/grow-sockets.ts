import { broughtNames, type NodeType, type SocketSpec, shownNames } from '../node-types/index.ts'
import type { LGraphNode } from './lib.ts'

/** Rows of sockets that grow: another one when the last is taken, none too many when links go. Links keep their ends. True when something changed. */
export function growSockets(node: LGraphNode, rows: readonly SocketSpec[]): boolean {
  const names = node.inputs.map(input => input.name).join('\n')
  const used = new Set(node.inputs.filter(input => input.link != null).map(input => input.name))
  for (const socket of rows) {
    const row = new Set(socket.grow?.names)
    const wanted = shownNames(socket, used)
    const isShown = (name: string) => node.inputs.some(input => input.name === name)
    for (const [at, name] of wanted.entries()) {
      if (isShown(name)) continue
      const before = wanted[at - 1]
      const place = node.inputs.findIndex(input => input.name === before) + 1
      const added = node.addInput(name, socket.type, socket.isOptional ? { shape: 7 } : {})
      node.inputs.splice(place, 0, ...node.inputs.splice(node.inputs.indexOf(added), 1))
    }
    for (const input of [...node.inputs]) {
      if (row.has(input.name) && !wanted.includes(input.name))
        node.inputs.splice(node.inputs.indexOf(input), 1)
    }
  }
  if (node.inputs.map(input => input.name).join('\n') === names) return false
  renumberLinks(node)
  return true
}

/** A link says the number of its slot. */
function renumberLinks(node: LGraphNode): void {
  for (const [slot, input] of node.inputs.entries()) {
    const link = node.graph?.getLink(input.link ?? undefined)
    if (link) link.target_slot = slot
  }
}

/** The inputs of what is chosen: those of another choice go with their links, the new ones come, in the order of the type. */
export function swapBrought(node: LGraphNode, type: NodeType): void {
  const wanted = [...type.sockets, ...type.widgets.filter(({ socketType }) => socketType !== undefined)]
  const names = wanted.map(({ name }) => name)
  const brought = broughtNames(type)
  for (const input of [...node.inputs]) {
    if (!brought.has(input.name) || names.includes(input.name)) continue
    node.removeInput(node.inputs.indexOf(input))
  }
  for (const spec of wanted) {
    if (!brought.has(spec.name) || node.inputs.some(input => input.name === spec.name)) continue
    if ('kind' in spec) {
      node.addInput(spec.name, spec.socketType ?? '*', { widget: { name: spec.name } } as never)
    } else node.addInput(spec.name, spec.type, spec.isOptional ? { shape: 7 } : {})
  }
  const placeOf = (name: string) => (names.includes(name) ? names.indexOf(name) : type.sockets.length - 0.5)
  node.inputs.sort((a, b) => placeOf(a.name) - placeOf(b.name))
  renumberLinks(node)
}
