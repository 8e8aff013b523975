import type { CanvasContext, NodeType, Strip } from './context.ts'
import { drawCloud, drawEnter, drawPin, drawPlay, drawSnowflake, drawStop } from './draw-signs.ts'
import { EditorNode, frozenPin, isOfCloud, isPill, signRoom, titleFont } from './editor-node.ts'
import { type LGraphNode, SubgraphNode, stripHeight, titleHeight } from './lib.ts'
import { fitText } from './text.ts'

const radius = 8

type NodeLook = {
  readonly size: ArrayLike<number>
  readonly isSelected: boolean
  readonly now: number
}

/** A node's body, title and strip. Slots and widgets follow. */
export function drawNodeBody(
  ctx: CanvasRenderingContext2D,
  context: CanvasContext,
  node: LGraphNode,
  look: NodeLook,
): void {
  const { palette, host } = context
  const type = node instanceof EditorNode ? node.nodeType : undefined
  const isCollapsed = node.collapsed
  const width = look.size[0] ?? 0
  const height = isCollapsed ? 0 : (look.size[1] ?? 0)
  if (isPill(type)) {
    drawPill(ctx, context, width, { height, isSelected: look.isSelected })
    return
  }
  const strip = stripOf(context, node)
  const hasProblem = host.problemsOf(context.addressOf(node)).length > 0
  ctx.beginPath()
  ctx.roundRect(0, -titleHeight, width, height + titleHeight, radius)
  ctx.fillStyle = node.bgcolor ?? palette.node
  ctx.fill()
  ctx.beginPath()
  ctx.roundRect(0, -titleHeight, width, titleHeight, isCollapsed ? radius : [radius, radius, 0, 0])
  ctx.fillStyle = node.color ?? tintOf(context, type)
  ctx.fill()
  drawOutline(ctx, context, { width, height, strip, hasProblem, isSelected: look.isSelected, type })
  drawTitle(ctx, context, node, { width, type, strip })
  if (!isCollapsed && strip) drawStrip(ctx, context, strip, { width, now: look.now })
}

/** What a node says of itself: its life in the run, else that its result is frozen or that nobody here knows it. */
export function stripOf(context: CanvasContext, node: LGraphNode): Strip | undefined {
  const { host } = context
  const type = node instanceof EditorNode ? node.nodeType : undefined
  if (type?.isVirtual) return undefined
  const life = host.stripOf(context.addressOf(node))
  const isOpen = life && life.tone !== 'muted' && life.tone !== 'good'
  if (!isOpen && frozenPin(node) !== undefined) {
    return { text: host.word('frozen'), tone: 'frozen', isFrozen: true }
  }
  if (life || !type?.isPlaceholder) return life
  return { text: host.word(host.needsGpu(type.type) ? 'gpuNode' : 'unknownNode'), tone: 'muted' }
}

/** The sign at the end of a node's title and where its middle is: runs or stops it, or leads into its subgraph. */
export function signOf(node: LGraphNode): { readonly kind: 'run' | 'enter'; readonly x: number } | undefined {
  const x = (node.collapsed ? (node._collapsed_width ?? node.size[0]) : node.size[0]) - 13
  if (node instanceof SubgraphNode) return { kind: 'enter', x }
  const isRunnable = node instanceof EditorNode && !node.nodeType.isVirtual && !node.nodeType.isPlaceholder
  return isRunnable && node.mode === 0 ? { kind: 'run', x } : undefined
}

function drawPill(
  ctx: CanvasRenderingContext2D,
  { palette }: CanvasContext,
  width: number,
  look: { height: number; isSelected: boolean },
): void {
  ctx.beginPath()
  ctx.roundRect(0, 0, width, look.height, 13)
  ctx.fillStyle = palette.node
  ctx.fill()
  ctx.strokeStyle = look.isSelected ? palette.accentInk : palette.nodeLine
  ctx.lineWidth = look.isSelected ? 2 : 1
  ctx.stroke()
}

