import { NodeError } from '../context.ts'
import { formatFloat, formatInteger, groupDigits } from './python-numbers.ts'
import { pythonText } from './python-text.ts'

/** A value with the socket type it came from: JavaScript cannot tell the float 1.0 from the integer 1. */
export type Formattable = { readonly value: unknown; readonly type: string | undefined }

/**
 * Python's `str.format` over named values: `{a}`, `{a!r}`, `{a:>8.2f}`, `{{`, formats that hold names themselves (`{a:{b}}`), and
 * indexes (`{a[0]}`). Throws NodeError `bad-format` that says what is wrong and where.
 */
export function formatText(template: string, values: ReadonlyMap<string, Formattable>): string {
  return format(template, values, 2)
}

function format(template: string, values: ReadonlyMap<string, Formattable>, depth: number): string {
  if (depth === 0) throw bad('A format inside a format inside a format is too much.')
  let result = ''
  for (let at = 0; at < template.length; ) {
    const sign = template.charAt(at)
    if ((sign === '{' || sign === '}') && template.charAt(at + 1) === sign) {
      result += sign
      at += 2
    } else if (sign === '}') {
      throw bad('There is a single "}". Write "}}" for a brace.')
    } else if (sign === '{') {
      const end = fieldEnd(template, at + 1)
      result += formatField(template.slice(at + 1, end), values, depth)
      at = end + 1
    } else {
      result += sign
      at++
    }
  }
  return result
}

function fieldEnd(template: string, start: number): number {
  let open = 1
  for (let at = start; at < template.length; at++) {
    if (template.charAt(at) === '{') open++
    else if (template.charAt(at) === '}' && --open === 0) return at
  }
  throw bad('There is a "{" without its "}". Write "{{" for a brace.')
}

function formatField(field: string, values: ReadonlyMap<string, Formattable>, depth: number): string {
  const [, name = '', path = '', conversion, spec = ''] =
    /^([^.[!:{}]*)((?:\[[^\]]*\]|\.[^.[!:{}]*)*)(?:!([^:]*))?(?::([\s\S]*))?$/u.exec(field) ?? []
  if (field !== '' && name === '' && path === '' && conversion === undefined && !field.startsWith(':')) {
    throw bad(`"{${field}}" cannot be read.`)
  }
  const found = values.get(name)
  if (!found) {
    const names = [...values.keys()].join(', ')
    const hint = names === '' ? 'Nothing is connected yet.' : `Connected are: ${names}.`
    const what = /^\d*$/.test(name)
      ? 'Values go by their names here, not by numbers'
      : `Nothing is connected to "${name}"`
    throw bad(`${what}, but the text has "{${field}}".`, hint)
  }
  const value = follow(found, path)
  const whole = /[{}]/.test(spec) ? format(spec, values, depth - 1) : spec
  if (conversion === undefined) return formatValue(value, whole)
  if (conversion === 's') return formatValue({ value: textOf(value), type: 'STRING' }, whole)
  if (conversion === 'r' || conversion === 'a') {
    // A list of one, without its brackets.
    const shown = pythonText([value.value], value.type).slice(1, -1)
    const ascii = shown.replace(/[\u0080-\u{10ffff}]/gu, asciiEscape)
    return formatValue({ value: conversion === 'a' ? ascii : shown, type: 'STRING' }, whole)
  }
  throw bad(`"!${conversion}" is no conversion: Python has !s, !r and !a.`)
}

function asciiEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const [letter, digits] = code > 0xffff ? ['U', 8] : code > 0xff ? ['u', 4] : ['x', 2]
  return `\\${letter}${code.toString(16).padStart(Number(digits), '0')}`
}

function follow(start: Formattable, path: string): Formattable {
  let { value } = start
  for (const [step, index] of path.matchAll(/\[([^\]]*)\]|\.[^.[]*/g)) {
    if (index === undefined) throw bad(`"${step}": attributes of values cannot be read here.`)
    const list = typeof value === 'string' ? [...value] : value
    const isNumber = /^\d+$/.test(index)
    if (Array.isArray(list) && isNumber && Number(index) < list.length) value = list[Number(index)]
    else if (
      typeof list === 'object' &&
      list !== null &&
      !Array.isArray(list) &&
      Object.hasOwn(list, index)
    ) {
      value = (list as Record<string, unknown>)[index]
    } else throw bad(`There is no "[${index}]" in the value.`)
  }
  return path === '' ? start : { value, type: undefined }
}

function textOf({ value, type }: Formattable): string {
  return pythonText(value, type)
}

type Spec = {
  readonly fill: string
  readonly align: string
  readonly sign: string
  /** No minus before a zero. */
  readonly positiveZero: boolean
  readonly alternate: boolean
  readonly width: number
  readonly group: string
  readonly precision: number | undefined
  readonly type: string
}

