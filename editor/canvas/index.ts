export type { CloudTarget } from './cloud-target.ts'
export type {
  CanvasHost,
  DroppedLink,
  FileRequest,
  KeyRequest,
  MenuTarget,
  PickRequest,
  Strip,
} from './context.ts'
export { createCanvas, type GraphCanvas } from './create-canvas.ts'
