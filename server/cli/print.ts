import { isAbsolute, relative, sep } from 'node:path'
import { linkOf } from '../../words/index.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { currentLanguage, told, word } from './words/index.ts'

/** An error in a few lines: what happened, what to do, and where to read on. No stack. */
export function explain(error: unknown): string {
  const message = upperFirst(told(messageOf(error)))
  const sentence = /[.!?。？！）]$/.test(message)
    ? message
    : `${message}${currentLanguage() === 'zh' ? '。' : '.'}`
  if (!(error instanceof BridgeError)) return sentence
  return [sentence, ...advice(error).map(line => `  ${line}`)].join('\n')
}

/** What to do about an error, and the page of RunningHub that tells more, as far as there are any. */
export function advice({ code, hint }: { code: string; hint?: string | null }): readonly string[] {
  const link = linkOf(code, currentLanguage())
  return [...(hint ? [told(hint)] : []), ...(link === undefined ? [] : [word('run.link', { link })])]
}

/** `--json`: an error with its stable code, its words in the language. */
export function errorJson(error: unknown): { code: string; message: string; hint: string | null } {
  const { code, hint } = error instanceof BridgeError ? error : { code: 'unexpected' }
  return { code, message: told(messageOf(error)), hint: hint === undefined ? null : told(hint) }
}

/** What a person can put right, printed as wished. Answers the exit code; throws any other error on. */
export function tellUnusable(error: unknown, { json = false }: { json?: boolean }): 2 {
  if (!(error instanceof BridgeError)) throw error
  if (json) process.stdout.write(`${writeJson({ error: errorJson(error) })}\n`)
  else process.stderr.write(`${explain(error)}\n`)
  return 2
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

/** A path as people would type it here: relative below the working directory, absolute elsewhere. `--json` has absolute ones. */
export function shownPath(path: string): string {
  const inside = relative(process.cwd(), path)
  const isBelow = inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
  return printable(isBelow ? inside : path)
}

/** Text from files and from the cloud may hold terminal codes: shown, never obeyed. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not reach the terminal.
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '�')
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