const specForm =
  /^(?:(?<fill>[\s\S])?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<positive>z)?(?<alternate>#)?(?<zero>0)?(?<width>\d+)?(?<group>[,_])?(?:\.(?<precision>\d+))?(?<type>[bcdeEfFgGnosxX%])?$/u
/** Wider or more exact than this is a slip of the keyboard. */
const mostPlaces = 10_000

function readSpec(spec: string): Spec {
  const groups = specForm.exec(spec)?.groups
  if (!groups) throw bad(`":${spec}" is no format that Python knows.`)
  const { fill, align, sign = '', zero, width = '0', group = '', precision, type = '' } = groups
  if (Number(width) > mostPlaces || Number(precision ?? 0) > mostPlaces) {
    throw bad(`":${spec}" asks for more than ${mostPlaces} places.`)
  }
  return {
    fill: fill ?? (zero ? '0' : ' '),
    align: align ?? '',
    sign,
    positiveZero: groups.positive !== undefined,
    alternate: groups.alternate !== undefined,
    width: Number(width),
    group,
    precision: precision === undefined ? undefined : Number(precision),
    type,
  }
}

function formatValue(given: Formattable, written: string): string {
  if (written === '') return textOf(given)
  const spec = readSpec(written)
  const { value } = given
  const isFloat = typeof value === 'number' && (given.type === 'FLOAT' || !Number.isInteger(value))
  if (typeof value === 'string') return formatString(value, spec, written)
  if (typeof value === 'boolean') return formatNumber(BigInt(value), spec, written)
  if (isFloat) return formatNumber(value, spec, written)
  if (typeof value === 'number' || typeof value === 'bigint')
    return formatNumber(BigInt(value), spec, written)
  throw bad(`":${written}" is a format for numbers and texts; the value is neither.`)
}

function formatString(text: string, spec: Spec, written: string): string {
  const isWrong =
    !['', 's'].includes(spec.type) ||
    spec.positiveZero ||
    spec.sign !== '' ||
    spec.alternate ||
    spec.group !== ''
  if (isWrong || spec.align === '=') throw bad(`":${written}" is no format for a text.`)
  const cut = spec.precision === undefined ? text : [...text].slice(0, spec.precision).join('')
  return pad('', cut, { ...spec, align: spec.align || '<' })
}

function formatNumber(value: number | bigint, spec: Spec, written: string): string {
  const isInteger = typeof value === 'bigint'
  const isWhole = ['b', 'c', 'd', 'o', 'x', 'X', 'n'].includes(spec.type) || (isInteger && spec.type === '')
  if (
    spec.type === 's' ||
    (isInteger && spec.positiveZero) ||
    (isWhole && (!isInteger || spec.precision !== undefined))
  ) {
    if (!(spec.type === 'n' && !isInteger)) {
      throw bad(`":${written}" is no format for ${isInteger ? 'a whole' : 'this'} number.`)
    }
  }
  const size = isInteger ? (value < 0n ? -value : value) : Math.abs(value)
  const placed = { ...spec, align: spec.align || (spec.fill === '0' ? '=' : '>') }
  if (spec.type === 'c') {
    if (value < 0 || value > 0x10ffff) throw bad(`${value} is the number of no character.`)
    return pad('', String.fromCodePoint(Number(value)), placed)
  }
  const { prefix, digits } =
    isWhole && typeof size === 'bigint'
      ? formatInteger(size, spec)
      : { prefix: '', digits: formatFloat(Number(size), spec) }
  const isNegative = isInteger ? value < 0n : value < 0 || Object.is(value, -0)
  const hasMinus = isNegative && !(spec.positiveZero && /^[0.]+(?:e.*|%)?$/i.test(digits))
  const before = (hasMinus ? '-' : spec.sign === '-' ? '' : spec.sign) + prefix
  const zeros = placed.fill === '0' && placed.align === '=' ? spec.width - before.length : 0
  return pad(before, groupDigits(digits, spec, zeros), placed)
}

function pad(before: string, text: string, { fill, align, width }: Spec): string {
  const missing = Math.max(0, width - [...before].length - [...text].length)
  if (align === '=') return before + fill.repeat(missing) + text
  if (align === '<') return before + text + fill.repeat(missing)
  const left = align === '^' ? Math.floor(missing / 2) : missing
  return fill.repeat(left) + before + text + fill.repeat(missing - left)
}

function bad(message: string, hint = 'It follows Python’s str.format: {a}, {a:.2f}, {a:>10}.'): NodeError {
  return new NodeError(message, { code: 'bad-format', hint })
}
