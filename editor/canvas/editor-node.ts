import { cloneJson, type Json, type JsonObject } from '../api/index.ts'
import { readWidgetValues, shapedType, shownNames, writeWidgetValues } from '../node-types/index.ts'
import { kindOf } from '../state/index.ts'
import type { CanvasContext, NodeType, WidgetValue } from './context.ts'
import { growSockets, swapBrought } from './grow-sockets.ts'
import { LGraphNode, stripHeight, TitleMode, titleHeight } from './lib.ts'
import type { Palette } from './palette.ts'
import { adoptTypes, adoptWidget } from './virtual-slots.ts'
import {
  createWidget,
  type EditorWidget,
  type FileWidget,
  takesFile,
  type WidgetNode,
} from './widgets/index.ts'

/** The library's numbers for the two sides of a node. */
const [inputSide, outputSide] = [1, 2]

type Serialised = ReturnType<LGraphNode['serialize']>

/** A node of ours: widgets from its type, values kept exactly, room for the strip. */
export class EditorNode extends LGraphNode {
  nodeType: NodeType
  private readonly context: CanvasContext
  editorWidgets: readonly EditorWidget[] = []
  /** widgets_values of a node this server does not know, kept as they came. */
  keptValues: Json | undefined
  private isReading = false
  private isBuilt = false
  /** A height the canvas gave by itself, and the one people gave: only theirs is saved. */
  grown: { from: number; to: number } | undefined

  constructor(context: CanvasContext, type: NodeType, title?: string) {
    super(title ?? type.title, type.type)
    this.nodeType = type
    this.context = context
    this.serialize_widgets = false
    if (!context.isOpening) this.makeSlots()
    this.makeWidgets()
    if (context.isOpening) return
    this.makeWidgetSlots()
    this.relabel(context.host.labelOf)
    this.isBuilt = true
    if (this.inputs.length + this.outputs.length > 0) this.expandToFitContent()
  }

  private makeSlots(): void {
    const { sockets, outputs } = this.nodeType
    for (const socket of sockets) {
      for (const name of shownNames(socket, new Set()))
        this.addInput(name, socket.type, socket.isOptional ? { shape: 7 } : {})
    }
    for (const { name, type, isList } of outputs) this.addOutput(name, type, isList ? { shape: 6 } : {})
  }

  private makeWidgetSlots(): void {
    for (const { name, socketType } of this.nodeType.widgets) {
      if (socketType !== undefined) this.addInput(name, socketType, { widget: { name } } as never)
    }
  }

  /** Once when all is there, not with each slot: measuring is most of what making a node costs. */
  override expandToFitContent(): void {
    if (this.isBuilt) super.expandToFitContent()
  }

  private makeWidgets(): void {
    const { context, nodeType: type } = this
    this.editorWidgets = type.widgets.map(spec => {
      const widget = createWidget({ context, node: this as unknown as WidgetNode, type, spec })
      this.addCustomWidget(widget as never)
      return widget
    })
  }

  /** The widgets that these values are for, where each node of the type has its own. */
  private takeShape(values: Json | undefined): void {
    const type = shapedType(this.nodeType, values)
    if (type === this.nodeType) return
    for (const widget of this.editorWidgets) widget.dispose?.()
    this.widgets = []
    this.nodeType = type
    this.makeWidgets()
  }

  /** Another choice was made: what it brings along comes, the rest stays with its values and links. */
  reshape(): void {
    if (this.isReading) return
    const values = Object.fromEntries(this.editorWidgets.map(({ name, value }) => [name, value]))
    const before = this.nodeType
    const [, needed = 0] = this.computeSize()
    const spare = this.size[1] - needed
    this.takeShape(values)
    if (this.nodeType === before) return
    this.isReading = true
    for (const widget of this.editorWidgets) widget.value = values[widget.name] ?? widget.value
    this.isReading = false
    swapBrought(this, this.nodeType)
    this.relabel(this.context.host.labelOf)
    // As much room beyond its rows as before: for a picture, or as people left it.
    const [, height = 0] = this.computeSize()
    this.setSize([this.size[0], height + Math.max(0, spare)])
  }

  /** The value of a widget by name. */
  widgetValue(name: string): WidgetValue | undefined {
    return this.editorWidgets.find(widget => widget.name === name)?.value
  }

