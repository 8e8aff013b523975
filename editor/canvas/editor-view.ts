import type { CanvasContext, DroppedLink } from './context.ts'
import { drawNodeBody, tintOf } from './draw-node.ts'
import { EditorNode } from './editor-node.ts'
import {
  type CanvasPointerEvent,
  gridStep,
  type LGraph,
  LGraphCanvas,
  LGraphGroup,
  type LGraphNode,
  Reroute,
  type Subgraph,
  titleHeight,
} from './lib.ts'
import { readWheel } from './wheel.ts'

/** Below this zoom nobody can read a widget, so none is drawn. */
const boxScale = 0.33
const calm = matchMedia('(prefers-reduced-motion: reduce)')

/** The library's canvas with our looks, our menus, and less to draw when all is small. */
export class EditorView extends LGraphCanvas {
  readonly context: CanvasContext
  /** After the library has read a press. */
  onPressed: ((event: CanvasPointerEvent) => void) | undefined
  onSubgraphOpened: ((subgraph: Subgraph) => void) | undefined
  #turnsWheel = readWheel()

  constructor(element: HTMLCanvasElement, graph: LGraph, context: CanvasContext) {
    super(element, graph, { skip_render: true })
    this.context = context
    this.allow_searchbox = false
    this.allow_reconnect_links = true
    this.render_canvas_border = false
    this.render_connections_border = false
    this.render_connections_shadows = false
    this.render_shadows = false
    this.show_info = false
    this.background_image = ''
    this.links_render_mode = 2
    this.connections_width = 2.5
    // Sharper screens show smaller letters.
    this.low_quality_zoom_threshold = boxScale / Math.max(1, window.devicePixelRatio)
    this.ds.min_scale = 0.05
    this.ds.max_scale = 4
    // Sizes are computed for every node at opening; the library's own measuring remembers nothing.
    const ruler = document.createElement('canvas').getContext('2d')
    const known = new Map<string, number>()
    LGraphCanvas._measureText = (text, font = '13px sans-serif') => {
      if (!ruler || !text) return 0
      const key = `${font}|${text}`
      let width = known.get(key)
      if (width === undefined) {
        ruler.font = font
        width = ruler.measureText(text).width
        if (known.size > 10_000) known.clear()
        known.set(key, width)
      }
      return width
    }
    // Private methods of the library need this instance, so it is told here what to leave to us.
    this.linkConnector.events.addEventListener('dropped-on-canvas', event => this.#linkDropped(event))
  }

  override drawNodeShape(
    node: LGraphNode,
    ctx: CanvasRenderingContext2D,
    size: Parameters<LGraphCanvas['drawNodeShape']>[2],
  ): void {
    drawNodeBody(ctx, this.context, node, {
      size,
      isSelected: !!node.selected,
      now: calm.matches ? 0 : performance.now(),
    })
  }

  override drawNode(node: LGraphNode, ctx: CanvasRenderingContext2D): void {
    if (this.low_quality) {
      this.#drawBox(node, ctx)
      return
    }
    const alpha = this.editor_alpha
    if (node.mode === 2 || node.mode === 4) this.editor_alpha = 0.45
    super.drawNode(node, ctx)
    this.editor_alpha = alpha
  }

  /** Far away: a box, its title's colour, its state. */
  #drawBox(node: LGraphNode, ctx: CanvasRenderingContext2D): void {
    const { palette, host } = this.context
    const [width = 0, height = 0] = node.collapsed ? [180, 0] : [node.size[0], node.size[1]]
    const strip = host.stripOf(this.context.addressOf(node))
    ctx.globalAlpha = node.mode === 2 || node.mode === 4 ? 0.4 : 1
    ctx.fillStyle = node.bgcolor ?? palette.node
    ctx.fillRect(0, 0, width, height)
    ctx.fillStyle =
      strip?.tone === 'bad'
        ? palette.bad
        : strip?.tone === 'run'
          ? palette.accent
          : strip?.tone === 'good'
            ? palette.good
            : (node.color ?? tintOf(this.context, node instanceof EditorNode ? node.nodeType : undefined))
    ctx.fillRect(0, -titleHeight, width, titleHeight)
    if (node.selected) {
      ctx.strokeStyle = palette.accentInk
      ctx.lineWidth = 2 / this.ds.scale
      ctx.strokeRect(0, -titleHeight, width, height + titleHeight)
    }
    ctx.globalAlpha = 1
  }

