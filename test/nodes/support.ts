import sharp from 'sharp'
import type { NodeDefinition } from '../../nodes/define-node.ts'
import { allNodes } from '../../nodes/index.ts'
import type { Image, RunningHubSettings } from '../../nodes/values.ts'

/** The node of that type; a test of a node that is not there is a wrong test. */
export function nodeOf(type: string): NodeDefinition {
  const found = allNodes.find(node => node.type === type)
  if (!found) throw new Error(`no node ${type}`)
  return found
}

export const someSettings: RunningHubSettings = {
  baseUrl: 'https://www.runninghub.cn',
  apiKey: '',
  targetId: '2016195556967714818',
}

/** A plain picture; `color` may be transparent. */
export const picture = (width: number, height: number, color = '#cc8800') =>
  sharp({ create: { width, height, channels: color.length > 7 ? 4 : 3, background: color } })

/** An animation of single-colour frames. */
export async function animation(format: 'gif' | 'webp', colors: readonly string[]): Promise<Buffer> {
  const frames = await Promise.all(colors.map(color => picture(8, 6, color).png().toBuffer()))
  const joined = sharp(frames, { join: { animated: true } })
  return format === 'gif' ? joined.gif().toBuffer() : joined.webp({ lossless: true }).toBuffer()
}

/** The colour of the middle of a picture, as `#rrggbb`. */
export async function colorOf(source: string | Uint8Array, page = 0): Promise<string> {
  const { data, info } = await sharp(source, { page })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const start = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * info.channels
  return `#${data.subarray(start, start + 3).toString('hex')}`
}

export const images = (outputs: Record<string, unknown>, name: string) => outputs[name] as readonly Image[]
