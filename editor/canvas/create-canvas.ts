import type { JsonObject } from '../api/index.ts'
import { fitValue, normaliseWorkflow } from '../node-types/index.ts'
import { createCamera } from './camera.ts'
import { asClipboard, copyItems, isClipboard, pasteItems } from './clipboard.ts'
import { createCommands } from './commands.ts'
import type { CanvasContext, CanvasHost, NodeType } from './context.ts'
import { allNodes } from './controls.ts'
import { createGraphDocument, settle } from './document.ts'
import { bindDuplicateDrag } from './duplicate-drag.ts'
import { defineGroups, findGroup } from './editor-group.ts'
import { EditorNode, frozenPin, setFrozenPin } from './editor-node.ts'
import { EditorView } from './editor-view.ts'
import { bindGestures } from './gestures.ts'
import { configureLibrary, LGraph, type LGraphNode, LiteGraph, paintLibrary, SubgraphNode } from './lib.ts'
import { createMinimap } from './minimap.ts'
import { createPlaces } from './node-places.ts'
import { createNodeResults } from './node-results.ts'
import { outputsAfter } from './outputs-after.ts'
import { createOverlay } from './overlay.ts'
import { readPalette } from './palette.ts'
import { rename } from './rename.ts'
import { makeStage, runStage } from './stage.ts'
import { createSubgraphPath, type View } from './subgraph-path.ts'
import { bindTooltips } from './tooltips.ts'
import { bindTouch } from './touch.ts'
import { createWidgetKeys } from './widget-keys.ts'

export type NodeFacts = {
  readonly id: string
  readonly type: string
  readonly title: string
  readonly nodeType: NodeType | undefined
  readonly mode: number
  readonly isPinned: boolean
  readonly isCollapsed: boolean
  readonly isSubgraph: boolean
  /** The pin that keeps its result. */
  readonly frozen: string | undefined
}

export type GraphCanvas = ReturnType<typeof createCanvas>

