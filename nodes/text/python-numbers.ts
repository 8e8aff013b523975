import { pythonNumber } from './python-text.ts'

/** Numbers in the formats of Python's format(); all of them without their sign. */
type NumberSpec = {
  readonly alternate: boolean
  readonly group: string
  readonly precision: number | undefined
  readonly type: string
}

const bases: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16 }

/** A whole number in the base its type asks for, with `0x` and its kind when wanted. */
export function formatInteger(value: bigint, spec: NumberSpec): { prefix: string; digits: string } {
  const base = bases[spec.type]
  if (base === undefined) return { prefix: '', digits: value.toString() }
  const prefix = spec.alternate ? `0${spec.type}` : ''
  const digits = value.toString(base)
  return { prefix, digits: spec.type === 'X' ? digits.toUpperCase() : digits }
}

/** A float by `e`, `f`, `g`, `%` or, without a type, as it is usually shown; rounded half to even, as its exact value says. */
export function formatFloat(value: number, { type, precision, alternate }: NumberSpec): string {
  const kind = type.toLowerCase()
  const isBig = type === 'E' || type === 'F' || type === 'G'
  const cased = (text: string) => (isBig ? text.toUpperCase() : text)
  if (!Number.isFinite(value)) return cased(Number.isNaN(value) ? 'nan' : 'inf') + (kind === '%' ? '%' : '')
  if (kind === '' && precision === undefined) return pythonNumber(value, 'FLOAT')
  if (kind === '%') return `${fixed(value * 100, precision ?? 6, alternate)}%`
  if (kind === 'f') return fixed(value, precision ?? 6, alternate)
  if (kind === 'e') return cased(scientific(value, precision ?? 6, alternate))
  return cased(general(value, precision === 0 ? 1 : (precision ?? 6), kind === '', alternate))
}

/** Separators every three digits, every four in other bases; zeros in front count as digits. */
export function groupDigits(text: string, { group, type }: NumberSpec, width: number): string {
  const isDecimal = bases[type] === undefined
  const [, whole = '', rest = ''] = (isDecimal ? /^(\d*)(.*)$/s : /^([\da-f]*)(.*)$/is).exec(text) ?? []
  if (group === '' || whole === '') return text.padStart(width, '0')
  const every = isDecimal ? 3 : 4
  let digits = whole
  const shown = () => digits.replace(new RegExp(`\\B(?=(?:.{${every}})+$)`, 'g'), group)
  while (shown().length + rest.length < width) digits = `0${digits}`
  return shown() + rest
}

/** Rounded to so many decimal places, half to even as its exact value says; negative places are tens. As text. */
export function roundHalfEven(value: number | bigint, places: number): string {
  if (typeof value === 'number') {
    const sign = value < 0 ? '-' : ''
    const digits = scaled(Math.abs(value), places).toString()
    return places <= 0 ? `${sign}${digits}${'0'.repeat(-places)}` : `${sign}${digits}e-${places}`
  }
  const unit = 10n ** BigInt(-places)
  const below = value - (((value % unit) + unit) % unit)
  const twice = (value - below) * 2n
  const isUp = twice > unit || (twice === unit && (below / unit) % 2n !== 0n)
  return String(isUp ? below + unit : below)
}

function fixed(value: number, places: number, alternate: boolean): string {
  const digits = scaled(value, places)
    .toString()
    .padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  return places === 0 ? whole + (alternate ? '.' : '') : `${whole}.${digits.slice(-places)}`
}

/** The digits of d.ddd × 10^exponent. */
function digitsOf(value: number, places: number): { digits: string; exponent: number } {
  if (value === 0) return { digits: '0'.repeat(places + 1), exponent: 0 }
  const exponent = Number(value.toExponential().split('e')[1])
  const digits = scaled(value, places - exponent).toString()
  // Rounded up to the next power of ten: 9.99 -> 10.0
  return digits.length > places + 1
    ? { digits: digits.slice(0, -1), exponent: exponent + 1 }
    : { digits, exponent }
}

function scientific(value: number, places: number, alternate: boolean): string {
  const { digits, exponent } = digitsOf(value, places)
  const point = places > 0 || alternate ? '.' : ''
  const sign = exponent < 0 ? '-' : '+'
  return `${digits.charAt(0)}${point}${digits.slice(1)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
}

/** Fixed or scientific, whichever is shorter to read; `always` keeps one digit after the point. */
function general(value: number, significant: number, always: boolean, alternate: boolean): string {
  const { exponent } = digitsOf(value, significant - 1)
  const strip = (text: string) =>
    alternate ? text : text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '')
  if (exponent < -4 || exponent >= significant - (always ? 1 : 0)) {
    return strip(scientific(value, significant - 1, alternate))
  }
  const text = strip(fixed(value, significant - 1 - exponent, alternate))
  return always && !text.includes('.') ? `${text}.0` : text
}

/** value × 10^places, exactly, rounded half to even. */
function scaled(value: number, places: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const raw = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  const mantissa = raw === 0 ? fraction : fraction | (1n << 52n)
  const power = Math.max(raw, 1) - 1075
  const above = mantissa * 2n ** BigInt(Math.max(0, power)) * 10n ** BigInt(Math.max(0, places))
  const below = 2n ** BigInt(Math.max(0, -power)) * 10n ** BigInt(Math.max(0, -places))
  const quotient = above / below
  const twice = (above % below) * 2n
  return twice > below || (twice === below && quotient % 2n === 1n) ? quotient + 1n : quotient
}
