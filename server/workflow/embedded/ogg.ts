import { isWord } from './bytes.ts'
import { readVorbisComments } from './vorbis.ts'

export function isOgg(bytes: Uint8Array): boolean {
  return isWord(bytes, 0, 'OggS')
}

/** The second packet of an Opus or Vorbis file, which may go over several pages. */
export function* readOgg(bytes: Uint8Array): Generator<[string, string]> {
  const comments = packet(bytes, 1)
  if (!comments) return
  if (isWord(comments, 0, 'OpusTags')) yield* readVorbisComments(comments.subarray(8))
  else if (isWord(comments, 1, 'vorbis')) yield* readVorbisComments(comments.subarray(7))
}

function packet(bytes: Uint8Array, wanted: number): Uint8Array | undefined {
  const parts: Uint8Array[] = []
  let number = 0
  for (let page = 0; isWord(bytes, page, 'OggS'); ) {
    const segments = bytes[page + 26] ?? 0
    let at = page + 27 + segments
    for (let index = 0; index < segments; index++) {
      const size = bytes[page + 27 + index] ?? 0
      if (number === wanted) parts.push(bytes.subarray(at, at + size))
      at += size
      // A full segment means that the packet goes on.
      if (size < 255) number++
      if (number > wanted) return Buffer.concat(parts)
    }
    page = at
  }
  return undefined
}
