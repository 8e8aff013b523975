import type { CanvasContext, DroppedLink } from './context.ts'
import { advanceControls, bypassed, muted } from './controls.ts'
import type { EditorView } from './editor-view.ts'
import { createGroupCommands } from './group-commands.ts'
import { type LGraph, type LGraphNode, LiteGraph, Subgraph, SubgraphNode } from './lib.ts'
import { createPlaceCommands } from './place-commands.ts'
import type { SubgraphPath } from './subgraph-path.ts'

/** What menus and keys do with the selection. Each is one step of undo. */
export function createCommands(view: EditorView, context: CanvasContext, path: SubgraphPath) {
  const graph = (): LGraph => view.graph as LGraph
  const edit = (change: () => void): void => {
    change()
    context.edited()
  }
  /** All of them on, or, when all are on already, all of them off. */
  const setMode = (mode: number) => () =>
    edit(() => {
      const nodes = view.meantNodes()
      const isOn = nodes.every(node => node.mode === mode)
      for (const node of nodes) node.mode = isOn ? 0 : mode
    })

  return {
    ...createPlaceCommands(view, context),
    ...createGroupCommands(view, context),
    selectAll: () => {
      view.selectItems()
      context.redraw()
    },
    deleteSelected: () => edit(() => view.removeSelected()),
    mute: setMode(muted),
    bypass: setMode(bypassed),
    collapse: () =>
      edit(() => {
        for (const node of view.meantNodes()) node.collapse(true)
      }),
    pin: () =>
      edit(() => {
        const items = [...view.selectedNodes(), ...view.selectedGroups()]
        const isPinned = items.every(item => item.pinned)
        for (const item of items) item.pin(!isPinned)
      }),
    toSubgraph: (title: string) =>
      edit(() => {
        const nodes = view.meantNodes()
        if (nodes.length === 0) return
        const { node, subgraph } = graph().convertToSubgraph(new Set([...nodes, ...view.selectedItems]))
        subgraph.name = title
        node.title = title
        // The library writes down the names of slots as they are shown; another language would read them.
        for (const slot of [...subgraph.inputs, ...subgraph.outputs, ...node.inputs, ...node.outputs]) {
          delete slot.localized_name
        }
        view.selectItems([node as LGraphNode])
      }),
    /** Into the subgraph a node stands for. */
    enterSubgraph(nodeId: string): void {
      const node = path.find(nodeId)
      if (node instanceof SubgraphNode) path.enter(node)
    },
    /** One step out; false when nothing had to be left. */
    leaveSubgraph: (): boolean => path.leaveTo(Math.max(0, path.titles().length - 1)),
    /** Out, until `depth` subgraphs are left around what is shown. */
    leaveTo: (depth: number) => path.leaveTo(depth),
    setColor: (colour: string | undefined) =>
      edit(() => {
        const option =
          colour === undefined ? null : (view.constructor as typeof EditorView).node_colors[colour]
        for (const node of view.selectedNodes()) node.setColorOption(option ?? null)
        for (const group of view.selectedGroups()) group.setColorOption(option ?? null)
      }),
    /** Seeds and the like move on, as control_after_generate says. */
    advanceControls(random: () => number): boolean {
      const hasChanged = advanceControls(graph().rootGraph as LGraph, random)
      if (hasChanged) context.edited()
      return hasChanged
    },
    /** Puts a node down, with values of its own and joined to where a link was let go; its address. */
    addNode(
      type: string,
      at: readonly [number, number],
      how: { link?: DroppedLink; values?: Readonly<Record<string, string>>; title?: string } = {},
    ): string | undefined {
      const node = LiteGraph.createNode(type)
      if (!node) return undefined
      graph().add(node)
      node.setSize(node.computeSize())
      node.pos = [at[0], at[1]]
      for (const widget of node.widgets ?? []) {
        const value = how.values?.[widget.name]
        if (value !== undefined) widget.value = value
      }
      if (how.title !== undefined) node.title = how.title
      const { link } = how
      const other = link && path.find(link.nodeId)
      if (link && other) {
        if (link.from === 'output') connectFrom(other, link.slot, node)
        else {
          connectTo(other, link.slot, node)
          node.pos = [at[0] - node.size[0], at[1]]
        }
      } else if (link && view.graph instanceof Subgraph) connectBorder(view.graph, link, node)
      view.selectItems([node])
      context.edited()
      return context.addressOf(node)
    },
  }
}

/** A link let go that came from the border of the shown subgraph; from its empty slot it makes a new one. */
function connectBorder(subgraph: Subgraph, link: DroppedLink, node: LGraphNode): void {
  if (link.from === 'output') {
    const slot = subgraph.inputs[link.slot] ?? subgraph.inputNode.emptySlot
    const input = node.inputs.find(candidate => LiteGraph.isValidConnection(slot.type, candidate.type))
    if (input) slot.connect(input, node)
  } else {
    const slot = subgraph.outputs[link.slot] ?? subgraph.outputNode.emptySlot
    const output = node.outputs.find(candidate => LiteGraph.isValidConnection(candidate.type, slot.type))
    if (output) slot.connect(output, node)
    node.pos = [node.pos[0] - node.size[0], node.pos[1]]
  }
}

function connectFrom(from: LGraphNode, slot: number, to: LGraphNode): void {
  const type = from.outputs[slot]?.type ?? '*'
  const exact = to.inputs.findIndex(input => input.type === type && input.link == null)
  const at = exact >= 0 ? exact : to.inputs.findIndex(input => LiteGraph.isValidConnection(type, input.type))
  if (at >= 0) from.connect(slot, to, at)
}

function connectTo(to: LGraphNode, slot: number, from: LGraphNode): void {
  const type = to.inputs[slot]?.type ?? '*'
  const at = from.outputs.findIndex(output => LiteGraph.isValidConnection(output.type, type))
  if (at >= 0) from.connect(at, to, slot)
}
