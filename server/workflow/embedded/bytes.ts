export const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export const latin1 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

export const utf8 = (bytes: Uint8Array) => new TextDecoder('utf-8').decode(bytes)

/** Whether the bytes at a place are this word. */
export function isWord(bytes: Uint8Array, at: number, word: string): boolean {
  return latin1(bytes.subarray(at, at + word.length)) === word
}
