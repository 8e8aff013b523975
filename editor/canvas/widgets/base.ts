import type { CanvasContext, NodeLike, NodeType, WidgetSpec, WidgetValue } from '../context.ts'
import type { CanvasPointer } from '../lib.ts'
import { fitText } from '../text.ts'

/** A widget as the library draws it, with our spec. */
export type EditorWidget = {
  readonly type: 'custom'
  readonly name: string
  readonly spec: WidgetSpec
  value: WidgetValue
  readonly options: Record<string, never>
  y: number
  last_y?: number
  computedHeight?: number
  computedDisabled?: boolean
  hidden?: boolean
  /** Our own saving walks the specs. */
  readonly serialize: false
  draw(ctx: CanvasRenderingContext2D, node: WidgetNode, width: number, y: number): void
  /** The widget itself and its node, by which its copies on subgraph nodes know them. */
  core?: EditorWidget
  owner?: WidgetNode
  /** On a copy: the name of the subgraph's input. */
  readonly label?: string
  /** Click or Enter: opens its field or list, or switches it. `typed` is the key that did it. */
  open?(node: WidgetNode, place: { y: number }, typed?: string): void
  /** Arrow keys: so many values on. `isVertical` where up and down were pressed. */
  step?(count: number, isVertical: boolean): void
  /** A field of its own. */
  readonly field?: HTMLElement
  /** `this` may be a copy that stands on a subgraph's node: its place is its own, the value is the one inside. */
  onPointerDown?(this: { y: number }, pointer: CanvasPointer, node: WidgetNode): boolean
  computeLayoutSize(this: { owner?: WidgetNode; node?: unknown }): {
    minHeight: number
    maxHeight?: number
    minWidth: number
  }
  dispose?(): void
}

export type WidgetNode = NodeLike & {
  mouseOver?: { overWidget?: unknown } | null | undefined
  /** A choice brings other widgets along. */
  reshape?(): void
}

export type WidgetParts = {
  readonly context: CanvasContext
  readonly node: WidgetNode
  readonly type: NodeType
  readonly spec: WidgetSpec
}

export const margin = 10
export const rowInner = 22

export function labelFont(context: CanvasContext): string {
  return `12px ${context.palette.font}`
}

/** A quiet row: its name left, its value right, a ground only under the pointer. */
export function drawRow(
  ctx: CanvasRenderingContext2D,
  parts: WidgetParts,
  widget: EditorWidget,
  row: { width: number; y: number; value: string; dim?: boolean; isOpenable?: boolean },
): void {
  const { context, node, type } = parts
  const { palette } = context
  const isHovered = node.mouseOver?.overWidget === widget && !widget.computedDisabled
  const inner = row.width - 2 * margin
  ctx.fillStyle = isHovered ? palette.hover : palette.well
  ctx.beginPath()
  ctx.roundRect(margin, row.y + 1, inner, rowInner, 5)
  ctx.fill()
  if (context.keys.isFocused(widget)) {
    ctx.strokeStyle = palette.accentInk
    ctx.lineWidth = 1.6
    ctx.stroke()
  }
  ctx.font = labelFont(context)
  ctx.textBaseline = 'middle'
  const middle = row.y + 1 + rowInner / 2 + 0.5
  const label = context.host.labelOf(type, widget.name)
  const arrow = row.isOpenable ? 14 : 0
  ctx.fillStyle = palette.textFaint
  ctx.textAlign = 'left'
  const shownLabel = fitText(ctx, label, inner * 0.55)
  ctx.fillText(shownLabel, margin + 8, middle)
  const labelWidth = ctx.measureText(shownLabel).width
  ctx.textAlign = 'right'
  ctx.fillStyle = row.dim ? palette.textFaint : palette.text
  const room = inner - labelWidth - 28 - arrow
  ctx.fillText(fitText(ctx, row.value.replaceAll('\n', ' '), room), margin + inner - 8 - arrow, middle)
  if (row.isOpenable) {
    const x = margin + inner - 12
    ctx.strokeStyle = palette.textFaint
    ctx.lineWidth = 1.4
    ctx.beginPath()
    ctx.moveTo(x - 3.5, middle - 2)
    ctx.lineTo(x, middle + 2)
    ctx.lineTo(x + 3.5, middle - 2)
    ctx.stroke()
  }
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
}

export function rowBox(node: NodeLike, widget: { y: number }): readonly [number, number, number, number] {
  return [margin, widget.y + 1, (node.size[0] ?? 0) - 2 * margin, rowInner]
}

/** Whether a widget stands on another node than its own: on a subgraph's. Only its row does. */
export function isCopy(widget: { owner?: WidgetNode; node?: unknown }): boolean {
  return widget.node !== undefined && widget.node !== widget.owner
}

/** What all widgets share; `parts` give the rest. */
export function widgetBase(spec: WidgetSpec) {
  return {
    type: 'custom' as const,
    name: spec.name,
    spec,
    value: spec.default as WidgetValue,
    options: {},
    y: 0,
    serialize: false as const,
    computeLayoutSize: () => ({ minHeight: 24, maxHeight: 24, minWidth: 180 }),
  }
}
