export type {
  CanvasHost,
  DroppedLink,
  FileRequest,
  KeyRequest,
  MenuTarget,
  PickRequest,
  ScreenBox,
  Strip,
} from './context.ts'
export { createCanvas, type GraphCanvas, type NodeFacts, type View } from './create-canvas.ts'
