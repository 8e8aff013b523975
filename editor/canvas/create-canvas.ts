import type { JsonObject } from '../api/index.ts'
import { copyItems, isClipboard, pasteItems } from './clipboard.ts'
import { allNodes, createCommands } from './commands.ts'
import type { CanvasContext, CanvasHost, NodeType } from './context.ts'
import { createGraphDocument } from './document.ts'
import { shownTitle } from './draw-node.ts'
import { EditorNode } from './editor-node.ts'
import { EditorView } from './editor-view.ts'
import { type FoundProblem, findProblems, type ProblemWords } from './find-problems.ts'
import { openInlineInput } from './inline-input.ts'
import { configureLibrary, LGraph, type LGraphNode, paintLibrary, stripHeight, titleHeight } from './lib.ts'
import { createMinimap } from './minimap.ts'
import { createOverlay } from './overlay.ts'
import { readPalette } from './palette.ts'
import { createResultPlaces } from './results.ts'
import { bindTouch } from './touch.ts'

export type NodeFacts = {
  readonly id: string
  readonly type: string
  readonly title: string
  readonly nodeType: NodeType | undefined
  readonly mode: number
  readonly isPinned: boolean
  readonly isCollapsed: boolean
}

export type View = { readonly scale: number; readonly offset: readonly [number, number] }

export type GraphCanvas = ReturnType<typeof createCanvas>

