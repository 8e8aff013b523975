import { createHash } from 'node:crypto'

/** A reproducible source of chance. */
export type Random = {
  /** 0 inclusive to 1 exclusive. */
  next(): number
  /** A whole number, both ends included. */
  between(low: number, high: number): number
  /** `length` characters of `alphabet`. */
  text(length: number, alphabet: string): string
}

/** mulberry32: small, fast and good enough for pictures and prices. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    text: (length, alphabet) =>
      Array.from({ length }, () => alphabet.charAt(Math.floor(next() * alphabet.length))).join(''),
  }
}

/** 32 bits of a text, for a {@link createRandom} that depends on it. */
export function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32LE(0)
}
