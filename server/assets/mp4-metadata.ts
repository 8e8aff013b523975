import { type FileHandle, open } from 'node:fs/promises'

/** A file's index is some MB for hours of video; more is no file of ours. */
const maxIndexBytes = 128 * 1024 * 1024

type Box = { readonly type: string; readonly at: number; readonly size: number }

/**
 * Puts texts into an MP4 on disk, streams untouched (ComfyUI: SaveVideo, `moov/udta/meta` with handler `mdta`). The index goes to the
 * end of the file with the texts in it, and where it was is left as free space: nothing else moves, however big the file is. Gives
 * whether it did; a file in fragments, cut off or of another kind is left as it is.
 */
export async function tagMp4(path: string, texts: Readonly<Record<string, string>>): Promise<boolean> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    const boxes = await topBoxes(file, size)
    const index = boxes?.find(({ type }) => type === 'moov')
    if (!boxes || !index || boxes[0]?.type !== 'ftyp' || index.size > maxIndexBytes) return false
    if (boxes.filter(({ type }) => type === 'moov').length > 1 || boxes.some(({ type }) => type === 'moof'))
      return false
    const whole = Buffer.alloc(index.size)
    await file.read(whole, 0, index.size, index.at)
    const tagged = withTexts(whole, texts)
    if (!tagged) return false
    const isLast = index.at + index.size === size
    if (isLast) {
      await file.write(tagged, 0, tagged.length, index.at)
      await file.truncate(index.at + tagged.length)
    } else {
      await file.write(tagged, 0, tagged.length, size)
      await file.write(Buffer.from('free'), 0, 4, index.at + 4)
    }
    return true
  } finally {
    await file.close()
  }
}

/** The boxes of a file, undefined when they do not fill it exactly. */
async function topBoxes(file: FileHandle, fileSize: number): Promise<Box[] | undefined> {
  const boxes: Box[] = []
  const head = Buffer.alloc(16)
  for (let at = 0; at < fileSize; ) {
    const { bytesRead } = await file.read(head, 0, 16, at)
    if (bytesRead < 8 || boxes.length > 10_000) return undefined
    const short = head.readUInt32BE(0)
    const size = short === 1 && bytesRead === 16 ? Number(head.readBigUInt64BE(8)) : short
    // 0 means to the end of the file: nothing can be put behind it.
    if (size < 8 || at + size > fileSize) return undefined
    boxes.push({ type: head.toString('latin1', 4, 8), at, size })
    at += size
  }
  return boxes
}

/** The boxes inside a box; undefined when they are damaged. */
function boxesIn(parent: Buffer, start: number): { type: string; whole: Buffer }[] | undefined {
  const found = []
  for (let at = start; at < parent.length; ) {
    if (at + 8 > parent.length) return undefined
    const size = parent.readUInt32BE(at)
    if (size < 8 || at + size > parent.length) return undefined
    found.push({ type: parent.toString('latin1', at + 4, at + 8), whole: parent.subarray(at, at + size) })
    at += size
  }
  return found
}

function withTexts(index: Buffer, texts: Readonly<Record<string, string>>): Buffer | undefined {
  if (index.readUInt32BE(0) === 1) return undefined
  const inside = boxesIn(index, 8)
  if (!inside) return undefined
  const user = inside.find(({ type }) => type === 'udta')
  // Some writers end a udta with four zero bytes: then only the boxes before them count, which is what a failed walk gives up.
  const others = user ? (boxesIn(user.whole, 8) ?? []).filter(({ type }) => type !== 'meta') : []
  const meta = user && boxesIn(user.whole, 8)?.find(({ type }) => type === 'meta')
  const all = { ...(meta && textsOf(meta.whole)), ...texts }
  const udta = box('udta', ...others.map(({ whole }) => whole), metaOf(all))
  return box('moov', ...inside.filter(({ type }) => type !== 'udta').map(({ whole }) => whole), udta)
}

/** The texts of a `meta` box with names of its own; none of one in iTunes' form. */
function textsOf(meta: Buffer): Record<string, string> {
  const inside = boxesIn(meta, 12) ?? []
  const part = (wanted: string) => inside.find(({ type }) => type === wanted)?.whole
  const [keys, list] = [part('keys'), part('ilst')]
  const names = (keys && boxesIn(keys, 16))?.map(({ whole }) => whole.toString('utf8', 8)) ?? []
  const texts: Record<string, string> = {}
  for (const { whole } of (list && boxesIn(list, 8)) ?? []) {
    const name = names[whole.readUInt32BE(4) - 1]
    // A `data` box of type 1 is UTF-8.
    if (name !== undefined && whole.length >= 24 && whole.readUInt32BE(16) === 1)
      texts[name] = whole.toString('utf8', 24)
  }
  return texts
}

function metaOf(texts: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(texts)
  const handler = box('hdlr', zeros(8), Buffer.from('mdta'), zeros(13))
  const keys = entries.map(([key]) => box('mdta', Buffer.from(key)))
  const values = entries.map(([, text], index) => {
    const item = box('data', uint32(1), zeros(4), Buffer.from(text))
    return Buffer.concat([uint32(8 + item.length), uint32(index + 1), item])
  })
  return box(
    'meta',
    zeros(4),
    handler,
    box('keys', zeros(4), uint32(keys.length), ...keys),
    box('ilst', ...values),
  )
}

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([uint32(body.length + 8), Buffer.from(type, 'latin1'), body])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const zeros = (count: number) => Buffer.alloc(count)
