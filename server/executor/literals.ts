import type { Input } from '../../nodes/define-node.ts'
import type { NodeProblem } from './problems.ts'

type Checked = { readonly value: unknown } | { readonly problem: NodeProblem }

/**
 * A value typed into an input: cast and checked as ComfyUI does (its reference, 8.1): INT takes `"7"` and truncates floats,
 * BOOLEAN is truthiness, STRING is Python's str(). `checkList` false leaves a combo's list to the node's own validator.
 */
export function checkLiteral(
  name: string,
  input: Input<unknown>,
  given: unknown,
  options: { checkList: boolean },
): Checked {
  const literal = unwrap(given)
  const { spec } = input
  const extra = { input_name: name, input_config: inputConfig(input), received_value: literal }
  if (typeof spec !== 'string') {
    if (!options.checkList || spec.includes(String(literal))) return { value: literal }
    const listed = spec.length > 20 ? `(list of length ${spec.length})` : pythonList(spec)
    return {
      problem: {
        code: 'value_not_in_list',
        message: 'Value not in list',
        details: `${name}: '${literal}' not in ${listed}`,
        input: name,
        extra: spec.length > 20 ? { ...extra, input_config: null } : extra,
        hint: `Choose one of the values of "${name}".`,
      },
    }
  }
  if (spec === 'STRING') return { value: pythonString(literal) }
  if (spec === 'BOOLEAN') return { value: isTruthy(literal) }
  if (spec === '*' || spec === 'BOUNDING_BOX' || spec.includes(',')) return { value: literal }
  const number = spec === 'INT' ? toInteger(literal, input.acceptsText) : toFloat(literal)
  // What a text may bring along a link it may say itself, e.g. the address of a picture for a standard model.
  if (typeof literal === 'string' && number === undefined && input.acceptsLinks.includes('STRING')) {
    return { value: literal }
  }
  if (spec !== 'INT' && spec !== 'FLOAT') {
    return {
      problem: {
        code: 'invalid_input_type',
        message: `Failed to convert an input value to a ${spec} value`,
        details: `${name}, ${String(literal)}, a ${spec} input takes a link`,
        input: name,
        extra,
        hint: `Connect something that gives ${spec}.`,
      },
    }
  }
  if (number === undefined) {
    const shown = typeof literal === 'string' ? `'${literal}'` : String(literal)
    const exception =
      spec === 'INT'
        ? `invalid literal for int() with base 10: ${shown}`
        : `could not convert string to float: ${shown}`
    return {
      problem: {
        code: 'invalid_input_type',
        message: `Failed to convert an input value to a ${spec} value`,
        details: `${name}, ${String(literal)}, ${exception}`,
        input: name,
        extra: { ...extra, exception_message: exception },
        hint: `"${name}" takes a ${spec === 'INT' ? 'whole number' : 'number'}.`,
      },
    }
  }
  const bound = typeof number === 'string' ? undefined : outOfBounds(name, input, number, extra)
  return bound ? { problem: bound } : { value: number }
}

/** `[type, options]`, as /object_info gives it. */
export function inputConfig(input: Input<unknown>): readonly unknown[] {
  return [input.spec, input.options]
}

function outOfBounds(
  name: string,
  input: Input<unknown>,
  value: number | bigint,
  extra: Record<string, unknown>,
): NodeProblem | undefined {
  const { min, max } = input.options
  if (min !== undefined && value < min) {
    return {
      code: 'value_smaller_than_min',
      message: `Value ${value} smaller than min of ${min}`,
      details: name,
      input: name,
      extra: { ...extra, received_value: value },
    }
  }
  if (max !== undefined && value > max) {
    return {
      code: 'value_bigger_than_max',
      message: `Value ${value} bigger than max of ${max}`,
      details: name,
      input: name,
      extra: { ...extra, received_value: value },
    }
  }
  return undefined
}

/** Literal arrays travel as `{ "__value__": [...] }`, so that they are not taken for links (ComfyUI: API format). */
function unwrap(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && '__value__' in value) {
    return value.__value__
  }
  return value
}

function toInteger(value: unknown, acceptsText: RegExp | undefined): number | bigint | string | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number')
    return Number.isFinite(value) ? wholeNumber(BigInt(Math.trunc(value))) : undefined
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (acceptsText?.test(text)) return text
  if (text.length > mostDigits || !/^[+-]?\d+(_\d+)*$/.test(text)) return undefined
  return wholeNumber(BigInt(text.replaceAll('_', '').replace(/^\+/, '')))
}

/** Longer ones take longer to read than anybody waits for; Python refuses them, too. */
const mostDigits = 4300

function wholeNumber(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

/** What Python's float() takes, but for `inf` and `nan`: no input has a use for them. */
const floatForm = /^[+-]?(\d+(_\d+)*\.?|(\d+(_\d+)*)?\.\d+(_\d+)*)(e[+-]?\d+)?$/i

function toFloat(value: unknown): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string' || !floatForm.test(value.trim())) return undefined
  return Number(value.trim().replaceAll('_', ''))
}

function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

function pythonString(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (value === null) return 'None'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function pythonList(values: readonly string[]): string {
  return `[${values.map(value => `'${value}'`).join(', ')}]`
}