/** The canvas as the page knows it. Everything of the library stays behind this. Nodes go by their addresses. */
export function createCanvas(parent: HTMLElement, host: CanvasHost) {
  configureLibrary()
  const stage = makeStage(parent)
  const { element } = stage
  const graph = new LGraph()
  const overlay = createOverlay(stage.overlayRoot)
  const context: CanvasContext = {
    host,
    overlay,
    palette: readPalette(),
    types: new Map(),
    isOpening: false,
    redraw: () => view.setDirty(true, true),
    edited: () => {
      view.setDirty(true, true)
      host.onEdited()
    },
    addressOf: node => path.addressOf(node),
    keys: {
      isFocused: widget => keys.isFocused(widget),
      moveOn: (...step) => keys.moveOn(...step),
      takeBack: () => keys.takeBack(),
    },
    screenBox(node, [x, y, width, height]) {
      const corner = places.toPage([(node.pos[0] ?? 0) + x, (node.pos[1] ?? 0) + y])
      return { ...corner, width: width * view.ds.scale, height: height * view.ds.scale }
    },
  }
  defineGroups(context)
  const view = new EditorView(element, graph, context)
  const camera = createCamera(view, stage)
  const path = createSubgraphPath(view, graph, {
    onChanged: () => host.onPathChanged(path.titles()),
    fit: camera.fit,
  })
  const places = createPlaces(view, element, path.find)
  const keys = createWidgetKeys(view, {
    context: () => context,
    path,
    parent,
    element,
    live: stage.live,
    bringIntoView: camera.bringIntoView,
  })
  const doc = createGraphDocument(context, graph)
  const commands = createCommands(view, context, path)
  const results = createNodeResults(context, path)
  const minimap = createMinimap(view, context)
  stage.layer.append(minimap.element)
  bindTouch(parent, view, context.redraw)
  bindDuplicateDrag(view, context)
  bindGestures(view, context, stage)
  bindTooltips(view, context, stage)
  view.onSubgraphOpened = subgraph => {
    const door = path.entrance(subgraph, view.graph_mouse)
    if (door) path.enter(door)
  }
  view.onDrawBackground = ctx => view.drawGrid(ctx)
  view.onDrawForeground = () => {
    overlay.follow({
      scale: view.ds.scale,
      offset: view.ds.offset,
      visible: view.visible_area,
      shown: node => (node as unknown as LGraphNode).graph === view.graph,
    })
    minimap.draw()
  }
  view.onSelectionChange = () => host.onSelected()
  const measure = runStage(stage, view)

  function facts(node: LGraphNode, id: string): NodeFacts {
    return {
      id,
      type: String(node.type),
      title: node.title,
      nodeType: node instanceof EditorNode ? node.nodeType : undefined,
      mode: node.mode,
      isPinned: node.pinned,
      isCollapsed: node.collapsed,
      isSubgraph: node instanceof SubgraphNode,
      frozen: frozenPin(node),
    }
  }

  const self = {
    element,
    commands,
    measure,
    fit: camera.fit,
    zoom: camera.zoom,
    redraw: context.redraw,
    focus: () => element.focus(),
    toGraph: places.toGraph,
    toPage: places.toPage,
    place: places.place,
    box: places.box,
    showResult: results.show,
    setTypes(types: ReadonlyMap<string, NodeType>): void {
      context.types.clear()
      for (const [name, type] of types) context.types.set(name, type)
      doc.registerTypes()
    },
    applyTheme(): void {
      context.palette = readPalette()
      paintLibrary(context.palette)
      view.node_title_color = context.palette.text
      view.default_link_color = context.palette.plainLink
      view.default_connection_color_byType = { ...context.palette.links }
      view.default_connection_color_byTypeOff = { ...context.palette.links }
      context.redraw()
    },
    readAhead: doc.readAhead,
    open(file: JsonObject, at?: View): void {
      results.clear()
      view.deselectAll()
      path.reset()
      doc.open(file)
      if (at) path.lookAt(at)
      context.redraw()
    },
    /** The same graph at another point of its history: what is shown stays where it is. */
    restore(file: JsonObject): void {
      const selected = self.selectedIds()
      view.deselectAll()
      // A gesture that was not over has nothing left to act on.
      view.pointer.reset()
      results.keep(() => {
        doc.open(file)
        path.stay()
        // A press before the next frame would find the nodes that stood here.
        view.computeVisibleNodes(undefined, view.visible_nodes)
      })
      self.select(selected)
    },
    save: (): JsonObject => doc.save(),
    /** Whether something is being dragged: what is there now is no step yet. */
    isInGesture: () => view.pointer.dragStarted,
    /** How the graph itself is looked at, also while a subgraph of it is shown. */
    view: (): View => path.rootView(),
    nodes: (): NodeFacts[] => graph.nodes.map(node => facts(node, String(node.id))),
    node: (id: string): NodeFacts | undefined => {
      const node = path.find(id)
      return node && facts(node, id)
    },
    selectedIds: (): string[] => view.selectedNodes().map(path.addressOf),
    hasSelection: () => view.selectedItems.size > 0,
    select(ids: readonly string[]): void {
      const nodes = ids.flatMap(id => path.find(id) ?? []).filter(node => node.graph === view.graph)
      view.selectItems(nodes)
      host.onSelected()
      context.redraw()
    },
    /** Brings a node into the middle, whatever graph it is in. */
    reveal(id: string): void {
      const node = path.find(id)
      if (!node) return
      path.goToGraphOf(node.graph === graph ? String(node.id) : id)
      camera.reveal(node)
      self.select([context.addressOf(node)])
    },
    rename(id: string): void {
      const node = path.find(id)
      if (node) rename(context, node)
    },
    renameGroup(groupId: number): void {
      const group = findGroup(view.graph, groupId)
      if (group) rename(context, group)
    },
    /** Whether a node's result is kept for good, and by which pin; one step of undo. */
    setFrozen(id: string, pin: string | undefined): void {
      const node = path.find(id)
      if (!node) return
      setFrozenPin(node, pin)
      context.edited()
    },
    /** Whether a node has these inputs as widgets that no link feeds: then their values can be written. */
    canSet(id: string, names: readonly string[]): boolean {
      const node = path.find(id)
      if (!(node instanceof EditorNode)) return false
      const isFree = (name: string) => !node.inputs.some(slot => slot.name === name && slot.link != null)
      return names.every(name => node.widgetValue(name) !== undefined && isFree(name))
    },
    /** Writes values of a node's widgets; one step of undo. */
    setValues(id: string, values: Readonly<Record<string, string | number | bigint | boolean>>): void {
      const node = path.find(id)
      if (!(node instanceof EditorNode)) return
      for (const widget of node.editorWidgets) {
        const value = values[widget.name]
        if (value !== undefined) widget.value = fitValue(widget.spec, value)
      }
      context.edited()
    },
    /** The outputs a node leads to: itself, when it is one. */
    outputsAfter: (id: string): string[] => outputsAfter(graph, id),
    setLocked(isLocked: boolean): void {
      view.read_only = isLocked
    },
    /** Whether whatever is moved lands on the grid; with Shift it does in any case. */
    setSnapping(isOn: boolean): void {
      LiteGraph.alwaysSnapToGrid = isOn
    },
    toggleMinimap: () => minimap.toggle(),
    copy: (): string | undefined =>
      view.selectedItems.size === 0
        ? undefined
        : copyItems(view.graph as LGraph, view.selectedNodes(), view.selectedGroups()),
    canPaste: isClipboard,
    paste(text: string, options: { keepOuterLinks: boolean; at?: readonly [number, number] }): boolean {
      const at = options.at ?? ([view.graph_mouse[0] ?? 0, view.graph_mouse[1] ?? 0] as const)
      const { keepOuterLinks } = options
      const pasted = pasteItems(view.graph as LGraph, text, { at, keepOuterLinks, find: doc.find })
      if (!pasted) return false
      view.selectItems([...pasted.nodes, ...pasted.groups, ...pasted.reroutes])
      context.edited()
      host.onSelected()
      return true
    },
    /** Puts the nodes of a workflow into the graph that is shown. */
    insert(file: JsonObject, at: readonly [number, number]): void {
      const text = asClipboard(normaliseWorkflow(file, doc.find))
      const pasted = pasteItems(view.graph as LGraph, text, { at, keepOuterLinks: false, find: doc.find })
      for (const node of pasted?.nodes ?? []) settle(node)
      view.selectItems([...(pasted?.nodes ?? [])])
      context.edited()
      host.onSelected()
    },
    nodeAt(clientX: number, clientY: number): string | undefined {
      const node = view.graph?.getNodeOnPos(...places.toGraph(clientX, clientY))
      return node ? context.addressOf(node) : undefined
    },
    /** Where in the graph the pointer was last. */
    pointerPlace: (): [number, number] => [view.graph_mouse[0] ?? 0, view.graph_mouse[1] ?? 0],
    /** Gives a file to the picker of a node; false when it has none for such a file. */
    giveFile(id: string, file: File, how: { readonly isPasted?: boolean } = {}): boolean {
      const node = path.find(id)
      const widget = node instanceof EditorNode ? node.pickerFor(file) : undefined
      // What goes wrong is told where it happens.
      widget?.takeFile(file, how).catch(() => {})
      return widget !== undefined
    },
    /** After the language changed. */
    relabel(): void {
      for (const node of allNodes(graph)) if (node instanceof EditorNode) node.relabel(host.labelOf)
      context.redraw()
    },
    /** Counts what the graph holds. */
    counts: () => ({ nodes: allNodes(graph).length, links: graph.links.size }),
  }
  return self
}
