import { BridgeError, messageOf } from '../shared/errors.ts'

/** An error as two lines at most: what happened, what to do. No stack. */
export function explain(error: unknown): string {
  const message = upperFirst(messageOf(error))
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`
  return error instanceof BridgeError && error.hint !== undefined ? `${sentence}\n  ${error.hint}` : sentence
}

/** `0:41`, `1:02:03`. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** `3.1 MB`, `812 bytes`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const units = ['KB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = -1
  do {
    value /= 1000
    unit++
  } while (value >= 1000 && unit < units.length - 1)
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** Text from files and from the cloud may hold terminal codes: shown, never obeyed. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not reach the terminal.
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '�')
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
