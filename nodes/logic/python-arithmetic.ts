import { NodeError } from '../context.ts'
import { roundHalfEven } from '../text/python-numbers.ts'

/** Python's numbers: a bigint is its int, a number its float; truth counts as 0 and 1. Everything throws NodeError `bad-expression`. */
export type Operand = bigint | number | boolean | readonly Operand[]

/** Numbers of more bits than this take longer to compute than anybody waits for. */
const mostBits = 100_000n

function numeric(value: Operand): bigint | number {
  if (typeof value === 'boolean') return BigInt(value)
  if (typeof value === 'object') throw bad('A list is no number; take one of it: values[0].')
  return value
}

export function calculate(operator: string, left: Operand, right: Operand): Operand {
  const [a, b] = [numeric(left), numeric(right)]
  if (['/', '//', '%'].includes(operator) && Number(b) === 0) throw bad('The expression divides by zero.')
  if (operator === '**') return raise(a, b)
  if (typeof a === 'bigint' && typeof b === 'bigint') return wholeCalculation(operator, a, b)
  const [x, y] = [Number(a), Number(b)]
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return x * y
    case '/':
      return x / y
    case '//':
      return Math.floor((x - remainder(x, y)) / y + 0.5)
    case '%':
      return remainder(x, y)
    default:
      throw bad(`"${operator}" takes whole numbers.`)
  }
}

function wholeCalculation(operator: string, a: bigint, b: bigint): Operand {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return small(a * b)
    case '/':
      return Number(a) / Number(b)
    case '//':
      return (a - modulo(a, b)) / b
    case '%':
      return modulo(a, b)
    case '|':
      return a | b
    case '^':
      return a ^ b
    case '&':
      return a & b
    default:
      if (b < 0n || b > mostBits) throw bad('A shift takes from 0 to 100000 places.')
      return operator === '<<' ? small(a << b) : a >> b
  }
}

/** With the sign of the divisor, as in Python. */
function remainder(x: number, y: number): number {
  const rest = x % y
  if (rest === 0) return y < 0 ? -0 : 0
  return rest < 0 !== y < 0 ? rest + y : rest
}

/** The same of whole numbers. */
function modulo(a: bigint, b: bigint): bigint {
  const rest = a % b
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest
}

function raise(base: bigint | number, exponent: bigint | number): Operand {
  if (typeof base === 'bigint' && typeof exponent === 'bigint' && exponent >= 0n) {
    const bits = BigInt(base.toString(2).length)
    if (bits * exponent > mostBits && base !== 1n && base !== 0n && base !== -1n)
      throw bad('The number is too large.')
    return base ** exponent
  }
  const [x, y] = [Number(base), Number(exponent)]
  if (x === 0 && y < 0) throw bad('The expression divides by zero.')
  if (x < 0 && !Number.isInteger(y)) throw bad('A root of a negative number is no number here.')
  return x ** y
}

function small(value: bigint): bigint {
  if (BigInt.asIntN(Number(mostBits), value) !== value) throw bad('The number is too large.')
  return value
}

export function signed(sign: string, value: Operand): Operand {
  const operand = numeric(value)
  if (sign === '+') return operand
  if (sign === '-') return -operand
  if (typeof operand !== 'bigint') throw bad('"~" takes a whole number.')
  return ~operand
}

export function compare(operator: string, left: Operand, right: Operand): boolean {
  if (operator === 'in' || operator === 'not in') {
    if (typeof right !== 'object') throw bad('"in" looks into a list: a in values.')
    return right.some(entry => compare('==', entry, left)) === (operator === 'in')
  }
  const [a, b] = [numeric(left), numeric(right)]
  if (operator === '<') return a < b
  if (operator === '>') return a > b
  if (operator === '<=') return a <= b
  if (operator === '>=') return a >= b
  return (a <= b && a >= b) === (operator === '==')
}

export function item(list: Operand, index: Operand): Operand {
  if (typeof list !== 'object') throw bad('Only a list has items: values[0].')
  const at = Number(numeric(index))
  const found = list.at(at)
  if (found === undefined || !Number.isInteger(at))
    throw bad(`There is no item ${at}: the list has ${list.length}.`)
  return found
}

