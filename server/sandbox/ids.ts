import type { Random } from './random.ts'

/** RunningHub's ids are Twitter snowflakes: milliseconds since this moment, shifted by 22 bits. */
const snowflakeEpochMs = 1_288_834_974_657

/** Where the ids of a seeded sandbox begin: an id printed in RunningHub's documentation is of this day. */
const seededStartMs = 1_768_892_915_000

export type Ids = {
  /** 19 digits, growing, never a number a double can hold exactly. */
  next(): string
  hex(length: number): string
  /** Seconds since 1970 and five letters, as in `ComfyUI_00001_plhjr_1768892915.png`. */
  fileName(prefix: string, index: number, extension: string): string
}

export function createIds(random: Random, startMs: number | undefined): Ids {
  let ms = Math.max(startMs ?? seededStartMs, seededStartMs)
  return {
    next() {
      ms += random.between(1, 40)
      const low = BigInt(random.between(1, 0x3fffff)) | 1n
      // Doubles of this size are 256 apart, so an odd id always changes when it is rounded.
      return ((BigInt(ms - snowflakeEpochMs) << 22n) | low).toString()
    },
    hex: length => random.text(length, '0123456789abcdef'),
    fileName(prefix, index, extension) {
      const letters = random.text(5, 'abcdefghijklmnopqrstuvwxyz')
      const number = String(index).padStart(5, '0')
      return `${prefix}_${number}_${letters}_${Math.floor(ms / 1000)}.${extension}`
    },
  }
}

/** Whether a text is an id by form: digits only, nothing to trim. */
export function isId(text: string): boolean {
  return /^[1-9][0-9]{0,19}$/.test(text)
}

/**
 * Whether an id went through a JavaScript number on its way: beyond 2^53 it prints with 17 digits, so two to four zeros
 * stand at its end (more zeros: somebody typed it).
 */
export function isRounded(id: string): boolean {
  return /^[1-9][0-9]{16,18}$/.test(id) && /[1-9]0{2,4}$/.test(id) && String(Number(id)) === id
}
