import { configNodes } from './config.ts'
import { smallNodes } from './small.ts'
import { taskNodes } from './tasks.ts'
import { uploadNodes } from './uploads.ts'

/** xuchenxu168/ComfyUI_RH_API under its own type ids, on the same cloud as the other nodes. */
export const runningHubKenNodes = [...configNodes, ...uploadNodes, ...taskNodes, ...smallNodes]
