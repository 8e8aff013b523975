import { NodeError } from '../context.ts'
import { autogrow, defineNode, string } from '../define-node.ts'
import { isTruthy, type Operand } from './python-arithmetic.ts'
import { evaluate } from './python-expression.ts'

/** Arithmetic over numbers called a to z (ComfyUI: comfy_extras.nodes_math). */
export const mathExpression = defineNode({
  type: 'ComfyMathExpression',
  displayName: 'Math Expression',
  category: 'utilities',
  module: 'comfy_extras.nodes_math',
  description:
    'Computes an expression over its inputs: (a + b) * 2, max(a, b), round(a / 3, 2), sum(values).',
  inputs: {
    expression: string({ default: 'a + b', multiline: true }),
    values: autogrow('*', {
      item: 'value',
      names: [...'abcdefghijklmnopqrstuvwxyz'],
      min: 0,
      types: 'FLOAT,INT,BOOLEAN',
    }),
  },
  outputs: { FLOAT: 'FLOAT', INT: 'INT', BOOL: 'BOOLEAN' },
  execute: async ({ inputs, linkedType }) => {
    const names = new Map<string, Operand>(
      Object.entries(inputs.values).map(([name, value]) => [
        name,
        operand(value, linkedType(`values.${name}`)),
      ]),
    )
    names.set('values', [...names.values()])
    const result = evaluate(inputs.expression, names)
    if (typeof result === 'object') throw refused(inputs.expression, 'gives a list, not a number')
    const float = Number(result)
    if (!Number.isFinite(float)) throw refused(inputs.expression, 'gives no finite number')
    return { FLOAT: float, INT: whole(result), BOOL: isTruthy(result) }
  },
})

/** JavaScript cannot tell the float 1.0 from the integer 1: the socket it came from says which. */
function operand(value: unknown, type: string | undefined): Operand {
  if (typeof value === 'bigint' || typeof value === 'boolean') return value
  if (typeof value === 'number') return type !== 'FLOAT' && Number.isInteger(value) ? BigInt(value) : value
  throw new NodeError(
    `The expression takes numbers; one of its inputs is ${value === null ? 'nothing' : 'none'}.`,
    {
      code: 'bad-expression',
      hint: 'Connect whole numbers, floats or truth values.',
    },
  )
}

function whole(value: bigint | number | boolean): bigint | number {
  const exact = typeof value === 'number' ? BigInt(Math.trunc(value)) : BigInt(value)
  const short = Number(exact)
  return Number.isSafeInteger(short) ? short : exact
}

function refused(expression: string, why: string): NodeError {
  return new NodeError(`"${expression}" ${why}.`, { code: 'bad-expression' })
}