/** The canvas as the page knows it. Everything of the library stays behind this. */
export function createCanvas(parent: HTMLElement, host: CanvasHost) {
  configureLibrary()
  const element = document.createElement('canvas')
  element.className = 'graph-canvas'
  element.tabIndex = 0
  element.setAttribute('role', 'application')
  const layer = document.createElement('div')
  layer.className = 'canvas-layer'
  const overlayRoot = document.createElement('div')
  overlayRoot.className = 'canvas-overlay'
  layer.append(overlayRoot)
  parent.append(element, layer)

  const overlay = createOverlay(overlayRoot)
  const context: CanvasContext = {
    host,
    overlay,
    palette: readPalette(),
    types: new Map(),
    redraw: () => view.setDirty(true, true),
    edited: () => {
      view.setDirty(true, true)
      host.onEdited()
    },
    screenBox(node, [x, y, width, height]) {
      const canvas = element.getBoundingClientRect()
      const { scale, offset } = view.ds
      return {
        x: canvas.left + ((node.pos[0] ?? 0) + x + (offset[0] ?? 0)) * scale,
        y: canvas.top + ((node.pos[1] ?? 0) + y + (offset[1] ?? 0)) * scale,
        width: width * scale,
        height: height * scale,
      }
    },
  }
  const graph = new LGraph()
  const view = new EditorView(element, graph, context)
  const doc = createGraphDocument(context, graph)
  const commands = createCommands(view, context)
  const results = createResultPlaces()
  const minimap = createMinimap(view, context)
  layer.append(minimap.element)
  let frameTimes: number[] | undefined

  bindTouch(parent, view, context.redraw)
  // The wheel zooms over fields and pictures too, unless what lies there scrolls and is being used.
  overlayRoot.addEventListener(
    'wheel',
    event => {
      const target = event.target instanceof Element ? event.target : undefined
      const scrolls =
        target?.closest('.result-text') ?? (target === document.activeElement ? target : undefined)
      if (scrolls && !event.ctrlKey && scrolls.scrollHeight > scrolls.clientHeight) return
      view.processMouseWheel(event)
    },
    { passive: false },
  )
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
  element.addEventListener('litegraph:canvas', event => {
    const { subType, originalEvent } = (event as CustomEvent<{ subType: string; originalEvent: MouseEvent }>)
      .detail
    if (subType === 'empty-double-click' || subType === 'group-double-click') {
      view.searchAt(originalEvent as never)
    }
  })
  view.onNodeDblClicked = node => {
    if (view.graph_mouse[1] > node.pos[1]) return
    renameNode(node)
  }
  // A gesture ends with the pointer's release, wherever that is. What it did is compared, not guessed.
  window.addEventListener('pointerup', () => setTimeout(() => host.onEdited(), 0))

  function renameNode(node: LGraphNode): void {
    openInlineInput(context, {
      node: node as never,
      box: [titleHeight - 6, -titleHeight + 4, Math.max(120, node.size[0] - titleHeight - 4), 22],
      label: 'title',
      value: node.title,
      commit(text) {
        const own = (node.constructor as { title?: string }).title
        node.title = text.trim() === '' ? (own ?? String(node.type)) : text.trim()
      },
    })
  }

  function resize(): void {
    const { clientWidth, clientHeight } = parent
    const ratio = window.devicePixelRatio
    element.style.width = `${clientWidth}px`
    element.style.height = `${clientHeight}px`
    view.resize(Math.round(clientWidth * ratio), Math.round(clientHeight * ratio))
    element.getContext('2d')?.setTransform(ratio, 0, 0, ratio, 0, 0)
    view.setDirty(true, true)
  }
  new ResizeObserver(resize).observe(parent)
  resize()

  function frame(): void {
    const hasWork = view.dirty_canvas || view.dirty_bgcanvas
    const startedAt = performance.now()
    if (hasWork) {
      view.dirty_canvas = true
      view.draw()
      frameTimes?.push(performance.now() - startedAt)
    }
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)

  function find(nodeId: string): LGraphNode | undefined {
    // Inside subgraphs ids are joined by colons; the outermost node stands for them.
    const [outer = nodeId] = nodeId.split(':')
    return graph.getNodeById(outer) ?? graph.getNodeById(Number(outer)) ?? undefined
  }

  function facts(node: LGraphNode): NodeFacts {
    return {
      id: String(node.id),
      type: String(node.type),
      title: node.title,
      nodeType: node instanceof EditorNode ? node.nodeType : undefined,
      mode: node.mode,
      isPinned: node.pinned,
      isCollapsed: node.collapsed,
    }
  }

  function fit(): void {
    const nodes = view.graph?.nodes ?? []
    if (nodes.length === 0) return
    const left = Math.min(...nodes.map(node => node.pos[0]))
    const top = Math.min(...nodes.map(node => node.pos[1] - titleHeight))
    const right = Math.max(...nodes.map(node => node.pos[0] + node.size[0]))
    const bottom = Math.max(...nodes.map(node => node.pos[1] + node.size[1]))
    const { clientWidth, clientHeight } = parent
    const scale = Math.min(1, (clientWidth - 60) / (right - left), (clientHeight - 60) / (bottom - top))
    view.ds.scale = Math.max(view.ds.min_scale, scale)
    view.ds.offset[0] = clientWidth / 2 / view.ds.scale - (left + right) / 2
    view.ds.offset[1] = clientHeight / 2 / view.ds.scale - (top + bottom) / 2
    context.redraw()
  }

  return {
    element,
    commands,
    fit,
    redraw: context.redraw,
    focus: () => element.focus(),
    isInSubgraph: () => view.graph !== graph,
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
    open(file: JsonObject, at?: View): void {
      results.clear()
      view.deselectAll()
      if (view.graph !== graph) view.setGraph(graph)
      doc.open(file)
      if (at) {
        view.ds.scale = at.scale
        view.ds.offset[0] = at.offset[0]
        view.ds.offset[1] = at.offset[1]
      }
      context.redraw()
    },
    /** The same graph at another point of its history: what is shown stays where it is. */
    restore(file: JsonObject): void {
      const kept = results.ids().flatMap(id => {
        const node = find(id)
        const place = node && results.of(node as never)
        return place ? [[id, place] as const] : []
      })
      const selected = view.selectedNodes().map(node => node.id)
      const path = view.graph
      view.deselectAll()
      if (path !== graph) view.setGraph(graph)
      results.clear()
      doc.open(file)
      for (const [id, place] of kept) this.showResult(id, place.element, place.minHeight)
      for (const id of selected) {
        const node = graph.getNodeById(id)
        if (node) view.select(node)
      }
      host.onSelected()
      context.redraw()
    },
    save: (): JsonObject => doc.save(),
    view: (): View => ({ scale: view.ds.scale, offset: [view.ds.offset[0] ?? 0, view.ds.offset[1] ?? 0] }),
    nodes: (): NodeFacts[] => graph.nodes.map(facts),
    node: (id: string): NodeFacts | undefined => {
      const node = find(id)
      return node && facts(node)
    },
    valueOf: (id: string, name: string) => {
      const node = find(id)
      return node instanceof EditorNode ? node.widgetValue(name) : undefined
    },
    selectedIds: (): string[] => view.selectedNodes().map(node => String(node.id)),
    hasSelection: () => view.selectedItems.size > 0,
    select(ids: readonly string[]): void {
      view.deselectAll()
      for (const id of ids) {
        const node = find(id)
        if (node) view.select(node)
      }
      host.onSelected()
      context.redraw()
    },
    /** Brings a node into the middle, at a zoom it can be read at. */
    reveal(id: string): void {
      const node = find(id)
      if (!node) return
      if (view.graph !== graph) view.setGraph(graph)
      const scale = Math.max(0.7, Math.min(1, view.ds.scale))
      view.ds.scale = scale
      view.ds.offset[0] = parent.clientWidth / 2 / scale - (node.pos[0] + node.size[0] / 2)
      view.ds.offset[1] = parent.clientHeight / 2 / scale - (node.pos[1] + node.size[1] / 2)
      this.select([id])
    },
    rename(id: string): void {
      const node = find(id)
      if (node) renameNode(node)
    },
    zoom(factor: number): void {
      const box = element.getBoundingClientRect()
      view.ds.changeScale(view.ds.scale * factor, [box.left + box.width / 2, box.top + box.height / 2])
      context.redraw()
    },
    setLocked(isLocked: boolean): void {
      view.read_only = isLocked
    },
    toggleMinimap: () => minimap.toggle(),
    copy: (): string | undefined =>
      view.selectedItems.size === 0
        ? undefined
        : copyItems(view.graph as LGraph, view.selectedNodes(), view.selectedGroups()),
    canPaste: isClipboard,
    paste(text: string, options: { keepOuterLinks: boolean; at?: readonly [number, number] }): boolean {
      const at = options.at ?? ([view.graph_mouse[0] ?? 0, view.graph_mouse[1] ?? 0] as const)
      const pasted = pasteItems(view.graph as LGraph, text, {
        at,
        keepOuterLinks: options.keepOuterLinks,
        find: doc.find,
      })
      if (!pasted) return false
      view.deselectAll()
      for (const item of [...pasted.nodes, ...pasted.groups]) view.select(item)
      context.edited()
      host.onSelected()
      return true
    },
    /** Where in the graph a point of the page is. */
    toGraph(clientX: number, clientY: number): [number, number] {
      const box = element.getBoundingClientRect()
      const [x = 0, y = 0] = view.ds.convertCanvasToOffset([clientX - box.left, clientY - box.top])
      return [x, y]
    },
    /** Where on the page a slot or a widget of a node is; for tests and for things that point at nodes. */
    place(
      id: string,
      part: { input: string } | { output: number } | { widget: string } | 'title',
    ): { x: number; y: number } | undefined {
      const node = find(id)
      if (!node) return undefined
      const box = element.getBoundingClientRect()
      const toPage = ([x = 0, y = 0]: ArrayLike<number> & Iterable<number>) => ({
        x: box.left + (x + (view.ds.offset[0] ?? 0)) * view.ds.scale,
        y: box.top + (y + (view.ds.offset[1] ?? 0)) * view.ds.scale,
      })
      if (part === 'title') return toPage([node.pos[0] + node.size[0] / 2, node.pos[1] - titleHeight / 2])
      if ('output' in part) return toPage(node.getOutputPos(part.output))
      if ('input' in part) {
        const at = node.inputs.findIndex(input => input.name === part.input)
        return at < 0 ? undefined : toPage(node.getInputPos(at))
      }
      const widget = node.widgets?.find(({ name }) => name === part.widget)
      return widget && toPage([node.pos[0] + node.size[0] / 2, node.pos[1] + widget.y + 12])
    },
    nodeAt(clientX: number, clientY: number): string | undefined {
      const [x, y] = this.toGraph(clientX, clientY)
      const node = view.graph?.getNodeOnPos(x, y)
      return node ? String(node.id) : undefined
    },
    /** Gives a file to the picker of a node; false when it has none. */
    giveFile(id: string, file: File): boolean {
      const node = find(id)
      const widget = node instanceof EditorNode ? node.fileWidget() : undefined
      void widget?.takeFile(file)
      return widget !== undefined
    },
    showResult(id: string, content: HTMLElement, minHeight: number): void {
      const node = find(id)
      if (!node) return
      results.remove(id)
      content.classList.add('node-results')
      results.set(id, { element: content, minHeight })
      const top = () => {
        const last = node.widgets?.findLast(widget => !(widget as { hidden?: boolean }).hidden)
        if (last) return last.y + (last.computedHeight ?? 24) + 4
        const rows = Math.max(node.inputs.length, node.outputs.length, 1)
        return stripHeight + rows * 20 + 8
      }
      overlay.add({
        element: content,
        node: node as never,
        box: () => [8, top(), node.size[0] - 16, node.size[1] - top() - 8],
        minScale: 0.1,
      })
      if (node instanceof EditorNode && !node.collapsed) {
        const [, height = 0] = node.computeSize()
        node.growTo(Math.max(height, top() + minHeight + 8))
      }
      context.redraw()
    },
    findProblems: (words: ProblemWords): FoundProblem[] =>
      findProblems(graph, node => shownTitle(context, node), words, context.types),
    /** After the language changed. */
    relabel(): void {
      for (const node of allNodes(graph)) if (node instanceof EditorNode) node.relabel(host.labelOf)
      context.redraw()
    },
    clearResults: () => results.clear(),
    /** Counts what the graph holds. */
    counts: () => ({ nodes: allNodes(graph).length, links: graph.links.size }),
    /** Starts and ends the measuring of frames; for the bench. */
    measure(): () => number[] {
      frameTimes = []
      return () => frameTimes ?? []
    },
  }
}