  /** A link came or went: what passes on takes its type. Not while a file is read, which says all that itself. */
  override onConnectionsChange(side: number, slot: number, isConnected: boolean): void {
    if (this.isReading || !this.nodeType.isVirtual) return
    if (this.nodeType.keepsSlots && side === inputSide) adoptTypes(this)
    if (this.nodeType.type === 'PrimitiveNode' && side === outputSide && isConnected && slot === 0) {
      if (this.outputs[0]?.links?.length === 1) adoptWidget(this)
    }
  }

  override configure(info: Serialised): void {
    this.isReading = true
    this.read(info)
    this.isReading = false
    this.isBuilt = true
  }

  private read(info: Serialised): void {
    const { widgets_values: values, ...rest } = info as unknown as JsonObject
    this.takeShape(values)
    // The library lays a file's slots over those that are there: of another shape, some would stay.
    if (Array.isArray(info.inputs)) this.inputs = []
    if (Array.isArray(info.outputs)) this.outputs = []
    // The library would add them to those that are there.
    super.configure({ ...rest, properties: {} } as unknown as Serialised)
    this.properties = cloneJson(info.properties ?? {}) as LGraphNode['properties']
    if (this.nodeType.isPlaceholder) {
      this.keptValues = values
      return
    }
    this.relabel(this.context.host.labelOf)
    const read = readWidgetValues(this.nodeType, values, 0)
    for (const [at, widget] of this.editorWidgets.entries()) {
      if (read[at] !== undefined) widget.value = read[at]
    }
  }

  /** What the library writes, without what is undefined and with nothing shared: a large graph is written at every step. */
  override serialize(): Serialised {
    const { nodeType } = this
    const height = this.grown && Math.abs(this.grown.to - this.size[1]) < 0.5 ? this.grown.from : this.size[1]
    const saved: JsonObject = {
      id: this.id,
      type: this.type ?? nodeType.type,
      pos: [round(this.pos[0]), round(this.pos[1])],
      size: [round(this.size[0]), round(height)],
      flags: cloneJson(this.flags) as JsonObject,
      order: this.order,
      mode: this.mode,
      inputs: this.inputs.map(slot => serialiseSlot(slot, inputKeys)),
      outputs: this.outputs.map(slot => serialiseSlot(slot, outputKeys)),
      properties: cloneJson(this.properties) as JsonObject,
    }
    if (this.title && this.title !== (this.constructor as { title?: string }).title) saved.title = this.title
    for (const key of lookKeys) if (this[key]) saved[key] = this[key] as Json
    if (this.showAdvanced !== undefined) saved.showAdvanced = this.showAdvanced
    if (nodeType.isPlaceholder) {
      if (this.keptValues !== undefined) saved.widgets_values = cloneJson(this.keptValues)
    } else if (this.editorWidgets.length > 0) {
      saved.widgets_values = writeWidgetValues(
        nodeType,
        this.editorWidgets.map(({ value }) => value),
      )
    }
    return saved as unknown as Serialised
  }

  /** A link into a slot that takes anything has the colour of what it brings. */
  override connectSlots(
    ...ends: Parameters<LGraphNode['connectSlots']>
  ): ReturnType<LGraphNode['connectSlots']> {
    const link = super.connectSlots(...ends)
    const [output] = ends
    if (link && (link.type === '*' || link.type === 0)) link.type = output.type
    return link
  }

  /** Slots under their names in the chosen language. Names are not saved: the file's own stand. */
  relabel(labelOf: CanvasContext['host']['labelOf']): void {
    for (const slot of [...this.inputs, ...this.outputs]) {
      const label = labelOf(this.nodeType, slot.name)
      const named = slot as LabelledSlot
      named.localized_name = label === slot.name ? undefined : label
      // Former frontends wrote the name down as a label of its own, which nobody gave.
      if (named.label === slot.name) {
        named.keptLabel = named.label
        named.label = undefined
      }
    }
  }

  /** A title of its own, or the type's in the chosen language. */
  shownTitle(): string {
    const { title, nodeType } = this
    const isDefault =
      !title || title === nodeType.title || title === (this.constructor as { title?: string }).title
    return isDefault ? this.context.host.titleOf(nodeType) : title
  }

  /** Collapsed, it is as wide as its title with all signs that may stand beside it: none comes or goes at the title's cost. */
  override measure(...[out, ctx]: Parameters<LGraphNode['measure']>): void {
    super.measure(out, ctx)
    if (!this.collapsed) return
    ctx.font = titleFont(this.context.palette)
    const signs =
      signRoom.run + (isOfCloud(this.nodeType) ? signRoom.cloud : 0) + (this.pinned ? signRoom.pin : 0)
    const wanted = titleHeight + ctx.measureText(this.shownTitle()).width + signs + signRoom.edge
    this._collapsed_width = Math.min(this.size[0], Math.ceil(wanted))
    out[2] = this._collapsed_width
  }

