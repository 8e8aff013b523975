import { toAscii } from '../shared/lossless-json.ts'

/** Whether bytes are a WEBP file. */
export function isWebp(bytes: Buffer): boolean {
  return (
    bytes.length > 20 &&
    bytes.toString('latin1', 0, 4) === 'RIFF' &&
    bytes.toString('latin1', 8, 12) === 'WEBP'
  )
}

type Chunk = { readonly type: string; readonly data: Buffer }

/**
 * A WEBP with the graph in its EXIF, pixels untouched (ComfyUI: SaveAnimatedWEBP): `prompt:{…}` in tag 0x0110, `workflow:{…}` in
 * 0x010F, further ones below. A file that is cut off, or that has an EXIF of its own (a camera's rotation), is returned as it is.
 */
export function withWebpTexts(webp: Buffer, texts: Readonly<Record<string, string>>): Buffer {
  const chunks = chunksOf(webp)
  if (!chunks) return webp
  const own = chunks.find(({ type }) => type === 'EXIF')
  if (own && !/(prompt|workflow):/.test(own.data.toString('latin1'))) return webp
  const rest = chunks.filter(({ type }) => type !== 'EXIF' && type !== 'VP8X')
  const header = chunks.find(({ type }) => type === 'VP8X')?.data ?? extendedHeader(rest)
  if (!header) return webp
  const flags = Buffer.from(header)
  flags[0] = (flags[0] ?? 0) | exifFlag
  return write([{ type: 'VP8X', data: flags }, ...rest, { type: 'EXIF', data: exifOf(texts) }])
}

const exifFlag = 0x08
const alphaFlag = 0x10

function chunksOf(webp: Buffer): Chunk[] | undefined {
  const chunks: Chunk[] = []
  const end = Math.min(webp.length, 8 + webp.readUInt32LE(4))
  for (let at = 12; at + 8 <= end; ) {
    const size = webp.readUInt32LE(at + 4)
    if (at + 8 + size > end) return undefined
    chunks.push({ type: webp.toString('latin1', at, at + 4), data: webp.subarray(at + 8, at + 8 + size) })
    at += 8 + size + (size % 2)
  }
  return chunks.length > 0 ? chunks : undefined
}

/** The header of the extended format, made from the one picture of a simple file. */
function extendedHeader(chunks: readonly Chunk[]): Buffer | undefined {
  const [picture] = chunks
  if (!picture || picture.data.length < 10) return undefined
  const header = Buffer.alloc(10)
  let width: number
  let height: number
  if (picture.type === 'VP8L') {
    const bits = picture.data.readUInt32LE(1)
    width = (bits & 0x3fff) + 1
    height = ((bits >>> 14) & 0x3fff) + 1
    if ((bits >>> 28) & 1) header[0] = alphaFlag
  } else if (picture.type === 'VP8 ') {
    width = picture.data.readUInt16LE(6) & 0x3fff
    height = picture.data.readUInt16LE(8) & 0x3fff
  } else return undefined
  header.writeUIntLE(width - 1, 4, 3)
  header.writeUIntLE(height - 1, 7, 3)
  return header
}

function exifOf(texts: Readonly<Record<string, string>>): Buffer {
  const { prompt, ...others } = texts
  const tagged = [
    ...(prompt === undefined ? [] : [{ tag: 0x0110, text: `prompt:${toAscii(prompt)}` }]),
    ...Object.entries(others).map(([key, text], index) => ({
      tag: 0x010f - index,
      text: `${key}:${toAscii(text)}`,
    })),
  ].sort((a, b) => a.tag - b.tag)
  const values = tagged.map(({ text }) => Buffer.from(`${text}\0`, 'latin1'))
  const directory = Buffer.alloc(8 + 2 + tagged.length * 12 + 4)
  directory.write('II*\0', 0, 'latin1')
  directory.writeUInt32LE(8, 4)
  directory.writeUInt16LE(tagged.length, 8)
  let offset = directory.length
  tagged.forEach(({ tag }, index) => {
    const at = 10 + index * 12
    const length = values[index]?.length ?? 0
    directory.writeUInt16LE(tag, at)
    directory.writeUInt16LE(2, at + 2) // ASCII
    directory.writeUInt32LE(length, at + 4)
    directory.writeUInt32LE(offset, at + 8)
    offset += length
  })
  return Buffer.concat([directory, ...values])
}

function write(chunks: readonly Chunk[]): Buffer {
  const parts = chunks.flatMap(({ type, data }) => {
    const head = Buffer.alloc(8)
    head.write(type, 0, 'latin1')
    head.writeUInt32LE(data.length, 4)
    return data.length % 2 === 0 ? [head, data] : [head, data, Buffer.alloc(1)]
  })
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(12)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(body.length + 4, 4)
  head.write('WEBP', 8, 'latin1')
  return Buffer.concat([head, body])
}
