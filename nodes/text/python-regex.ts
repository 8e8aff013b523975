/**
 * Regular expressions as Python's `re` reads them, in JavaScript's words: people's graphs were written against ComfyUI. Everything whose
 * meaning differs is spelt out (`$` before a last newline, `\w` and `\d` of all scripts, `(?P<name>)`, possessive and atomic parts).
 * Two differences remain: a group that took part only in an earlier repetition is empty, not what it last was; and a reference to a
 * group that took no part matches the empty text instead of nothing.
 */

/** A pattern that Python refuses, too; the message is Python's. */
export class RegexSyntaxError extends Error {}
/** A pattern that Python knows and this does not. */
export class RegexUnsupportedError extends Error {}

export type RegexFlags = {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
}

/** `source` and `flags` for RegExp; the groups are called `g1` to `g<groups>` there, whatever they are called in the pattern. */
export type Translated = {
  readonly source: string
  readonly flags: string
  readonly groups: number
  readonly names: ReadonlyMap<string, number>
}

type Scope = RegexFlags & { readonly verbose: boolean; readonly ascii: boolean }

const deepestGroup = 200
/** str.isspace() */
const space =
  '\\t-\\r\\u{1c}-\\u{20}\\u{85}\\u{a0}\\u{1680}\\u{2000}-\\u{200a}\\u{2028}\\u{2029}\\u{202f}\\u{205f}\\u{3000}'
const classes = {
  d: { unicode: '\\p{Nd}', ascii: '0-9' },
  s: { unicode: space, ascii: '\\t-\\r\\u{20}' },
  w: { unicode: '\\p{L}\\p{N}_', ascii: 'a-zA-Z0-9_' },
}
/** What a letter after a backslash stands for. */
export const controls: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}
const atStart = '(?<![^])'
const atEnd = '(?![^])'

