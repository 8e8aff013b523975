import { isWord, utf8, viewOf } from './bytes.ts'

export function isWebp(bytes: Uint8Array): boolean {
  return isWord(bytes, 0, 'RIFF') && isWord(bytes, 8, 'WEBP')
}

/** RIFF chunk EXIF, texts of its first directory: `prompt:{…}`. */
export function* readWebp(bytes: Uint8Array): Generator<[string, string]> {
  const view = viewOf(bytes)
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true)
    if (isWord(bytes, at, 'EXIF')) yield* readExif(bytes.subarray(at + 8, at + 8 + size))
    at += 8 + size + (size % 2)
  }
}

function* readExif(chunk: Uint8Array): Generator<[string, string]> {
  const tiff = isWord(chunk, 0, 'Exif') ? chunk.subarray(6) : chunk
  const little = isWord(tiff, 0, 'II')
  if (!little && !isWord(tiff, 0, 'MM')) return
  const view = viewOf(tiff)
  const start = view.getUint32(4, little)
  const count = view.getUint16(start, little)
  // Texts lie side by side: a file whose entries all name the same megabytes is made to be read for hours.
  let left = tiff.length
  for (let index = 0; index < count; index++) {
    const entry = start + 2 + index * 12
    const isText = view.getUint16(entry + 2, little) === 2
    const length = view.getUint32(entry + 4, little)
    const from = length <= 4 ? entry + 8 : view.getUint32(entry + 8, little)
    if (!isText) continue
    const raw = tiff.subarray(from, from + length)
    left -= raw.length
    if (left < 0) return
    // Only ASCII by the standard; whoever writes more writes UTF-8.
    const text = utf8(raw).replace(/(?<!\0)\0+$/, '')
    const colon = text.indexOf(':')
    if (colon > 0) yield [text.slice(0, colon), text.slice(colon + 1)]
  }
}
