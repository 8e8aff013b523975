import { crc32 } from 'node:zlib'
import { toAscii } from '../shared/lossless-json.ts'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** Whether bytes are a PNG file. */
export function isPng(bytes: Buffer): boolean {
  return bytes.length > 33 && bytes.subarray(0, 8).equals(signature)
}

/**
 * A PNG with text chunks put in right after its header, pixels untouched (ComfyUI: PNG texts, ASCII-escaped JSON). Texts of the same
 * keywords that were there before are dropped: they told of another graph. A file that is cut off is returned as it is.
 */
export function withPngTexts(png: Buffer, texts: Readonly<Record<string, string>>): Buffer {
  const kept: Buffer[] = []
  let offset = 8
  let isWhole = false
  while (!isWhole) {
    const end = offset + 12 <= png.length ? offset + 12 + png.readUInt32BE(offset) : Number.POSITIVE_INFINITY
    if (end > png.length) return png
    const chunk = png.subarray(offset, end)
    isWhole = chunk.toString('latin1', 4, 8) === 'IEND'
    if (!isTextOf(chunk, texts)) kept.push(chunk)
    offset = end
  }
  // Some tools leave bytes behind the end; they are nobody's business.
  kept.push(png.subarray(offset))
  const [header, ...rest] = kept
  if (!header) return png
  const added = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text))
  return Buffer.concat([signature, header, ...added, ...rest])
}

/** The tEXt chunks of a PNG, by keyword. */
export function pngTexts(png: Buffer): Record<string, string> {
  const texts: Record<string, string> = {}
  for (let offset = 8; offset + 12 <= png.length; ) {
    const end = offset + 12 + png.readUInt32BE(offset)
    if (png.toString('latin1', offset + 4, offset + 8) === 'tEXt' && end <= png.length) {
      const [keyword = '', ...text] = png.toString('latin1', offset + 8, end - 4).split('\0')
      if (/^[\w -]+$/.test(keyword)) texts[keyword] = text.join('\0')
    }
    offset = end
  }
  return texts
}

function isTextOf(chunk: Buffer, texts: Readonly<Record<string, string>>): boolean {
  const type = chunk.toString('latin1', 4, 8)
  if (type !== 'tEXt' && type !== 'iTXt' && type !== 'zTXt') return false
  const keyword = chunk.toString('latin1', 8, Math.max(8, chunk.indexOf(0, 8)))
  return Object.hasOwn(texts, keyword)
}

function textChunk(keyword: string, text: string): Buffer {
  const data = Buffer.from(`${keyword}\0${toAscii(text)}`, 'latin1')
  const chunk = Buffer.alloc(12 + data.length)
  chunk.writeUInt32BE(data.length, 0)
  chunk.write('tEXt', 4, 'latin1')
  data.copy(chunk, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length)
  return chunk
}
