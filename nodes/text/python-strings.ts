/** Texts as Python's str treats them. */

/** `text[start:end]`: code points, negative numbers from the end. */
export function slice(text: string, start: number | bigint, end: number | bigint): string {
  return [...text].slice(toIndex(start), toIndex(end)).join('')
}

function toIndex(number: number | bigint): number {
  // No text is longer; beyond it all numbers mean the same.
  return Math.max(-(2 ** 31), Math.min(2 ** 31, Number(number)))
}

/** str.isspace(): other than JavaScript's white space by the separators 1c to 1f, U+0085, and without U+FEFF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python counts them as white space.
const space = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

export function strip(text: string, side: 'Both' | 'Left' | 'Right'): string {
  let start = 0
  let end = text.length
  if (side !== 'Right') while (start < end && space.test(text.charAt(start))) start++
  if (side !== 'Left') while (end > start && space.test(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

/** str.capitalize(): the first character as a title begins, all others small. */
export function capitalize(text: string): string {
  const [first = ''] = text
  // All of it is made small before the first is cut off: a Greek sigma depends on its neighbours.
  return title(first) + text.toLowerCase().slice(first.toLowerCase().length)
}

/** str.title(): every letter that follows none begins a word; so `they're` becomes `They'Re`. */
export function titleCase(text: string): string {
  return text.replace(/\p{Cased}+/gu, capitalize)
}

/** Characters whose form at the start of a title is neither small nor capital. */
const digraphs: Readonly<Record<string, string>> = {
  Ǆ: 'ǅ',
  ǅ: 'ǅ',
  ǆ: 'ǅ',
  Ǉ: 'ǈ',
  ǈ: 'ǈ',
  ǉ: 'ǈ',
  Ǌ: 'ǋ',
  ǋ: 'ǋ',
  ǌ: 'ǋ',
  Ǳ: 'ǲ',
  ǲ: 'ǲ',
  ǳ: 'ǲ',
}

function title(character: string): string {
  const digraph = digraphs[character]
  if (digraph !== undefined) return digraph
  // Georgian has capitals, and no title uses them.
  if (/[\u10d0-\u10ff]/.test(character)) return character
  const [first = '', ...rest] = character.toUpperCase()
  return first + rest.join('').toLowerCase()
}