  override drawConnections(ctx: CanvasRenderingContext2D): void {
    if (!this.low_quality || this.subgraph) {
      super.drawConnections(ctx)
      return
    }
    // Far away: straight lines, one stroke for each colour.
    const { graph } = this
    if (!graph) return
    this.renderedPaths.clear()
    const paths = new Map<string, Path2D>()
    const { palette } = this.context
    for (const link of graph.links.values()) {
      const from = graph.getNodeById(link.origin_id)
      const to = graph.getNodeById(link.target_id)
      if (!from || !to) continue
      const colour = palette.links[String(link.type)] ?? palette.plainLink
      const path = paths.get(colour) ?? new Path2D()
      paths.set(colour, path)
      path.moveTo(from.pos[0] + from.size[0], from.pos[1] + 20 + link.origin_slot * 20)
      path.lineTo(to.pos[0], to.pos[1] + 20 + link.target_slot * 20)
    }
    ctx.lineWidth = 1.4 / this.ds.scale
    for (const [colour, path] of paths) {
      ctx.strokeStyle = colour
      ctx.stroke(path)
    }
  }

  /** Links of what is chosen, in a colour that shows on both grounds; the library knows only white. */
  override renderLink(...args: Parameters<LGraphCanvas['renderLink']>): void {
    const marked = this.highlighted_links
    const link = args[3]
    if (link && marked[(link as { id: number }).id]) {
      args[6] = this.context.palette.accentInk
      this.highlighted_links = {}
    }
    super.renderLink(...args)
    this.highlighted_links = marked
  }

  override drawBackCanvas(): void {
    this.clear_background_color = this.context.palette.ground
    super.drawBackCanvas()
  }

  /** A quiet grid of dots, drawn before the links. */
  drawGrid(ctx: CanvasRenderingContext2D): void {
    if (this.ds.scale < 0.4) return
    const [x = 0, y = 0, width = 0, height = 0] = this.visible_area
    const step = this.ds.scale < 0.8 ? gridStep * 2 : gridStep
    ctx.fillStyle = this.context.palette.grid
    const dot = 1.6
    ctx.beginPath()
    for (let top = Math.floor(y / step) * step; top < y + height; top += step) {
      for (let left = Math.floor(x / step) * step; left < x + width; left += step) {
        ctx.rect(left - dot / 2, top - dot / 2, dot, dot)
      }
    }
    ctx.fill()
  }

  override processMouseDown(event: PointerEvent): void {
    super.processMouseDown(event)
    this.onPressed?.(event as CanvasPointerEvent)
  }

  override openSubgraph(subgraph: Subgraph): void {
    this.onSubgraphOpened?.(subgraph)
  }

  /** A wheel zooms; two fingers on a trackpad move the view, and pinch to zoom. */
  override processMouseWheel(event: WheelEvent): void {
    if (!this.graph || !this.allow_dragcanvas) return
    event.preventDefault()
    const turn = this.#turnsWheel(event)
    if (turn.kind === 'zoom') {
      this.ds.changeScale(this.ds.scale * turn.factor, [event.clientX, event.clientY], turn.isStep)
    } else {
      this.ds.offset[0] = (this.ds.offset[0] ?? 0) - turn.x / this.ds.scale
      this.ds.offset[1] = (this.ds.offset[1] ?? 0) - turn.y / this.ds.scale
    }
    this.setDirty(true, true)
  }

