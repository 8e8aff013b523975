import type { CloudField, NodeType, Option, WidgetSpec, WidgetValue } from '../node-types/index.ts'
import type { CloudTarget } from './cloud-target.ts'
import type { Overlay } from './overlay.ts'
import type { Palette } from './palette.ts'

/** What a node's strip shows. */
export type Strip = {
  readonly text: string
  readonly tone: 'wait' | 'run' | 'good' | 'muted' | 'bad' | 'frozen'
  /** 0 to 1; `unknown` moves along; nothing draws no bar. */
  readonly share?: number | 'unknown'
  /** A press on it tells more. */
  readonly opens?: boolean
  /** Its result is kept for good: a snowflake stands before the words. */
  readonly isFrozen?: boolean
}

export type ScreenBox = {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export type PickRequest = {
  readonly box: ScreenBox
  readonly title: string
  readonly options: readonly Option[]
  /** What is read for a value. */
  readonly show?: (value: Option) => string
  /** Whatever is typed is an option too. */
  readonly isFree?: boolean
  readonly value: WidgetValue
  readonly pick: (value: Option) => void
}
/** What a file widget takes; `any` has no picture of its own. */
export type FileMedia = 'image' | 'video' | 'audio' | 'any'
export type FileRequest = PickRequest & {
  readonly media: FileMedia
  readonly upload: (file: File) => void
}
export type KeyRequest = {
  readonly box: ScreenBox
  readonly value: string
  readonly pick: (value: string) => void
}
export type DroppedLink = {
  readonly nodeId: string
  readonly slot: number
  readonly from: 'output' | 'input'
  readonly type: string
}

export type MenuTarget =
  | { readonly kind: 'canvas'; readonly at: readonly [number, number] }
  | { readonly kind: 'node'; readonly nodeId: string }
  | { readonly kind: 'group'; readonly groupId: number }
  | { readonly kind: 'link'; readonly remove: () => void }
  | { readonly kind: 'reroute'; readonly remove: () => void }
  /** A slot on the border of a subgraph. */
  | {
      readonly kind: 'border'
      readonly rename: () => void
      readonly disconnect: (() => void) | undefined
      readonly remove: () => void
    }

export type CanvasWord = 'chooseFile' | 'noKey' | 'unknownNode' | 'gpuNode' | 'frozen' | 'title'

/** What the canvas asks of the page around it. Nodes go by their addresses: ids, inside subgraphs behind those of the nodes around them. */
export type CanvasHost = {
  readonly pickOption: (request: PickRequest) => void
  readonly pickFile: (request: FileRequest) => void
  readonly pickKey: (request: KeyRequest) => void
  readonly openMenu: (target: MenuTarget, at: { x: number; y: number }) => void
  readonly searchNode: (
    at: { x: number; y: number },
    place: readonly [number, number],
    link?: DroppedLink,
  ) => void
  /** Into the input folder; what is pasted has no name of its own and goes aside. The name there, or a failure that was told. */
  readonly upload: (file: File, how: { readonly isPasted?: boolean }) => Promise<string>
  /** Whether the server has said of a type that is not here that it computes with a model. */
  readonly needsGpu: (type: string) => boolean
  readonly mediaUrl: (name: string, how: { thumbnail: boolean }) => string
  readonly stripOf: (nodeId: string) => Strip | undefined
  readonly problemsOf: (nodeId: string) => readonly string[]
  /** Names in the chosen language. */
  readonly titleOf: (type: NodeType) => string
  readonly labelOf: (type: NodeType, name: string) => string
  /** A node's own explanation where it is in the chosen language: nodes bring theirs in English. */
  readonly helpOf: (text: string | undefined) => string | undefined
  readonly word: (key: CanvasWord) => string
  readonly language: () => 'en' | 'zh'
  /** The fields of a cloud workflow or app; none when nobody says in time. Never fails. */
  readonly cloudFields: (target: CloudTarget) => Promise<readonly CloudField[]>
  readonly onEdited: () => void
  readonly onSelected: () => void
  /** Another graph is shown: the titles of the subgraph nodes that lead into it. */
  readonly onPathChanged: (titles: readonly string[]) => void
  readonly onStripClicked: (nodeId: string) => void
  /** The sign in a node's title: runs it, with Shift whatever is remembered of it; stops it while it runs. */
  readonly onRunClicked: (nodeId: string, how: { isForced: boolean }) => void
}

/** What every part of the canvas is handed. */
export type CanvasContext = {
  readonly host: CanvasHost
  readonly overlay: Overlay
  palette: Palette
  readonly types: Map<string, NodeType>
  /** While a file is read into nodes, which says all of them: they are made without slots and sizes of their own. */
  isOpening: boolean
  readonly redraw: () => void
  /** A change made by hand is complete: one step of undo. */
  readonly edited: () => void
  readonly addressOf: (node: { readonly id: number | string }) => string
  readonly keys: WidgetKeys
  readonly screenBox: (node: NodeLike, box: readonly [number, number, number, number]) => ScreenBox
}

export type NodeLike = {
  readonly id: number | string
  readonly pos: ArrayLike<number>
  readonly size: ArrayLike<number>
  readonly collapsed: boolean
}

/** Widgets under the keyboard. */
export type WidgetKeys = {
  /** Whether a widget, or a copy of it on a subgraph's node, has the keyboard. */
  readonly isFocused: (widget: object) => boolean
  /** Tab in a widget's field: on to its neighbour; false when there is none. */
  readonly moveOn: (node: { readonly id: number | string }, widget: object, back: boolean) => boolean
  /** A field has closed: the canvas hears keys again. */
  readonly takeBack: () => void
}

export type { NodeType, WidgetSpec, WidgetValue }