/** Throws RegexSyntaxError or RegexUnsupportedError. */
export function translateRegex(pattern: string, given: RegexFlags): Translated {
  const chars = [...pattern]
  const names = new Map<string, number>()
  const open = new Set<number>()
  let at = 0
  let groups = 0
  let atomics = 0
  let depth = 0

  const peek = (offset = 0) => chars[at + offset] ?? ''
  const take = () => chars[at++] ?? ''
  const takeIf = (text: string) => {
    if (chars.slice(at, at + text.length).join('') !== text) return false
    at += text.length
    return true
  }
  const takeWhile = (test: RegExp, most = Number.POSITIVE_INFINITY) => {
    let taken = ''
    while (taken.length < most && test.test(peek())) taken += take()
    return taken
  }
  const takeUntil = (end: string, what: string) => {
    let taken = ''
    while (peek() !== end) {
      if (at >= chars.length) throw new RegexSyntaxError(`missing ${end}, unterminated ${what}`)
      taken += take()
    }
    take()
    if (taken === '') throw new RegexSyntaxError(`missing ${what}`)
    return taken
  }

  function alternation(scope: Scope): string {
    if (++depth > deepestGroup) throw new RegexSyntaxError('too many groups inside each other')
    let result = ''
    let previous: 'nothing' | 'anchor' | 'repeat' | 'atom' = 'nothing'
    let last = ''
    const flush = () => {
      result += last
      last = ''
    }
    while (at < chars.length && peek() !== ')') {
      if (scope.verbose && skipVerbose()) continue
      if (takeIf('|')) {
        flush()
        result += '|'
        previous = 'nothing'
        continue
      }
      const repeat = quantifier()
      if (repeat !== undefined) {
        if (previous === 'nothing' || previous === 'anchor') throw new RegexSyntaxError('nothing to repeat')
        if (previous === 'repeat') throw new RegexSyntaxError('multiple repeat')
        const lazy = takeIf('?')
        last = !lazy && takeIf('+') ? atomic(`${last}${repeat}`) : `${last}${repeat}${lazy ? '?' : ''}`
        previous = 'repeat'
        continue
      }
      const next = atom(scope)
      if (next === undefined) continue
      flush()
      last = next.text
      previous = next.isAnchor ? 'anchor' : 'atom'
    }
    flush()
    depth--
    return result
  }

  function skipVerbose(): boolean {
    if (/[ \t\n\r\v\f]/.test(peek())) take()
    else if (peek() === '#') takeWhile(/[^\n]/)
    else return false
    return true
  }

  /** JavaScript's spelling of a repetition, or undefined when none stands here: a brace may be just a brace. */
  function quantifier(): string | undefined {
    const sign = peek()
    if (sign === '*' || sign === '+' || sign === '?') return take()
    if (sign !== '{' || peek(1) === '}') return undefined
    const start = at++
    const low = takeWhile(/\d/)
    const isRange = takeIf(',')
    const high = isRange ? takeWhile(/\d/) : low
    if ((low === '' && !isRange) || !takeIf('}')) {
      at = start
      return undefined
    }
    if (high !== '' && Number(high) < Number(low)) {
      throw new RegexSyntaxError('min repeat greater than max repeat')
    }
    return `{${low === '' ? '0' : low}${isRange ? `,${high}` : ''}}`
  }

  /** The next piece, undefined for one that means nothing by itself: a comment, flags. */
  function atom(scope: Scope): { text: string; isAnchor?: boolean } | undefined {
    const sign = take()
    if (sign === '.') return { text: scope.dotAll ? '[^]' : '[^\\n]' }
    if (sign === '^') return { text: scope.multiline ? '(?<![^\\n])' : atStart, isAnchor: true }
    if (sign === '$') return { text: scope.multiline ? '(?![^\\n])' : `(?=\\n?${atEnd})`, isAnchor: true }
    if (sign === '[') return { text: characterClass(scope) }
    if (sign === '(') return group(scope)
    if (sign === '\\') return escaped(scope)
    return { text: literal(sign) }
  }

  function group(scope: Scope): { text: string } | undefined {
    if (!takeIf('?')) return { text: capture(scope, undefined) }
    const kind = take()
    if (kind === ':') return { text: close(`(?:${alternation(scope)}`) }
    if (kind === '=' || kind === '!') return { text: `(?:${close(`(?${kind}${alternation(scope)}`)})` }
    if (kind === '>') return { text: atomic(close(alternation(scope), '')) }
    if (kind === '#') {
      takeWhile(/[^)]/)
      if (!takeIf(')')) throw new RegexSyntaxError('missing ), unterminated comment')
      return undefined
    }
    if (kind === '<') {
      const side = take()
      if (side !== '=' && side !== '!') throw new RegexSyntaxError(`unknown extension ?<${side}`)
      return { text: `(?:${close(`(?<${side}${alternation(scope)}`)})` }
    }
    if (kind === 'P') return namedGroup(scope)
    if (kind === '(') throw new RegexUnsupportedError('a part that depends on a group, (?(1)…|…)')
    return flagGroup(scope, kind)
  }

  function namedGroup(scope: Scope): { text: string } {
    if (takeIf('<')) {
      const name = checkName(takeUntil('>', 'group name'))
      if (names.has(name)) throw new RegexSyntaxError(`redefinition of group name '${name}'`)
      return { text: capture(scope, name) }
    }
    if (!takeIf('=')) throw new RegexSyntaxError(`unknown extension ?P${peek()}`)
    const name = checkName(takeUntil(')', 'group name'))
    const number = names.get(name)
    if (number === undefined) throw new RegexSyntaxError(`unknown group name '${name}'`)
    return { text: reference(number) }
  }

  function capture(scope: Scope, name: string | undefined): string {
    const number = ++groups
    if (name !== undefined) names.set(name, number)
    open.add(number)
    const text = close(`(?<g${number}>${alternation(scope)}`)
    open.delete(number)
    return text
  }

  function flagGroup(scope: Scope, first: string): { text: string } {
    at--
    const on = takeWhile(/[aiLmsux]/)
    const off = takeIf('-') ? takeWhile(/[imsx]/) : ''
    const end = take()
    if (on.includes('L'))
      throw new RegexSyntaxError("bad inline flags: cannot use 'L' flag with a str pattern")
    if (on === '' && off === '') throw new RegexSyntaxError(`unknown extension ?${first}`)
    const inner: Scope = {
      ignoreCase: (scope.ignoreCase || on.includes('i')) && !off.includes('i'),
      multiline: (scope.multiline || on.includes('m')) && !off.includes('m'),
      dotAll: (scope.dotAll || on.includes('s')) && !off.includes('s'),
      verbose: (scope.verbose || on.includes('x')) && !off.includes('x'),
      ascii: (scope.ascii || on.includes('a')) && !on.includes('u'),
    }
    if (end === ')' && off === '') {
      throw new RegexSyntaxError('global flags not at the start of the expression')
    }
    if (end !== ':') throw new RegexSyntaxError('unknown flag')
    const change = inner.ignoreCase === scope.ignoreCase ? '' : inner.ignoreCase ? 'i' : '-i'
    return { text: close(`(?${change}:${alternation(inner)}`) }
  }

  /** What it matches is never given back; a lookahead that is then taken whole. */
  function atomic(text: string): string {
    const name = `a${++atomics}`
    return `(?:(?=(?<${name}>${text}))\\k<${name}>)`
  }

  function close(text: string, end = ')'): string {
    if (!takeIf(')')) throw new RegexSyntaxError('missing ), unterminated subpattern')
    return text + end
  }

  function reference(number: number): string {
    if (open.has(number)) throw new RegexSyntaxError('cannot refer to an open group')
    return `(?:\\k<g${number}>)`
  }

  function escaped(scope: Scope): { text: string; isAnchor?: boolean } {
    const sign = take()
    if (sign === '') throw new RegexSyntaxError('bad escape (end of pattern)')
    if (sign === 'A') return { text: atStart, isAnchor: true }
    if (sign === 'Z') return { text: atEnd, isAnchor: true }
    if (sign === 'b' || sign === 'B') {
      const word = `[${scope.ascii ? classes.w.ascii : classes.w.unicode}]`
      return {
        text:
          sign === 'B'
            ? `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`
            : `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`,
        isAnchor: true,
      }
    }
    const set = shorthand(sign, scope)
    if (set !== undefined) return { text: set }
    if (/[1-9]/.test(sign)) {
      const number = backReference(sign)
      if (number !== undefined) return { text: reference(number) }
    }
    return { text: literal(escapedCharacter(sign, false)) }
  }

  /** `\12`: a group, unless three octal digits name a character. */
  function backReference(first: string): number | undefined {
    if (/[0-7]/.test(first) && /[0-7]/.test(peek()) && /[0-7]/.test(peek(1))) return undefined
    const number = Number(first + takeWhile(/\d/, 1))
    if (number > groups) throw new RegexSyntaxError(`invalid group reference ${number}`)
    return number
  }

  /** `\d` and its kind as a class, undefined for any other letter. */
  function shorthand(sign: string, scope: Scope): string | undefined {
    const kind = classes[sign.toLowerCase() as keyof typeof classes] as { unicode: string; ascii: string }
    if (!kind) return undefined
    return `[${sign === sign.toLowerCase() ? '' : '^'}${scope.ascii ? kind.ascii : kind.unicode}]`
  }

  function escapedCharacter(sign: string, isInClass: boolean): string {
    const control = sign === 'b' && !isInClass ? undefined : controls[sign]
    if (control !== undefined) return control
    if (/[0-7]/.test(sign) && (sign === '0' || isInClass || /[0-7]/.test(peek()))) {
      const digits = sign + takeWhile(/[0-7]/, 2)
      const code = Number.parseInt(digits, 8)
      if (code > 0o377) {
        throw new RegexSyntaxError(`octal escape value \\${digits} outside of range 0-0o377`)
      }
      return String.fromCodePoint(code)
    }
    const length = { x: 2, u: 4, U: 8 }[sign]
    if (length !== undefined) {
      const digits = takeWhile(/[0-9a-fA-F]/, length)
      const code = Number.parseInt(digits, 16)
      if (digits.length < length) throw new RegexSyntaxError(`incomplete escape \\${sign}${digits}`)
      if (code > 0x10ffff) throw new RegexSyntaxError(`bad escape \\${sign}${digits}`)
      return String.fromCodePoint(code)
    }
    if (sign === 'N') throw new RegexUnsupportedError('a character by its name, \\N{…}')
    if (/[A-Za-z0-9]/.test(sign)) throw new RegexSyntaxError(`bad escape \\${sign}`)
    return sign
  }

  function characterClass(scope: Scope): string {
    const negated = takeIf('^')
    let members = ''
    const others: string[] = []
    let isFirst = true
    for (;;) {
      if (at >= chars.length) throw new RegexSyntaxError('unterminated character set')
      if (!isFirst && takeIf(']')) break
      isFirst = false
      const from = classMember(scope)
      if (peek() !== '-' || peek(1) === ']') {
        // A class inside a class: JavaScript has that only together with rules that lose `(?i:…)`.
        if (from.isSet && from.text.startsWith('[^')) others.push(from.text)
        else members += from.isSet ? from.text.slice(1, -1) : literal(from.text)
        continue
      }
      take()
      if (at >= chars.length) throw new RegexSyntaxError('unterminated character set')
      const to = classMember(scope)
      const isBad = from.isSet || to.isSet || (from.text.codePointAt(0) ?? 0) > (to.text.codePointAt(0) ?? 0)
      if (isBad) throw new RegexSyntaxError(`bad character range ${from.written}-${to.written}`)
      members += `${literal(from.text)}-${literal(to.text)}`
    }
    if (others.length === 0) return `[${negated ? '^' : ''}${members}]`
    const any = [...(members === '' ? [] : [`[${members}]`]), ...others].join('|')
    return negated ? `(?:(?!${any})[^])` : `(?:${any})`
  }

  function classMember(scope: Scope): { text: string; written: string; isSet: boolean } {
    const start = at
    const sign = take()
    const end = (text: string, isSet: boolean) => ({ text, isSet, written: chars.slice(start, at).join('') })
    if (sign !== '\\') return end(sign, false)
    const letter = take()
    if (letter === '') throw new RegexSyntaxError('bad escape (end of pattern)')
    const set = shorthand(letter, scope)
    return set === undefined ? end(escapedCharacter(letter, true), false) : end(set, true)
  }

  const globals = /^(?:\(\?[aimsux]+\))+/.exec(pattern)?.[0] ?? ''
  at = globals.length
  const whole: Scope = {
    ignoreCase: given.ignoreCase || globals.includes('i'),
    multiline: given.multiline || globals.includes('m'),
    dotAll: given.dotAll || globals.includes('s'),
    verbose: globals.includes('x'),
    ascii: globals.includes('a'),
  }
  const body = alternation(whole)
  if (at < chars.length) throw new RegexSyntaxError('unbalanced parenthesis')
  return { source: body, flags: whole.ignoreCase ? 'iu' : 'u', groups, names }
}

/** A character as JavaScript takes it for itself, inside a class and outside. */
function literal(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return /[A-Za-z0-9]/.test(character) || code > 0x2fff ? character : `\\u{${code.toString(16)}}`
}

/** Throws RegexSyntaxError when Python would not take it for a group's name. */
export function checkName(name: string): string {
  if (!/^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(name)) {
    throw new RegexSyntaxError(`bad character in group name '${name}'`)
  }
  return name
}
