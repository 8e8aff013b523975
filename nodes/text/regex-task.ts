import { type RegexFlags, type Translated, translateRegex } from './python-regex.ts'
import { readReplacement } from './python-replacement.ts'

/** What ComfyUI's three regex nodes ask of a pattern. */
export type RegexTask = { readonly pattern: string; readonly text: string; readonly flags: RegexFlags } & (
  | { readonly kind: 'search' }
  | { readonly kind: 'find'; readonly mode: FindMode; readonly group: number }
  | { readonly kind: 'replace'; readonly replacement: string; readonly count: number }
)
export type FindMode = 'First Match' | 'All Matches' | 'First Group' | 'All Groups'

/** The texts found, the text with replacements, or `true` and `false`. Throws what translateRegex throws. */
export function runRegexTask(task: RegexTask): string | boolean {
  const translated = translateRegex(task.pattern, task.flags)
  const matches = matchesOf(task.text, translated)
  switch (task.kind) {
    case 'search':
      return matches.next().done === false
    case 'find':
      return find(task, matches, translated.groups)
    case 'replace':
      return replace(task, matches, translated)
  }
}

type Match = {
  readonly start: number
  readonly end: number
  readonly groups: Record<string, string | undefined>
}

/** All matches in order. After an empty one, a longer one may begin at the same place (Python's finditer since 3.7). */
function* matchesOf(text: string, { source, flags }: Translated): Generator<Match, void> {
  const regex = new RegExp(source, `g${flags}`)
  const longer = longerMatch(source, flags)
  for (let at = 0; at <= text.length; ) {
    regex.lastIndex = at
    const found = regex.exec(text)
    if (!found) return
    if (isInsidePair(text, found.index)) {
      at = found.index + 1
      continue
    }
    const match = matchOf(found, found.index)
    yield match
    at = match.end
    if (match.end > match.start) continue
    const next = longer(text, at)
    if (next) yield next
    at = next?.end ?? at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
  }
}

/** The match that begins at a place and is not empty. */
function longerMatch(source: string, flags: string): (text: string, at: number) => Match | undefined {
  if (/\(\?<[!=]/.test(source)) {
    // What stands before counts, so the text stays whole: the rest after the match must not be the rest before it.
    const regex = new RegExp(`(?=(?<rest>[^]*))(?:${source})(?!\\k<rest>(?![^]))`, `y${flags}`)
    return (text, at) => {
      regex.lastIndex = at
      const found = regex.exec(text)
      return found ? matchOf(found, at) : undefined
    }
  }
  const regex = new RegExp(`(?:${source})(?<=[^])`, `y${flags}`)
  return (text, at) => {
    regex.lastIndex = 0
    const found = regex.exec(text.slice(at))
    return found ? matchOf(found, at) : undefined
  }
}

function matchOf(found: RegExpExecArray, start: number): Match {
  return { start, end: start + found[0].length, groups: { g0: found[0], ...found.groups } }
}

/** Between the two halves of one character, where the engine sees an end. */
function isInsidePair(text: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(Math.max(0, at - 1), at + 1)) && at > 0
}

function find(
  { mode, group }: Extract<RegexTask, { kind: 'find' }>,
  matches: Iterable<Match>,
  groups: number,
): string {
  const found: string[] = []
  for (const match of matches) {
    if (mode === 'First Match') found.push(match.groups.g0 ?? '')
    // re.findall gives the first group where there is one.
    else if (mode === 'All Matches') found.push(match.groups[groups > 0 ? 'g1' : 'g0'] ?? '')
    else if (group <= groups && (groups > 0 || mode === 'First Group')) {
      const part = match.groups[`g${group}`]
      if (part !== undefined) found.push(part)
    }
    if (mode.startsWith('First')) break
  }
  return found.join('\n')
}

function replace(
  { text, replacement, count }: Extract<RegexTask, { kind: 'replace' }>,
  matches: Iterable<Match>,
  translated: Translated,
): string {
  const parts = readReplacement(replacement, translated)
  let result = ''
  let end = 0
  let done = 0
  for (const match of matches) {
    result += text.slice(end, match.start)
    for (const part of parts) result += typeof part === 'string' ? part : (match.groups[`g${part}`] ?? '')
    end = match.end
    if (++done === count) break
  }
  return result + text.slice(end)
}
