import type { JsonValue } from '../shared/lossless-json.ts'
import type { Prompt } from '../shared/prompt.ts'

/** How a language writes values. Texts and keys of objects are told apart, because in some they are no texts. */
export type Syntax = {
  readonly scalar: (value: null | boolean | number | bigint | string) => string
  readonly key: (name: string) => string
}

/** A graph as source text: an input a line, `variable` in the place of what has a name. */
export function writeGraph(
  prompt: Prompt,
  syntax: Syntax,
  variable: (nodeId: string, input: string) => string | undefined,
): string {
  const nodes = Object.entries(prompt).map(([nodeId, { class_type, inputs, _meta }]) => {
    const values = Object.entries(inputs).map(
      ([input, value]) => `      ${syntax.key(input)}: ${variable(nodeId, input) ?? write(value, syntax)}`,
    )
    const parts = [
      `    ${syntax.key('class_type')}: ${syntax.scalar(class_type)}`,
      `    ${syntax.key('inputs')}: ${values.length === 0 ? '{}' : `{\n${values.join(',\n')}\n    }`}`,
      ...(_meta === undefined ? [] : [`    ${syntax.key('_meta')}: ${write(_meta, syntax)}`]),
    ]
    return `  ${syntax.key(nodeId)}: {\n${parts.join(',\n')}\n  }`
  })
  return nodes.length === 0 ? '{}' : `{\n${nodes.join(',\n')}\n}`
}

function write(value: JsonValue | object | undefined, syntax: Syntax): string {
  if (Array.isArray(value)) return `[${value.map(item => write(item, syntax)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return syntax.scalar(value ?? null)
  const parts = Object.entries(value).map(([name, item]) => `${syntax.key(name)}: ${write(item, syntax)}`)
  return `{${parts.join(', ')}}`
}

/**
 * A text in double quotes as JSON, JavaScript and Python all read it. Line separators are escaped: editors break lines there.
 */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escapeCharacter)
}

function escapeCharacter(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}
