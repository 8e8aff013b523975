import { CanvasPointer, LGraphCanvas, LiteGraph } from '@comfyorg/litegraph'
import { cloneJson } from '../api/index.ts'
import type { Palette } from './palette.ts'

export type { CanvasPointer, CanvasPointerEvent } from '@comfyorg/litegraph'
export {
  createUuidv4,
  LGraph,
  LGraphCanvas,
  LGraphGroup,
  LGraphNode,
  LiteGraph,
  LLink,
  Reroute,
  Subgraph,
  SubgraphNode,
  TitleMode,
} from '@comfyorg/litegraph'

export const titleHeight = 30
/** The height of the strip that shows a node's life; fixed, so that nothing jumps when a run starts. */
export const stripHeight = 20
/** Between two dots of the grid at zoom 1. */
export const gridStep = 24

/** The library's switches, once. What its own menus and dialogs do is ours. */
export function configureLibrary(): void {
  LiteGraph.NODE_TITLE_HEIGHT = titleHeight
  LiteGraph.NODE_WIDGET_HEIGHT = 24
  LiteGraph.NODE_WIDTH = 180
  // What operating systems wait; the library's 300 ms are too short for slow hands and busy machines.
  CanvasPointer.doubleClickTime = 500
  // It copies one node and no link; ours copies the selection.
  LiteGraph.alt_drag_do_clone_nodes = false
  // Half a step of the dots that are drawn.
  LiteGraph.CANVAS_GRID_SIZE = gridStep / 2
  LiteGraph.snaps_for_comfy = true
  LiteGraph.release_link_on_empty_shows_menu = false
  LiteGraph.saveViewportWithGraph = false
  LiteGraph.use_uuids = false
  LiteGraph.onDeprecationWarning = []
  LiteGraph.macTrackpadGestures = true
  LGraphCanvas.DEFAULT_BACKGROUND_IMAGE = ''
  // The library's goes by way of text: slow for as many small values as a graph has, and no way for 64-bit numbers.
  LiteGraph.cloneObject = copyInto as typeof LiteGraph.cloneObject
}

let isTakingOver = false

/** Reads a file that nobody else holds into the graph: its values go into the nodes as they are, without a copy. */
export function takeOver(read: () => void): void {
  isTakingOver = true
  try {
    read()
  } finally {
    isTakingOver = false
  }
}

/** A copy without shared parts; what is given as target keeps its own form, such as a list of 32-bit numbers. */
function copyInto(value: object | null | undefined, target?: Record<string, unknown>): unknown {
  if (value === null || value === undefined) return null
  const copy = isTakingOver ? value : cloneJson(value)
  return target ? Object.assign(target, copy) : copy
}

/** Everything of the library that has a colour. */
export function paintLibrary(palette: Palette): void {
  LiteGraph.NODE_TITLE_COLOR = palette.text
  LiteGraph.NODE_SELECTED_TITLE_COLOR = palette.text
  LiteGraph.NODE_TEXT_COLOR = palette.textSoft
  LiteGraph.NODE_TEXT_HIGHLIGHT_COLOR = palette.text
  LiteGraph.NODE_DEFAULT_COLOR = palette.nodeTitle
  LiteGraph.NODE_DEFAULT_BGCOLOR = palette.node
  LiteGraph.NODE_BOX_OUTLINE_COLOR = palette.accentInk
  LiteGraph.NODE_FONT = palette.font
  LiteGraph.GROUP_FONT = palette.font
  LiteGraph.DEFAULT_GROUP_FONT_SIZE = 20
  LiteGraph.NODE_SUBTEXT_SIZE = 12
  LiteGraph.NODE_TEXT_SIZE = 13
  LiteGraph.LINK_COLOR = palette.plainLink
  LiteGraph.CONNECTING_LINK_COLOR = palette.accentInk
  LGraphCanvas.link_type_colors = { ...palette.links, '-1': palette.warn }
}
