import { utf8, viewOf } from './bytes.ts'

/** A list of Vorbis comments: `name=text` each, after the vendor's own. */
export function* readVorbisComments(bytes: Uint8Array): Generator<[string, string]> {
  const view = viewOf(bytes)
  let at = 4 + view.getUint32(0, true)
  const count = view.getUint32(at, true)
  at += 4
  for (let index = 0; index < count; index++) {
    const size = view.getUint32(at, true)
    const text = utf8(bytes.subarray(at + 4, at + 4 + size))
    const equals = text.indexOf('=')
    if (equals > 0) yield [text.slice(0, equals), text.slice(equals + 1)]
    at += 4 + size
  }
}
