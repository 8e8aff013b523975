import {
  bad,
  calculate,
  compare,
  functions,
  isTruthy,
  item,
  type Operand,
  signed,
} from './python-arithmetic.ts'

const mostLength = 10_000
const deepest = 100

/** Computes when it is called: the side of a choice that is not taken never is. */
type Part = () => Operand

/**
 * Arithmetic as ComfyUI's math node has it (Python expressions by way of simpleeval): whole numbers of any size, floats, truth,
 * comparisons, `a if c else b`, `values[0]` and a fixed list of functions. Throws NodeError `bad-expression`.
 */
export function evaluate(expression: string, names: ReadonlyMap<string, Operand>): Operand {
  if (expression.trim() === '') throw bad('The expression is empty.')
  if (expression.length > mostLength) throw bad(`The expression is longer than ${mostLength} characters.`)
  const tokens = tokenize(expression)
  let at = 0
  let depth = 0
  const peek = () => tokens[at] ?? ''
  const takeIf = (...wanted: string[]) => {
    if (!wanted.every((token, index) => tokens[at + index] === token)) return false
    at += wanted.length
    return true
  }
  const expect = (token: string) => {
    const where = at < tokens.length ? `before "${peek()}"` : 'at the end'
    if (!takeIf(token)) throw bad(`"${token}" is expected ${where}.`)
  }

  function ternary(): Part {
    if (++depth > deepest) throw bad('The expression is nested too deeply.')
    let part = disjunction()
    if (takeIf('if')) {
      const [chosen, condition] = [part, disjunction()]
      expect('else')
      const other = ternary()
      part = () => (isTruthy(condition()) ? chosen() : other())
    }
    depth--
    return part
  }
  function disjunction(): Part {
    let left = conjunction()
    while (takeIf('or')) {
      const [first, second] = [left, conjunction()]
      left = () => {
        const value = first()
        return isTruthy(value) ? value : second()
      }
    }
    return left
  }
  function conjunction(): Part {
    let left = negation()
    while (takeIf('and')) {
      const [first, second] = [left, negation()]
      left = () => {
        const value = first()
        return isTruthy(value) ? second() : value
      }
    }
    return left
  }
  function negation(): Part {
    let count = 0
    while (takeIf('not')) count++
    const part = comparison()
    return count === 0 ? part : () => isTruthy(part()) === (count % 2 === 0)
  }
  function comparison(): Part {
    const first = binary(0)
    const steps: { operator: string; right: Part }[] = []
    for (let operator = comparisonOperator(); operator !== undefined; operator = comparisonOperator()) {
      steps.push({ operator, right: binary(0) })
    }
    if (steps.length === 0) return first
    return () => {
      let left = first()
      return steps.every(({ operator, right }) => {
        const next = right()
        const holds = compare(operator, left, next)
        left = next
        return holds
      })
    }
  }
  function comparisonOperator(): string | undefined {
    if (takeIf('not', 'in')) return 'not in'
    if (takeIf('is', 'not')) return '!='
    if (takeIf('is')) return '=='
    const token = peek()
    return ['<', '>', '<=', '>=', '==', '!=', 'in'].includes(token) && takeIf(token) ? token : undefined
  }
  function binary(level: number): Part {
    const operators = levels[level]
    if (!operators) return unary()
    let left = binary(level + 1)
    for (let operator = peek(); operators.includes(operator); operator = peek()) {
      at++
      const [first, second, sign] = [left, binary(level + 1), operator]
      left = () => calculate(sign, first(), second())
    }
    return left
  }
  function unary(): Part {
    const signs: string[] = []
    while (['-', '+', '~'].includes(peek())) signs.unshift(tokens[at++] ?? '')
    const part = power()
    return signs.length === 0 ? part : () => signs.reduce((value, sign) => signed(sign, value), part())
  }
  function power(): Part {
    const base = postfix()
    if (!takeIf('**')) return base
    if (++depth > deepest) throw bad('The expression is nested too deeply.')
    // To the right first, and stronger than a minus before it.
    const exponent = unary()
    depth--
    return () => calculate('**', base(), exponent())
  }
  function postfix(): Part {
    let part = primary()
    while (takeIf('[')) {
      const [list, index] = [part, ternary()]
      expect(']')
      part = () => item(list(), index())
    }
    return part
  }
  function primary(): Part {
    const token = tokens[at++] ?? ''
    if (token === '(') {
      const part = ternary()
      expect(')')
      return part
    }
    if (/^[\d.]/.test(token)) {
      const value = number(token)
      return () => value
    }
    return takeIf('(') ? call(token) : named(token)
  }
  function call(name: string): Part {
    const given: Part[] = []
    while (!takeIf(')')) {
      given.push(ternary())
      if (!takeIf(',') && peek() !== ')') expect(')')
    }
    if (!Object.hasOwn(functions, name)) {
      throw bad(`There is no function "${name}". There are: ${Object.keys(functions).join(', ')}.`)
    }
    const compute = functions[name] as (...given: Operand[]) => Operand
    return () => compute(...given.map(part => part()))
  }
  function named(name: string): Part {
    if (name === 'True' || name === 'False') return () => name === 'True'
    const value = names.get(name)
    if (value !== undefined) return () => value
    if (name === '') throw bad('The expression is not complete.')
    if (!/^[A-Za-z_]/.test(name)) throw bad(`"${name}" is not expected.`)
    const known = [...names.keys()].join(', ')
    throw bad(`"${name}" has no value.`, `Connect something to "${name}". Known are: ${known}.`)
  }

  const whole = ternary()
  if (at < tokens.length) throw bad(`"${peek()}" is not expected.`)
  return whole()
}

const levels: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%'],
]

function tokenize(expression: string): readonly string[] {
  const form =
    /\s+|(0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|\*\*|\/\/|<<|>>|[<>=!]=|[-+*/%<>()[\],|^&~])/y
  const tokens: string[] = []
  while (form.lastIndex < expression.length) {
    const start = form.lastIndex
    const match = form.exec(expression)
    if (!match) throw bad(`"${expression.slice(start, start + 10)}" cannot be read.`)
    if (match[1] !== undefined) tokens.push(match[1])
  }
  return tokens
}

function number(token: string): Operand {
  const plain = token.replaceAll('_', '')
  return /^0[xob]/i.test(plain) || /^\d+$/.test(plain) ? BigInt(plain) : Number(plain)
}
