import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { Folder } from '../../nodes/context.ts'
import { BridgeError } from '../shared/errors.ts'

/** `sub/a.png [output]` taken apart (ComfyUI: annotated names). Without annotation loaders mean input. */
export function readAnnotatedName(
  text: string,
  otherwise: Folder = 'input',
): { folder: Folder; name: string } {
  const match = /^(.*?)\s?\[(input|output|temp)\]$/.exec(text.trim())
  return match
    ? { folder: match[2] as Folder, name: match[1] ?? '' }
    : { folder: otherwise, name: text.trim() }
}

/**
 * A path below `root`, or BridgeError `path-outside`. Names come from files and requests: absolute ones, `..` and NUL never leave the
 * folder.
 */
export function pathInside(root: string, name: string): string {
  const path = resolve(root, name.replaceAll('\\', '/'))
  const below = relative(root, path)
  if (
    name.includes('\0') ||
    below === '' ||
    below === '..' ||
    below.startsWith(`..${sep}`) ||
    isAbsolute(below)
  ) {
    throw new BridgeError(`"${name}" is not a name inside the folder`, {
      code: 'path-outside',
      hint: 'Use a file name, with folders below it at most.',
    })
  }
  return path
}

/**
 * A filename_prefix with its tokens filled in and its folders split off (ComfyUI: file naming). A trailing slash is normalised away.
 * Throws `path-outside` for a prefix that leaves the output folder.
 */
export function resolvePrefix(
  prefix: string,
  facts: { now: Date; width?: number; height?: number },
): { subfolder: string; stem: string } {
  const two = (value: number) => String(value).padStart(2, '0')
  const { now } = facts
  const tokens: Record<string, string> = {
    width: String(facts.width ?? 0),
    height: String(facts.height ?? 0),
    year: String(now.getFullYear()),
    month: two(now.getMonth() + 1),
    day: two(now.getDate()),
    hour: two(now.getHours()),
    minute: two(now.getMinutes()),
    second: two(now.getSeconds()),
  }
  const filled = fillDates(prefix, now).replace(/%(\w+)%/g, (whole, name: string) => tokens[name] ?? whole)
  const normal = join('/', filled.replaceAll('\\', '/'))
  const leaves = filled.split(/[\\/]/).includes('..') || isAbsolute(filled) || /^[a-z]:/i.test(filled)
  if (leaves || filled.includes('\0')) {
    throw new BridgeError(
      `**** ERROR: Saving image outside the output folder is not allowed. The prefix is "${prefix}".`,
      { code: 'path-outside', hint: 'Use a prefix such as "folder/name", below the output folder.' },
    )
  }
  const path = normal.replace(/^\/+|\/+$/g, '')
  const stem = safeName(basename(path) || 'ComfyUI')
  const subfolder = path.split('/').slice(0, -1).map(safeName).join('/')
  return { subfolder, stem }
}

/** Longest file name in bytes; room is left for counters and for the 255 bytes file systems allow. */
const maxNameBytes = 150

/** A file name that every file system takes: no separators, no reserved or control characters, not too long; its extension stays. */
export function safeName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must go.
  const safe = name.replace(/[<>:"|?*/\\\x00-\x1f]/g, '_')
  if (/^\.{1,2}$/.test(safe)) return '_'
  const extension = /\.[a-z0-9]{1,10}$/i.exec(safe)?.[0] ?? ''
  const stem = safe.slice(0, safe.length - extension.length)
  return firstBytes(stem, maxNameBytes - extension.length) + extension
}

/** The start of a text in UTF-8 bytes, never cut inside a character. */
function firstBytes(text: string, maxBytes: number): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return decoder.decode(Buffer.from(text).subarray(0, maxBytes), { stream: true })
}

/** `%date:yyyy-MM-dd%`; ComfyUI's frontend does it before sending, so only files that skipped it still hold one. */
function fillDates(prefix: string, now: Date): string {
  return prefix.replace(/%date:([^%]+)%/g, (_whole, format: string) =>
    format.replace(/yyyy|yy|MM|M|dd|d|hh|h|mm|m|ss|s/g, part => {
      const values: Record<string, number> = {
        y: now.getFullYear(),
        M: now.getMonth() + 1,
        d: now.getDate(),
        h: now.getHours(),
        m: now.getMinutes(),
        s: now.getSeconds(),
      }
      const value = String(values[part.charAt(0)] ?? 0)
      return part === 'yy' ? value.slice(-2) : value.padStart(part.length, '0')
    }),
  )
}
