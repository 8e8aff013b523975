import { utf8 } from './bytes.ts'

const ids = {
  segment: 0x18538067,
  tags: 0x1254c367,
  tag: 0x7373,
  simpleTag: 0x67c8,
  name: 0x45a3,
  text: 0x4487,
}

export function isMatroska(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1a && bytes[1] === 0x45 && bytes[2] === 0xdf && bytes[3] === 0xa3
}

/** WebM and MKV: SimpleTag elements, `PROMPT` and `WORKFLOW`. */
export function* readMatroska(bytes: Uint8Array): Generator<[string, string]> {
  for (const segment of elements(bytes, ids.segment)) {
    for (const tags of elements(segment, ids.tags)) {
      for (const tag of elements(tags, ids.tag)) {
        for (const simple of elements(tag, ids.simpleTag)) {
          const [name] = elements(simple, ids.name)
          const [text] = elements(simple, ids.text)
          if (name && text) yield [utf8(name), utf8(text)]
        }
      }
    }
  }
}

function* elements(parent: Uint8Array, wanted: number): Generator<Uint8Array> {
  for (let at = 0; at < parent.length; ) {
    const id = number(parent, at, true)
    const size = number(parent, at + id.length, false)
    const start = at + id.length + size.length
    // A size of all ones means to the end.
    const end = size.isUnknown ? parent.length : start + size.value
    if (id.value === wanted) yield parent.subarray(start, end)
    at = end
  }
}

/** A number of variable length (EBML): leading zeros of the first byte tell how long; ids keep their length mark. */
function number(
  bytes: Uint8Array,
  at: number,
  isId: boolean,
): { value: number; length: number; isUnknown: boolean } {
  const first = bytes[at] ?? 0
  const length = Math.clz32(first) - 23
  if (first === 0 || at + length > bytes.length) throw new RangeError('an element leaves the file')
  let value = isId ? first : first & (0xff >> length)
  let isUnknown = value === 0xff >> length
  for (let index = 1; index < length; index++) {
    const next = bytes[at + index] ?? 0
    value = value * 256 + next
    isUnknown &&= next === 0xff
  }
  return { value, length, isUnknown: isUnknown && !isId }
}
