import { isWord } from './bytes.ts'
import { readVorbisComments } from './vorbis.ts'

export function isFlac(bytes: Uint8Array): boolean {
  return isWord(bytes, 0, 'fLaC')
}

/** The metadata block of type 4. */
export function* readFlac(bytes: Uint8Array): Generator<[string, string]> {
  for (let at = 4; at + 4 <= bytes.length; ) {
    const kind = bytes[at] ?? 0
    const size = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
    if ((kind & 0x7f) === 4) yield* readVorbisComments(bytes.subarray(at + 4, at + 4 + size))
    if (kind & 0x80) return
    at += 4 + size
  }
}
