import { inflateSync } from 'node:zlib'
import { BridgeError } from '../shared/errors.ts'

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, index) => bytes[index] === byte)
}

/** What a PNG says in words. `damaged`: it ends early or a text cannot be unpacked. */
type PngTexts = { readonly texts: ReadonlyMap<string, string>; readonly damaged: boolean }

const wanted = new Set(['workflow', 'prompt', 'parameters'])

/** The texts called workflow, prompt or parameters in tEXt, iTXt, zTXt and ComfyUI's own `comf` chunks; the first of each name. */
export function readPngTexts(bytes: Uint8Array, maxTextBytes: number): PngTexts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const texts = new Map<string, string>()
  let damaged = false
  let at = signature.length
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at)
    const kind = latin1(bytes.subarray(at + 4, at + 8))
    const start = at + 8
    if (start + length + 4 > bytes.length) return { texts, damaged: true }
    if (kind === 'tEXt' || kind === 'iTXt' || kind === 'zTXt' || kind === 'comf') {
      const text = readText(kind, bytes.subarray(start, start + length), maxTextBytes, texts)
      if (text === 'damaged') damaged = true
      else if (text && !texts.has(text.keyword)) texts.set(text.keyword, text.value)
    }
    if (kind === 'IEND') return { texts, damaged }
    at = start + length + 4
  }
  return { texts, damaged: true }
}

function readText(
  kind: string,
  data: Uint8Array,
  maxTextBytes: number,
  known: ReadonlyMap<string, string>,
): { keyword: string; value: string } | 'damaged' | undefined {
  const end = data.subarray(0, 128).indexOf(0)
  if (end < 0) return undefined
  const keyword = latin1(data.subarray(0, end)).toLowerCase()
  // What is there already is not unpacked again: a small file may hold it a thousand times.
  if (!wanted.has(keyword) || known.has(keyword)) return undefined
  const rest = data.subarray(end + 1)
  const packed = kind === 'zTXt' || (kind === 'iTXt' && rest[0] === 1)
  const payload = kind === 'zTXt' ? rest.subarray(1) : kind === 'iTXt' ? afterLanguage(rest) : rest
  if (!payload) return 'damaged'
  if (!packed && payload.length > maxTextBytes) throw tooBig(maxTextBytes)
  const plain = packed ? unpack(payload, maxTextBytes) : payload
  return plain ? { keyword, value: decode(plain) } : 'damaged'
}

/** iTXt: compression flag, method, language NUL, translated keyword NUL, text. */
function afterLanguage(rest: Uint8Array): Uint8Array | undefined {
  const language = rest.indexOf(0, 2)
  const translated = language < 0 ? -1 : rest.indexOf(0, language + 1)
  return translated < 0 ? undefined : rest.subarray(translated + 1)
}

function unpack(payload: Uint8Array, maxTextBytes: number): Uint8Array | undefined {
  try {
    return inflateSync(payload, { maxOutputLength: maxTextBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooBig(maxTextBytes)
    // A text that does not unpack is damage like any other: the caller says so.
    return undefined
  }
}

/** tEXt is Latin-1 by the standard, but everybody who writes JSON writes UTF-8. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('latin1').decode(bytes)
  }
}

const latin1 = (bytes: Uint8Array) => String.fromCharCode(...bytes)

function tooBig(maxTextBytes: number): BridgeError {
  return new BridgeError(`the text inside this PNG is larger than ${Math.floor(maxTextBytes / 1e6)} MB`, {
    code: 'workflow-too-big',
    hint: 'Save the workflow as a JSON file in the program that made it.',
  })
}
