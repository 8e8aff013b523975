import { BridgeError } from '../shared/errors.ts'

type Kind = { name: string; media?: 'picture' | 'video' | 'sound'; test: (bytes: Uint8Array) => boolean }

const ascii = (bytes: Uint8Array, at: number, word: string) =>
  [...word].every((char, index) => bytes[at + index] === char.charCodeAt(0))
const starts =
  (...first: number[]) =>
  (bytes: Uint8Array) =>
    first.every((byte, index) => bytes[index] === byte)
const word =
  (text: string, at = 0) =>
  (bytes: Uint8Array) =>
    ascii(bytes, at, text)

const kinds: readonly Kind[] = [
  { name: 'a JPEG picture', media: 'picture', test: starts(0xff, 0xd8, 0xff) },
  {
    name: 'a WEBP picture',
    media: 'picture',
    test: bytes => ascii(bytes, 0, 'RIFF') && ascii(bytes, 8, 'WEBP'),
  },
  { name: 'a WAV sound', media: 'sound', test: bytes => ascii(bytes, 0, 'RIFF') && ascii(bytes, 8, 'WAVE') },
  { name: 'an AVI video', media: 'video', test: bytes => ascii(bytes, 0, 'RIFF') && ascii(bytes, 8, 'AVI ') },
  { name: 'a GIF picture', media: 'picture', test: word('GIF8') },
  { name: 'an AVIF picture', media: 'picture', test: word('ftypavif', 4) },
  { name: 'a HEIC picture', media: 'picture', test: word('ftypheic', 4) },
  { name: 'an MP4 or MOV video', media: 'video', test: word('ftyp', 4) },
  { name: 'a WebM or MKV video', media: 'video', test: starts(0x1a, 0x45, 0xdf, 0xa3) },
  { name: 'a FLAC sound', media: 'sound', test: word('fLaC') },
  { name: 'an OGG sound', media: 'sound', test: word('OggS') },
  {
    name: 'an MP3 sound',
    media: 'sound',
    test: bytes => ascii(bytes, 0, 'ID3') || (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe6) === 0xe2),
  },
  {
    name: 'a BMP picture',
    media: 'picture',
    test: bytes => ascii(bytes, 0, 'BM') && bytes.length > 26 && bytes[6] === 0 && bytes[7] === 0,
  },
  {
    name: 'a TIFF picture',
    media: 'picture',
    test: bytes => ascii(bytes, 0, 'II*\0') || ascii(bytes, 0, 'MM\0*'),
  },
  { name: 'a ZIP archive', test: starts(0x50, 0x4b, 0x03, 0x04) },
  { name: 'a gzip archive', test: starts(0x1f, 0x8b) },
  { name: 'a 7z archive', test: starts(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c) },
  { name: 'a RAR archive', test: word('Rar!') },
  { name: 'a PDF document', test: word('%PDF') },
  { name: 'a GLB model', media: 'picture', test: word('glTF') },
  {
    name: 'a safetensors or latent file',
    test: bytes => bytes[8] === 0x7b && bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0,
  },
  { name: 'a program', test: bytes => ascii(bytes, 0, 'MZ') || ascii(bytes, 1, 'ELF') },
]

/** Bytes -> text, or a BridgeError that names the kind of file. UTF-8, and UTF-16 with a byte order mark (Windows). */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  const kind = kinds.find(({ test }) => test(bytes))
  if (kind) throw notText(kind)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // JSON allows no NUL anywhere; text editors and shells write none.
    if (!text.slice(0, 1000).includes('\0')) return text
  } catch {
    // Not UTF-8: reported below like any other binary.
  }
  throw notText(undefined)
}

function notText(kind: Kind | undefined): BridgeError {
  const hint = kind?.media
    ? 'No workflow is inside it. To use this file as an input, put it into a load node.'
    : kind?.name.includes('archive')
      ? 'Unpack it and open the JSON or PNG file inside.'
      : 'Workflows are read from JSON files and from PNG files made by ComfyUI.'
  const message = kind ? `this is ${kind.name}, not a workflow` : 'this is a binary file, not a workflow'
  return new BridgeError(message, { code: 'workflow-binary', hint })
}
