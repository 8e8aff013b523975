import { utf8, viewOf } from './bytes.ts'

export function isSafetensors(bytes: Uint8Array): boolean {
  return bytes.length > 10 && bytes[8] === 0x7b && bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0
}

/** Latents: `__metadata__` of the header, texts by name. */
export function* readSafetensors(bytes: Uint8Array): Generator<[string, string]> {
  const length = Number(viewOf(bytes).getBigUint64(0, true))
  let header: unknown
  try {
    header = JSON.parse(utf8(bytes.subarray(8, 8 + length)))
  } catch {
    // Damaged: it holds no texts, and the caller says what it looks like.
    return
  }
  const metadata = (header as { __metadata__?: unknown } | null)?.__metadata__
  for (const [name, text] of Object.entries(metadata ?? {})) if (typeof text === 'string') yield [name, text]
}