  override processContextMenu(node: LGraphNode | undefined, event: CanvasPointerEvent): void {
    const at = { x: event.clientX, y: event.clientY }
    const { host } = this.context
    if (node) {
      host.openMenu({ kind: 'node', nodeId: this.context.addressOf(node) }, at)
      return
    }
    const reroute = this.graph?.getRerouteOnPos(event.canvasX, event.canvasY)
    if (reroute) {
      const remove = () => {
        this.graph?.removeReroute(reroute.id)
        this.context.edited()
      }
      host.openMenu({ kind: 'reroute', remove }, at)
      return
    }
    const group = this.graph?.getGroupOnPos(event.canvasX, event.canvasY)
    if (group) {
      this.processSelect(group, event, true)
      host.openMenu({ kind: 'group', groupId: group.id }, at)
      return
    }
    host.openMenu({ kind: 'canvas', at: [event.canvasX, event.canvasY] }, at)
  }

  override showLinkMenu(
    segment: Parameters<LGraphCanvas['showLinkMenu']>[0],
    event: CanvasPointerEvent,
  ): boolean {
    const { graph } = this
    const { id } = segment as { id: number }
    this.context.host.openMenu(
      {
        kind: 'link',
        remove: () => {
          graph?.removeLink(id)
          this.context.edited()
        },
      },
      { x: event.clientX, y: event.clientY },
    )
    return false
  }

  /** Only what the library keeps to itself: the hand (space), snapping (shift), letting go of a link (escape). All other keys are ours. */
  override processKey(event: KeyboardEvent): void {
    if (event.key === ' ' || event.key === 'Shift' || event.key === 'Escape') super.processKey(event)
  }

  /** The one the double click of an empty place leads to. */
  searchAt(
    event: { clientX: number; clientY: number; canvasX: number; canvasY: number },
    link?: DroppedLink,
  ): void {
    this.context.host.searchNode({ x: event.clientX, y: event.clientY }, [event.canvasX, event.canvasY], link)
  }

  #linkDropped(event: CustomEvent<CanvasPointerEvent>): void {
    const [first] = this.linkConnector.renderLinks
    if (!first) return
    // A link that was there and is pulled off into empty space is removed; a new one asks for its other end.
    const isNew = !('link' in first) || first.link === undefined || first.link === null
    const { node, fromSlotIndex, fromSlot, toType } = first as unknown as {
      node: LGraphNode
      fromSlotIndex: number
      fromSlot: { type: unknown }
      toType: 'input' | 'output'
    }
    if (!isNew || typeof fromSlotIndex !== 'number') return
    event.preventDefault()
    this.searchAt(event.detail, {
      nodeId: this.context.addressOf(node),
      slot: fromSlotIndex,
      from: toType === 'input' ? 'output' : 'input',
      type: String(fromSlot.type),
    })
  }

  removeSelected(): void {
    const { graph } = this
    for (const item of [...this.selectedItems]) {
      if ('inputs' in item) graph?.remove(item as LGraphNode)
      else if (item instanceof LGraphGroup) graph?.remove(item)
      else if (item instanceof Reroute) graph?.removeReroute(item.id)
    }
    this.deselectAll()
  }

  selectedNodes(): LGraphNode[] {
    return [...this.selectedItems].filter((item): item is LGraphNode => 'inputs' in item)
  }
  /** What a command is for: the chosen nodes, or, where only groups are chosen, what lies in them. */
  meantNodes(): LGraphNode[] {
    const nodes = this.selectedNodes()
    if (nodes.length > 0) return nodes
    const inside = this.selectedGroups().flatMap(group => {
      group.recomputeInsideNodes()
      return [...group.children].filter((item): item is LGraphNode => 'inputs' in item)
    })
    return [...new Set(inside)]
  }
  selectedGroups(): LGraphGroup[] {
    return [...this.selectedItems].filter((item): item is LGraphGroup => item instanceof LGraphGroup)
  }
}
