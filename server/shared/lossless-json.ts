import { BridgeError } from './errors.ts'
import { openAtEnd, withoutNonFinite } from './scan-json.ts'

/**
 * JSON whose whole numbers survive: beyond 2^53 they are read as bigint and written digit for digit. Everything of ours
 * that holds workflows, prompts, RunningHub answers or events goes through this pair.
 */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | { [key: string]: JsonValue }

/** Deeper nesting is an attack or an accident: real files stay below 40, and recursive readers must not overflow. */
const deepest = 512

const hasLongNumber = /[0-9]{16}/
const wholeNumber = /^-?[0-9]+$/
/** A longer number takes seconds to read and to write, and means nothing; Python's own limit. It is read as JSON reads it: as no finite one. */
const mostDigits = 4300

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown

const keepDigits: Reviver = (_key, value, context) =>
  typeof value === 'number' &&
  !Number.isSafeInteger(value) &&
  context?.source !== undefined &&
  context.source.length <= mostDigits &&
  wholeNumber.test(context.source)
    ? BigInt(context.source)
    : value

/**
 * Parses JSON text losslessly. Bare `NaN` and `Infinity`, which Python writes, become null.
 * Throws BridgeError `json-empty`, `json-too-deep`, `json-truncated` or `json-invalid`, the last
 * with line and column where the parser tells them. None of them quotes the text.
 */
export function parseJson(text: string): JsonValue {
  const clean = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  if (clean.trim() === '') throw new BridgeError('the text is empty', { code: 'json-empty' })
  refuseDeepNesting(clean)
  try {
    return parse(clean)
  } catch (error) {
    const { text: tolerated, count } = withoutNonFinite(clean)
    if (count > 0) {
      try {
        return parse(tolerated)
      } catch {
        // The first error names the right place; the second attempt only looked for Python's spelling.
      }
    }
    throw describe(clean, error)
  }
}

/** Writes JSON; bigint becomes a bare integer literal. `indent` spaces, none by default. */
export function writeJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(
    value,
    (_key, item: unknown) => (typeof item === 'bigint' ? rawNumber(item.toString()) : item),
    indent,
  )
  return text ?? 'null'
}

/** A number literal that goes onto the wire exactly as written, e.g. a 19-digit webappId. */
export function rawNumber(digits: string): unknown {
  return JSON.rawJSON(digits)
}

/** JSON with every non-ASCII character escaped, as Python writes it into PNG texts. */
export function toAscii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function parse(text: string): JsonValue {
  // The reviver makes parsing several times slower, so only texts that can hold a long number pay for it.
  return hasLongNumber.test(text)
    ? (JSON.parse as (text: string, reviver: Reviver) => JsonValue)(text, keepDigits)
    : (JSON.parse(text) as JsonValue)
}

function refuseDeepNesting(text: string): void {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (inString) {
      if (char === 0x5c) i++
      else if (char === 0x22) inString = false
    } else if (char === 0x22) inString = true
    else if (char === 0x7b || char === 0x5b) {
      if (++depth > deepest) {
        throw new BridgeError(`the JSON is nested more than ${deepest} levels deep`, {
          code: 'json-too-deep',
        })
      }
    } else if (char === 0x7d || char === 0x5d) depth--
  }
}

/** V8's own message quotes the text, which may hold a key: it goes neither into ours nor into the cause. */
function describe(text: string, error: unknown): BridgeError {
  const message = error instanceof Error ? error.message : ''
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? Number.NaN)
  const atEnd = /end of JSON input|Unterminated string/.test(message) || position >= text.trimEnd().length
  if (atEnd && openAtEnd(text)) {
    return new BridgeError('the JSON ends in the middle: the file is cut off', { code: 'json-truncated' })
  }
  if (Number.isNaN(position)) return new BridgeError('the text is not JSON', { code: 'json-invalid' })
  const before = text.slice(0, position)
  const line = before.split('\n').length
  const column = position - before.lastIndexOf('\n')
  return new BridgeError(`the text is not JSON (line ${line}, column ${column})`, { code: 'json-invalid' })
}
