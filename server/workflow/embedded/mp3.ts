import { isWord, latin1, utf8, viewOf } from './bytes.ts'

export function isMp3(bytes: Uint8Array): boolean {
  return isWord(bytes, 0, 'ID3')
}

/** ID3v2 frames TXXX: encoding, name NUL text. */
export function* readMp3(bytes: Uint8Array): Generator<[string, string]> {
  const version = bytes[3] ?? 0
  if (version < 3) return
  const end = 10 + syncsafe(bytes, 6)
  const view = viewOf(bytes)
  for (let at = 10; at + 10 <= Math.min(end, bytes.length); ) {
    const size = version === 4 ? syncsafe(bytes, at + 4) : view.getUint32(at + 4)
    if (isWord(bytes, at, 'TXXX')) {
      const text = decode(bytes.subarray(at + 10, at + 10 + size))
      const nul = text.indexOf('\0')
      if (nul > 0) yield [text.slice(0, nul), text.slice(nul + 1).replace(/(?<!\0)\0+$/, '')]
    }
    at += 10 + size
  }
}

function decode(frame: Uint8Array): string {
  const body = frame.subarray(1)
  if (frame[0] === 1 || frame[0] === 2) {
    const little = frame[0] === 1 && body[0] === 0xff
    return new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(body).replaceAll('\ufeff', '')
  }
  return frame[0] === 3 ? utf8(body) : latin1(body)
}

/** Four bytes of seven bits. */
function syncsafe(bytes: Uint8Array, at: number): number {
  return [0, 1, 2, 3].reduce((sum, index) => (sum << 7) | ((bytes[at + index] ?? 0) & 0x7f), 0)
}