function drawOutline(
  ctx: CanvasRenderingContext2D,
  { palette }: CanvasContext,
  look: {
    width: number
    height: number
    strip: Strip | undefined
    hasProblem: boolean
    isSelected: boolean
    type: NodeType | undefined
  },
): void {
  const { strip, isSelected } = look
  const running = strip?.tone === 'run' || strip?.tone === 'wait'
  ctx.strokeStyle =
    strip?.tone === 'bad' || look.hasProblem
      ? palette.bad
      : running
        ? palette.accent
        : isSelected
          ? palette.accentInk
          : strip?.isFrozen
            ? palette.frozen
            : palette.nodeLine
  ctx.lineWidth = isSelected || running || strip?.tone === 'bad' || look.hasProblem ? 2 : 1
  if (look.type?.isPlaceholder) ctx.setLineDash([6, 4])
  ctx.beginPath()
  ctx.roundRect(0, -titleHeight, look.width, look.height + titleHeight, radius)
  ctx.stroke()
  ctx.setLineDash([])
  if (isSelected && (running || strip?.tone === 'bad' || look.hasProblem)) {
    ctx.strokeStyle = palette.accentInk
    ctx.beginPath()
    ctx.roundRect(-4, -titleHeight - 4, look.width + 8, look.height + titleHeight + 8, radius + 3)
    ctx.stroke()
  }
}

function drawTitle(
  ctx: CanvasRenderingContext2D,
  context: CanvasContext,
  node: LGraphNode,
  look: { width: number; type: NodeType | undefined; strip: Strip | undefined },
): void {
  const { palette } = context
  const { width, type, strip } = look
  const middle = -titleHeight / 2 + 0.5
  // The dot in front collapses the node.
  ctx.fillStyle = node.mode === 2 ? palette.textFaint : node.mode === 4 ? '#b877e0' : palette.textFaint
  ctx.beginPath()
  ctx.arc(titleHeight / 2, middle, 4, 0, Math.PI * 2)
  ctx.fill()
  let right = width - signRoom.edge
  const sign = signOf(node)
  if (sign && (node.mouseOver || sign.kind === 'enter')) {
    const isBusy = strip?.tone === 'run' || strip?.tone === 'wait'
    if (sign.kind === 'enter') drawEnter(ctx, sign.x, middle, palette.textSoft)
    else if (isBusy) drawStop(ctx, sign.x, middle, palette.text)
    else drawPlay(ctx, sign.x, middle, palette.text)
    right -= signRoom.run
  }
  if (isOfCloud(type)) {
    drawCloud(ctx, right - 16, middle, palette.accentInk)
    right -= signRoom.cloud
  }
  if (node.pinned) {
    drawPin(ctx, right - 5, middle, palette.textSoft)
    right -= signRoom.pin
  }
  ctx.font = titleFont(palette)
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'left'
  ctx.fillStyle = palette.text
  ctx.fillText(fitText(ctx, shownTitle(node), right - titleHeight), titleHeight - 2, middle)
  ctx.textBaseline = 'alphabetic'
}

/** The title as people read it. */
export function shownTitle(node: LGraphNode): string {
  return node instanceof EditorNode ? node.shownTitle() : node.title
}

function drawStrip(
  ctx: CanvasRenderingContext2D,
  { palette }: CanvasContext,
  strip: Strip,
  look: { width: number; now: number },
): void {
  const { width } = look
  const colour = {
    wait: palette.warn,
    run: palette.accentInk,
    good: palette.good,
    muted: palette.textFaint,
    bad: palette.bad,
    frozen: palette.frozen,
  }[strip.tone]
  if (strip.tone === 'bad') {
    ctx.fillStyle = palette.badSoft
    ctx.fillRect(1, 0, width - 2, stripHeight)
  }
  ctx.font = `11.5px ${palette.font}`
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'left'
  ctx.fillStyle = colour
  const left = strip.isFrozen ? 24 : 10
  if (strip.isFrozen) drawSnowflake(ctx, 15, stripHeight / 2, 5.5, colour)
  ctx.fillText(fitText(ctx, strip.text, width - left - 10), left, stripHeight / 2)
  ctx.textBaseline = 'alphabetic'
  if (strip.share === undefined) return
  ctx.fillStyle = palette.line
  ctx.fillRect(1, stripHeight - 3, width - 2, 3)
  ctx.fillStyle = palette.accent
  if (strip.share === 'unknown') {
    const part = (width - 2) * 0.3
    const at = ((look.now / 1_400) % 1) * (width - 2 + part) - part
    const from = Math.max(0, at)
    ctx.fillRect(1 + from, stripHeight - 3, Math.min(at + part, width - 2) - from, 3)
  } else {
    ctx.fillRect(1, stripHeight - 3, (width - 2) * Math.min(1, Math.max(0, strip.share)), 3)
  }
}

export function tintOf({ palette }: CanvasContext, type: NodeType | undefined): string {
  if (!type) return palette.nodeTitle
  if (type.type.endsWith('Note')) return palette.tints.note ?? palette.nodeTitle
  return palette.tints[type.category.split('/')[0] ?? ''] ?? palette.nodeTitle
}
