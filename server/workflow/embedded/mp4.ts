import { isWord, latin1, utf8, viewOf } from './bytes.ts'

export function isMp4(bytes: Uint8Array): boolean {
  return isWord(bytes, 4, 'ftyp')
}

/** `moov/udta/meta`, or `moov/meta` in QuickTime files: names in `keys`, texts in `ilst` by number. */
export function* readMp4(bytes: Uint8Array): Generator<[string, string]> {
  for (const movie of boxes(bytes, 'moov')) {
    for (const meta of [
      ...boxes(movie, 'udta').flatMap(user => boxes(user, 'meta')),
      ...boxes(movie, 'meta'),
    ]) {
      // A full box has four bytes before its own boxes, a QuickTime one has not.
      yield* readMeta(isWord(meta, 4, 'hdlr') ? meta : meta.subarray(4))
    }
  }
}

function* readMeta(meta: Uint8Array): Generator<[string, string]> {
  const [keys] = boxes(meta, 'keys')
  const [list] = boxes(meta, 'ilst')
  if (!keys || !list) return
  const names: string[] = []
  const view = viewOf(keys)
  for (let at = 8; at + 8 <= keys.length; ) {
    const size = view.getUint32(at)
    if (size < 8) return
    names.push(utf8(keys.subarray(at + 8, at + size)))
    at += size
  }
  for (const { type, body } of allBoxes(list)) {
    const number = viewOf(type).getUint32(0)
    const [data] = boxes(body, 'data')
    const name = names[number - 1]
    if (data && name !== undefined) yield [name, utf8(data.subarray(8))]
  }
}

function boxes(parent: Uint8Array, wanted: string): Uint8Array[] {
  return [...allBoxes(parent)].flatMap(({ type, body }) => (latin1(type) === wanted ? [body] : []))
}

function* allBoxes(parent: Uint8Array): Generator<{ type: Uint8Array; body: Uint8Array }> {
  const view = viewOf(parent)
  for (let at = 0; at + 8 <= parent.length; ) {
    const short = view.getUint32(at)
    const head = short === 1 ? 16 : 8
    const size = short === 1 ? Number(view.getBigUint64(at + 8)) : short === 0 ? parent.length - at : short
    if (size < head) return
    yield { type: parent.subarray(at + 4, at + 8), body: parent.subarray(at + head, at + size) }
    at += size
  }
}