export function isTruthy(value: Operand): boolean {
  return typeof value === 'object' ? value.length > 0 : Boolean(value)
}

/** One list, or several values. */
function several(name: string, given: readonly Operand[]): readonly Operand[] {
  const [first] = given
  const all = given.length === 1 && typeof first === 'object' ? first : given
  if (all.length === 0) throw bad(`"${name}" needs at least one value.`)
  return all
}

const ofNumber = (name: string, compute: (value: number) => number) => (value: Operand) => {
  const result = compute(real(name, value))
  if (Number.isNaN(result)) throw bad(`"${name}" has no result for ${String(value)}.`)
  return result
}

function real(name: string, value: Operand | undefined): number {
  if (value === undefined) throw bad(`"${name}" needs a value.`)
  return Number(numeric(value))
}

const toWhole = (name: string, how: (value: number) => number) => (value: Operand) => {
  const operand = value === undefined ? value : numeric(value)
  if (typeof operand === 'bigint') return operand
  const result = how(real(name, operand))
  if (!Number.isFinite(result)) throw bad(`"${name}" has no whole number for ${String(value)}.`)
  return BigInt(result)
}

function logarithm(value: Operand, base?: Operand): Operand {
  const x = real('log', value)
  if (x <= 0 || (base !== undefined && real('log', base) <= 0)) throw bad('"log" takes numbers above zero.')
  return base === undefined ? Math.log(x) : Math.log(x) / Math.log(real('log', base))
}

function round(value: Operand, digits?: Operand): Operand {
  const operand = value === undefined ? real('round', value) : numeric(value)
  const places = digits === undefined ? undefined : Number(numeric(digits))
  if (typeof operand === 'bigint' && (places === undefined || places >= 0)) return operand
  if (Math.abs(places ?? 0) > 300) throw bad('"round" takes at most 300 digits.')
  if (typeof operand === 'number' && !Number.isFinite(operand))
    throw bad(`"round" has no result for ${operand}.`)
  const rounded = roundHalfEven(operand, places ?? 0)
  return places === undefined || typeof operand === 'bigint' ? BigInt(rounded) : Number(rounded)
}

const positive = (name: string, compute: (value: number) => number) =>
  ofNumber(name, value => (value > 0 ? compute(value) : Number.NaN))

/** What an expression may call (ComfyUI: MATH_FUNCTIONS). */
export const functions: Readonly<Record<string, unknown>> = {
  sum: (...given: Operand[]) => {
    const [first] = given
    const all = given.length === 1 && typeof first === 'object' ? first : given
    return all.reduce<Operand>((total, value) => calculate('+', total, value), 0n)
  },
  min: (...given: Operand[]) => several('min', given).reduce((a, b) => (compare('<', b, a) ? b : a)),
  max: (...given: Operand[]) => several('max', given).reduce((a, b) => (compare('>', b, a) ? b : a)),
  abs: (value: Operand) => (Number(real('abs', value)) < 0 ? signed('-', value) : numeric(value)),
  round,
  pow: (base: Operand, exponent: Operand) => {
    if (Math.abs(real('pow', exponent)) > 4000) throw bad('"pow" takes exponents up to 4000.')
    return calculate('**', base, exponent)
  },
  sqrt: ofNumber('sqrt', Math.sqrt),
  ceil: toWhole('ceil', Math.ceil),
  floor: toWhole('floor', Math.floor),
  log: logarithm,
  log2: positive('log2', Math.log2),
  log10: positive('log10', Math.log10),
  sin: ofNumber('sin', Math.sin),
  cos: ofNumber('cos', Math.cos),
  tan: ofNumber('tan', Math.tan),
  int: toWhole('int', Math.trunc),
  float: (value: Operand) => real('float', value),
}

export function bad(
  message: string,
  hint = 'Write it as in Python: (a + b) * 2, max(a, b), a if a > b else b.',
): NodeError {
  return new NodeError(message, { code: 'bad-expression', hint })
}
