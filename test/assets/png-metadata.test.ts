import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { isPng, pngTexts, withPngTexts } from '../../server/assets/png-metadata.ts'

let png: Buffer
beforeAll(async () => {
  png = await sharp({ create: { width: 3, height: 2, channels: 4, background: '#12345678' } })
    .png()
    .toBuffer()
})

function chunksOf(bytes: Buffer): { type: string; data: Buffer; crc: number; whole: Buffer }[] {
  const chunks = []
  for (let offset = 8; offset < bytes.length; ) {
    const end = offset + 12 + bytes.readUInt32BE(offset)
    chunks.push({
      type: bytes.toString('latin1', offset + 4, offset + 8),
      data: bytes.subarray(offset + 8, end - 4),
      crc: bytes.readUInt32BE(end - 4),
      whole: bytes.subarray(offset + 4, end - 4),
    })
    offset = end
  }
  return chunks
}

function chunk(type: string, data: string): Buffer {
  const body = Buffer.from(type + data, 'latin1')
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}
/** The picture with further chunks right behind its header. */
const withChunks = (...chunks: Buffer[]) => Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)])

test('texts stand behind the header, ASCII-escaped, every checksum right', () => {
  const written = withPngTexts(png, { prompt: '{"a":"图 😀"}', workflow: '{}' })
  const chunks = chunksOf(written)
  expect(chunks.map(({ type }) => type).slice(0, 3)).toEqual(['IHDR', 'tEXt', 'tEXt'])
  expect(chunks[1]?.data.toString('latin1')).toBe('prompt\0{"a":"\\u56fe \\ud83d\\ude00"}')
  for (const { whole, crc } of chunks) expect(crc32(whole)).toBe(crc)
})

test('texts come back as they were', () => {
  const prompt = JSON.stringify({ '1': { inputs: { text: 'a "quoted" 图\n', seed: 1 } } })
  const texts = pngTexts(withPngTexts(png, { prompt }))
  expect(JSON.parse(texts.prompt ?? '')).toEqual(JSON.parse(prompt))
})

test('pixels and all other chunks stay as they were', async () => {
  const written = withPngTexts(png, { prompt: '{}' })
  expect(await sharp(written).raw().toBuffer()).toEqual(await sharp(png).raw().toBuffer())
  const others = chunksOf(written).filter(({ type }) => type !== 'tEXt')
  expect(others.map(({ whole }) => whole)).toEqual(chunksOf(png).map(({ whole }) => whole))
})

test('old texts of the same name are replaced in every form, others kept', () => {
  const before = withChunks(
    chunk('tEXt', 'prompt\0old'),
    chunk('iTXt', 'workflow\0\0\0\0\0old'),
    chunk('zTXt', 'prompt\0\0xx'),
    chunk('tEXt', 'Author\0me'),
  )
  const written = withPngTexts(before, { prompt: 'new', workflow: 'new' })
  expect(pngTexts(written)).toEqual({ prompt: 'new', workflow: 'new', Author: 'me' })
  expect(chunksOf(written).filter(({ type }) => type === 'iTXt' || type === 'zTXt')).toEqual([])
})

test('writing twice is the same as writing once', () => {
  const texts = { prompt: '{"a":1}', workflow: '{"b":2}' }
  const once = withPngTexts(png, texts)
  expect(withPngTexts(once, texts)).toEqual(once)
})

test('a PNG that is cut off anywhere is left as it is', () => {
  for (let length = 34; length < png.length; length++) {
    const cut = png.subarray(0, length)
    expect(withPngTexts(cut, { prompt: '{}' }).equals(cut), `cut at ${length}`).toBe(true)
  }
})

test('bytes behind the end stay', () => {
  for (const tail of ['x', 'a longer tail than one chunk takes']) {
    const written = withPngTexts(Buffer.concat([png, Buffer.from(tail)]), { prompt: '{}' })
    expect(written.subarray(-tail.length).toString()).toBe(tail)
    expect(pngTexts(written)).toEqual({ prompt: '{}' })
  }
})

test('only PNG files are taken for PNG', async () => {
  expect(isPng(png)).toBe(true)
  expect(isPng(await sharp(png).jpeg().toBuffer())).toBe(false)
  expect(isPng(Buffer.alloc(0))).toBe(false)
  expect(isPng(png.subarray(0, 20))).toBe(false)
})
