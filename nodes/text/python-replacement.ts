import { checkName, controls, RegexSyntaxError, type Translated } from './python-regex.ts'

/** A replacement as Python's `re.sub` reads it: texts and groups by number. Throws RegexSyntaxError. */
export function readReplacement(
  template: string,
  { groups, names }: Pick<Translated, 'groups' | 'names'>,
): readonly (string | number)[] {
  const parts: (string | number)[] = []
  const group = (number: number) => {
    if (number > groups) throw new RegexSyntaxError(`invalid group reference ${number}`)
    parts.push(number)
  }
  // A backslash before anything that is no letter stays.
  const pattern = /\\(?:g(?:<([^>]*)>)?|(0[0-7]{0,2}|[0-3][0-7]{2})|(\d{1,2})|([\s\S])|$)|[^\\]+/gu
  for (const [whole, name, octal, number, sign] of template.matchAll(pattern)) {
    if (!whole.startsWith('\\')) parts.push(whole)
    else if (octal !== undefined) parts.push(String.fromCodePoint(Number.parseInt(octal, 8)))
    else if (number !== undefined) group(Number(number))
    else if (whole.startsWith('\\g')) group(groupCalled(name, names))
    else if (sign === undefined) throw new RegexSyntaxError('bad escape (end of pattern)')
    else if (controls[sign] !== undefined) parts.push(controls[sign])
    else if (/[A-Za-z]/.test(sign)) throw new RegexSyntaxError(`bad escape \\${sign}`)
    else parts.push(whole)
  }
  return parts
}

function groupCalled(name: string | undefined, names: ReadonlyMap<string, number>): number {
  if (name === undefined) throw new RegexSyntaxError('missing group name')
  if (/^\d+$/.test(name)) return Number(name)
  const number = names.get(checkName(name))
  if (number === undefined) throw new RegexSyntaxError(`unknown group name '${name}'`)
  return number
}