  /** As high as its contents need, without that counting as a change by hand. */
  growTo(height: number): void {
    if (this.size[1] >= height) return
    const from = this.grown && this.grown.to === this.size[1] ? this.grown.from : this.size[1]
    this.setSize([this.size[0], height])
    this.grown = { from, to: this.size[1] }
  }

  /** Rows of sockets that grow are as long as their links want. Not at once, because a link that moves lets go first. */
  growSockets(): void {
    const rows = this.nodeType.sockets.filter(socket => socket.grow)
    if (rows.length === 0 || !growSockets(this, rows) || this.collapsed) return
    const [, height = 0] = this.computeSize()
    this.growTo(height)
  }

  /** The widget that takes a dropped or pasted file of its kind. */
  pickerFor(file: File): FileWidget | undefined {
    return this.editorWidgets
      .filter(takesFile)
      .find(({ spec }) => spec.kind === 'file' && fits(spec.media, file))
  }

  override onRemoved(): void {
    for (const widget of this.editorWidgets) widget.dispose?.()
  }
}

function fits(media: string, file: File): boolean {
  const kind = kindOf(file.name)
  // A sound may be that of a video.
  const isFitting = media === 'any' || kind === media || (media === 'audio' && kind === 'video')
  return isFitting || file.type.startsWith(`${media}/`)
}

const lookKeys = ['color', 'bgcolor', 'boxcolor', 'shape'] as const
const slotKeys = [
  'color_off',
  'color_on',
  'dir',
  'label',
  'locked',
  'name',
  'nameLocked',
  'removable',
] as const
const inputKeys = [...slotKeys, 'shape', 'type', 'link'] as const
const outputKeys = [...slotKeys, 'shape', 'type', 'slot_index', 'links'] as const

type LabelledSlot = {
  label: string | undefined
  localized_name: string | undefined
  /** A label that only says the name again: saved back, and not shown. */
  keptLabel?: string
}

/** A slot as files have it. Its name in the chosen language is ours alone; a widget's place follows the widget. */
function serialiseSlot(slot: object, keys: readonly string[]): JsonObject {
  const from = slot as Record<string, unknown>
  const saved: Record<string, unknown> = {}
  for (const key of keys) {
    const value = from[key]
    if (value !== undefined) saved[key] = Array.isArray(value) ? [...value] : value
  }
  const { widget, pos, keptLabel } = from as {
    widget?: { name: string }
    pos?: ArrayLike<number>
    keptLabel?: string
  }
  if (keptLabel !== undefined) saved.label ??= keptLabel
  if (widget) saved.widget = { name: widget.name }
  if (pos !== undefined && !(widget && keys === inputKeys)) saved.pos = Array.from(pos)
  return saved as JsonObject
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}

/** The pin that keeps a node's result, if it is frozen (agreed with the server: `rh_frozen`). */
export function frozenPin(node: LGraphNode): string | undefined {
  const pin = node.properties.rh_frozen
  return typeof pin === 'string' && pin !== '' ? pin : undefined
}

export function setFrozenPin(node: LGraphNode, pin: string | undefined): void {
  if (pin === undefined) delete node.properties.rh_frozen
  else node.properties.rh_frozen = pin
}

/** What stands at the end of a title, from the right. */
export const signRoom = { edge: 10, run: 18, cloud: 24, pin: 16 }

export const titleFont = (palette: Palette): string => `600 13px ${palette.font}`

/** What calls RunningHub carries a cloud. */
export function isOfCloud(type: NodeType | undefined): boolean {
  return type?.category.startsWith('RunningHub') ?? false
}

/** A reroute: nothing but its two slots. */
export function isPill(type: NodeType | undefined): boolean {
  return type?.type.startsWith('Reroute') ?? false
}

type NodeClass = { new (title?: string): EditorNode; title?: string; slot_start_y?: number }

/** The class of a node type, for the library's registry. */
export function defineNodeClass(context: CanvasContext, type: NodeType): NodeClass {
  return class extends EditorNode {
    static override title = context.host.titleOf(type)
    static slot_start_y = type.isVirtual ? 0 : stripHeight
    static title_mode = isPill(type) ? TitleMode.NO_TITLE : TitleMode.NORMAL_TITLE
    static override category = type.category
    constructor(title?: string) {
      super(context, type, title)
    }
  }
}
