import type { NodeType, Option, WidgetSpec, WidgetValue } from '../node-types/index.ts'
import type { Overlay } from './overlay.ts'
import type { Palette } from './palette.ts'

/** What a node's strip shows. */
export type Strip = {
  readonly text: string
  readonly tone: 'wait' | 'run' | 'good' | 'muted' | 'bad'
  /** 0 to 1; `unknown` moves along; nothing draws no bar. */
  readonly share?: number | 'unknown'
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
  readonly value: WidgetValue
  readonly pick: (value: Option) => void
}
export type FileRequest = PickRequest & {
  readonly media: 'image' | 'video' | 'audio'
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
  | { readonly kind: 'group' }
  | { readonly kind: 'link'; readonly remove: () => void }

/** What the canvas asks of the page around it. */
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
  readonly upload: (file: File) => Promise<string>
  readonly mediaUrl: (name: string, how: { thumbnail: boolean }) => string
  readonly stripOf: (nodeId: string) => Strip | undefined
  readonly problemsOf: (nodeId: string) => readonly string[]
  /** Names in the chosen language. */
  readonly titleOf: (type: NodeType) => string
  readonly labelOf: (type: NodeType, name: string) => string
  readonly word: (key: 'chooseFile' | 'noKey' | 'unknownNode') => string
  readonly onEdited: () => void
  readonly onSelected: () => void
  readonly onFailureClicked: (nodeId: string) => void
}

/** What every part of the canvas is handed. */
export type CanvasContext = {
  readonly host: CanvasHost
  readonly overlay: Overlay
  palette: Palette
  readonly types: Map<string, NodeType>
  readonly redraw: () => void
  /** A change made by hand is complete: one step of undo. */
  readonly edited: () => void
  readonly screenBox: (node: NodeLike, box: readonly [number, number, number, number]) => ScreenBox
}

export type NodeLike = {
  readonly id: number | string
  readonly pos: ArrayLike<number>
  readonly size: ArrayLike<number>
  readonly collapsed: boolean
}

export type { NodeType, WidgetSpec, WidgetValue }
