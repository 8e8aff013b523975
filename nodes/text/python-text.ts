/**
 * Values as Python prints them, because people's graphs were written against ComfyUI: `1.0`, `True`, `None`, `['a']`.
 * `type` is the declared socket type, where known: JavaScript cannot tell the float 1.0 from the integer 1.
 */
export function pythonText(value: unknown, type?: string): string {
  return typeof value === 'string' ? value : represent(value, type)
}

/** A number as Python's repr() gives it: `1.0`, `1e-05`, `1e+16`, integers without a point. */
export function pythonNumber(value: number | bigint, type?: string): string {
  if (typeof value === 'bigint') return value.toString()
  if (Number.isInteger(value) && type !== 'FLOAT') return BigInt(value).toString()
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  const [digits = '0', exponentText = '0'] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  // CPython, float repr: exponent form outside 1e-4 <= |x| < 1e16, at least two digits of exponent.
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    const sign = exponent < 0 ? '-' : '+'
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  const plain =
    exponent < 0 ? value.toFixed(digits.replace(/[-.]/g, '').length - 1 - exponent) : String(value)
  return plain.includes('.') ? plain : `${Object.is(value, -0) ? '-0' : plain}.0`
}

/**
 * A text that Python's int() would take, as that integer: `" 007 "` -> `7`, `1_000` -> `1000`, `+5` -> `5`, any size.
 * Undefined for every other text.
 */
export function pythonInteger(text: string): string | undefined {
  const match = /^([+-]?)(\d+(?:_\d+)*)$/.exec(text.trim())
  if (!match) return undefined
  const digits = BigInt((match[2] ?? '').replaceAll('_', ''))
  return (match[1] === '-' ? -digits : digits).toString()
}

function represent(value: unknown, type?: string): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'number' || typeof value === 'bigint') return pythonNumber(value, type)
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `[${value.map(item => represent(item, type)).join(', ')}]`
  const entries = Object.entries(value as object)
  return `{${entries.map(([key, item]) => `${quote(key)}: ${represent(item, type)}`).join(', ')}}`
}

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(mark, `\\${mark}`)
  return mark + escaped + mark
}
