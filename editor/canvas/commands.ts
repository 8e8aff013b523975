import { controlledValue, layoutColumns } from '../node-types/index.ts'
import type { CanvasContext } from './context.ts'
import { EditorNode } from './editor-node.ts'
import type { EditorView } from './editor-view.ts'
import { type LGraph, LGraphGroup, type LGraphNode, LiteGraph, Subgraph, titleHeight } from './lib.ts'

export const muted = 2
const bypassed = 4

/** What menus and keys do with the selection. Each is one step of undo. */
export function createCommands(view: EditorView, context: CanvasContext) {
  const graph = (): LGraph => view.graph as LGraph
  const edit = (change: () => void): void => {
    change()
    context.edited()
  }
  /** All of them on, or, when all are on already, all of them off. */
  const setMode = (mode: number) => () =>
    edit(() => {
      const nodes = view.selectedNodes()
      const isOn = nodes.every(node => node.mode === mode)
      for (const node of nodes) node.mode = isOn ? 0 : mode
    })

  return {
    selectAll: () => {
      view.selectItems()
      context.redraw()
    },
    deleteSelected: () =>
      edit(() => {
        for (const item of [...view.selectedItems]) {
          if ('inputs' in item) graph().remove(item as LGraphNode)
          else if (item instanceof LGraphGroup) graph().remove(item)
          else graph().removeReroute(item.id as never)
        }
        view.deselectAll()
      }),
    mute: setMode(muted),
    bypass: setMode(bypassed),
    collapse: () =>
      edit(() => {
        for (const node of view.selectedNodes()) node.collapse(true)
      }),
    pin: () =>
      edit(() => {
        const nodes = view.selectedNodes()
        const isPinned = nodes.every(node => node.pinned)
        for (const node of nodes) node.pin(!isPinned)
        for (const group of view.selectedGroups()) group.pin(!isPinned)
      }),
    group: (title: string) =>
      edit(() => {
        const nodes = view.selectedNodes()
        if (nodes.length === 0) return
        const group = new LGraphGroup(title)
        group.resizeTo(new Set(nodes), 20)
        graph().add(group)
        view.deselectAll()
        view.select(group)
      }),
    ungroup: () =>
      edit(() => {
        for (const group of view.selectedGroups()) graph().remove(group)
      }),
    toSubgraph: () =>
      edit(() => {
        if (view.selectedNodes().length === 0) return
        const { node } = graph().convertToSubgraph(new Set(view.selectedItems))
        view.deselectAll()
        view.select(node as LGraphNode)
      }),
    leaveSubgraph(): boolean {
      if (!(view.graph instanceof Subgraph)) return false
      view.setGraph(view.graph.rootGraph)
      context.redraw()
      return true
    },
    rename: (nodeId: string, title: string) =>
      edit(() => {
        const node = graph().getNodeById(nodeId)
        if (node) node.title = title
      }),
    setColor: (colour: string | undefined) =>
      edit(() => {
        const option =
          colour === undefined ? null : (view.constructor as typeof EditorView).node_colors[colour]
        for (const node of view.selectedNodes()) node.setColorOption(option ?? null)
        for (const group of view.selectedGroups()) group.setColorOption(option ?? null)
      }),
    align: (edge: 'left' | 'right' | 'top' | 'bottom') =>
      edit(() => {
        const nodes = view.selectedNodes()
        const at = {
          left: () => Math.min(...nodes.map(node => node.pos[0])),
          right: () => Math.max(...nodes.map(node => node.pos[0] + node.size[0])),
          top: () => Math.min(...nodes.map(node => node.pos[1])),
          bottom: () => Math.max(...nodes.map(node => node.pos[1] + node.size[1])),
        }[edge]()
        for (const node of nodes) {
          if (edge === 'left') node.pos[0] = at
          if (edge === 'right') node.pos[0] = at - node.size[0]
          if (edge === 'top') node.pos[1] = at
          if (edge === 'bottom') node.pos[1] = at - node.size[1]
        }
      }),
    /** The selection, or everything, left to right along the links. */
    arrange: () =>
      edit(() => {
        const chosen = view.selectedNodes()
        const nodes = (chosen.length > 1 ? chosen : graph().nodes).filter(node => !node.pinned)
        const boxes = nodes.map(node => ({
          id: String(node.id),
          width: node.size[0],
          height: node.size[1] + titleHeight,
        }))
        const ids = new Set(boxes.map(box => box.id))
        const edges = [...graph().links.values()]
          .map(link => ({ from: String(link.origin_id), to: String(link.target_id) }))
          .filter(({ from, to }) => ids.has(from) && ids.has(to))
        const start = [
          Math.min(...nodes.map(node => node.pos[0])),
          Math.min(...nodes.map(node => node.pos[1])),
        ] as const
        const places = layoutColumns(boxes, edges, start)
        for (const node of nodes) node.pos = places.get(String(node.id)) ?? node.pos
      }),
    /** Seeds and the like move on, as control_after_generate says. */
    advanceControls(random: () => number): boolean {
      let hasChanged = false
      for (const node of allNodes(graph().rootGraph as LGraph)) {
        if (!(node instanceof EditorNode) || node.mode === muted || node.mode === bypassed) continue
        for (const control of node.editorWidgets) {
          if (control.spec.kind !== 'control') continue
          const { controls } = control.spec
          const target = node.editorWidgets.find(widget => widget.name === controls)
          if (!target) continue
          const bounds = target.spec.kind === 'number' ? target.spec : { step: 1 }
          const isLinked = node.inputs.some(input => input.widget?.name === controls && input.link != null)
          if (isLinked) continue
          const next = controlledValue(target.value, control.value, bounds, random)
          if (next === target.value) continue
          target.value = next
          hasChanged = true
        }
      }
      if (hasChanged) context.edited()
      return hasChanged
    },
    addNode(
      type: string,
      at: readonly [number, number],
      link?: { nodeId: string; slot: number; from: 'output' | 'input' },
    ): string | undefined {
      const node = LiteGraph.createNode(type)
      if (!node) return undefined
      graph().add(node)
      node.setSize(node.computeSize())
      node.pos = [at[0], at[1]]
      const other = link && graph().getNodeById(link.nodeId)
      if (link && other) {
        if (link.from === 'output') connectFrom(other, link.slot, node)
        else {
          connectTo(other, link.slot, node)
          node.pos = [at[0] - node.size[0], at[1]]
        }
      }
      view.deselectAll()
      view.select(node)
      context.edited()
      return String(node.id)
    },
  }
}

export function allNodes(root: LGraph): LGraphNode[] {
  return [root, ...root.subgraphs.values()].flatMap(graph => graph.nodes)
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
