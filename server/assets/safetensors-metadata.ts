/**
 * A safetensors file with texts in its `__metadata__`, numbers untouched (ComfyUI: SaveLatent). What is no such file is returned as
 * it is.
 */
export function withSafetensorsTexts(bytes: Buffer, texts: Readonly<Record<string, string>>): Buffer {
  if (bytes.length < 8) return bytes
  const length = bytes.readBigUInt64LE()
  if (length > BigInt(bytes.length - 8)) return bytes
  const dataStart = 8 + Number(length)
  let header: unknown
  try {
    header = JSON.parse(bytes.toString('utf8', 8, dataStart))
  } catch {
    return bytes
  }
  if (typeof header !== 'object' || header === null) return bytes
  const { __metadata__: before, ...tensors } = header as Record<string, unknown>
  const json = Buffer.from(JSON.stringify({ __metadata__: { ...(before as object), ...texts }, ...tensors }))
  // Data begins at a multiple of eight: the header is padded with spaces.
  const text = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ')
  json.copy(text)
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([size, text, bytes.subarray(dataStart)])
}
