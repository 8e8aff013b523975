import { boolean, defineNode, int, oneOf, string } from '../define-node.ts'
import { capitalize, slice, strip, titleCase } from './python-strings.ts'
import { pythonText } from './python-text.ts'

/** ComfyUI's text nodes (comfy_extras.nodes_string); texts behave as Python's: code points, its white space, its cases. */
const common = { category: 'text', module: 'comfy_extras.nodes_string' } as const
const text = string({ multiline: true })
const caseSensitive = boolean({ default: true })

const concatenate = defineNode({
  ...common,
  type: 'StringConcatenate',
  displayName: 'Concatenate Text',
  inputs: { string_a: text, string_b: text, delimiter: string({ multiline: false }) },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs }) => ({ STRING: inputs.string_a + inputs.delimiter + inputs.string_b }),
})

const substring = defineNode({
  ...common,
  type: 'StringSubstring',
  displayName: 'Substring',
  description: 'The characters from start up to, not including, end. Negative numbers count from the end.',
  inputs: { string: text, start: int({ default: 0 }), end: int({ default: 0 }) },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs }) => ({ STRING: slice(inputs.string, inputs.start, inputs.end) }),
})

const length = defineNode({
  ...common,
  type: 'StringLength',
  displayName: 'Text Length',
  inputs: { string: text },
  outputs: { length: 'INT' },
  execute: async ({ inputs }) => ({ length: [...inputs.string].length }),
})

const cases = {
  UPPERCASE: (text: string) => text.toUpperCase(),
  lowercase: (text: string) => text.toLowerCase(),
  Capitalize: capitalize,
  'Title Case': titleCase,
}

const convertCase = defineNode({
  ...common,
  type: 'CaseConverter',
  displayName: 'Convert Text Case',
  inputs: { string: text, mode: oneOf(['UPPERCASE', 'lowercase', 'Capitalize', 'Title Case']) },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs }) => ({ STRING: cases[inputs.mode](inputs.string) }),
})

const trim = defineNode({
  ...common,
  type: 'StringTrim',
  displayName: 'Trim Text',
  inputs: { string: text, mode: oneOf(['Both', 'Left', 'Right']) },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs }) => ({ STRING: strip(inputs.string, inputs.mode) }),
})

const replace = defineNode({
  ...common,
  type: 'StringReplace',
  displayName: 'Replace Text',
  inputs: { string: text, find: text, replace: text },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs: { string: text, find, replace } }) => {
    // An empty text stands between all characters, also in Python.
    if (find !== '') return { STRING: text.replaceAll(find, () => replace) }
    return { STRING: ['', ...text, ''].join(replace) }
  },
})

const contains = defineNode({
  ...common,
  type: 'StringContains',
  displayName: 'Contains Text',
  inputs: { string: text, substring: text, case_sensitive: caseSensitive },
  outputs: { contains: 'BOOLEAN' },
  execute: async ({ inputs: { string: text, substring, case_sensitive } }) => {
    const as = (given: string) => (case_sensitive ? given : given.toLowerCase())
    return { contains: as(text).includes(as(substring)) }
  },
})

const compare = defineNode({
  ...common,
  type: 'StringCompare',
  displayName: 'Compare Text',
  inputs: {
    string_a: text,
    string_b: text,
    mode: oneOf(['Starts With', 'Ends With', 'Equal']),
    case_sensitive: caseSensitive,
  },
  outputs: { BOOLEAN: 'BOOLEAN' },
  execute: async ({ inputs: { string_a, string_b, mode, case_sensitive } }) => {
    const as = (given: string) => (case_sensitive ? given : given.toLowerCase())
    const [a, b] = [as(string_a), as(string_b)]
    if (mode === 'Equal') return { BOOLEAN: a === b }
    return { BOOLEAN: mode === 'Starts With' ? a.startsWith(b) : a.endsWith(b) }
  },
})

const jsonExtract = defineNode({
  ...common,
  type: 'JsonExtractString',
  displayName: 'Extract Text from JSON',
  description: 'The value of a key of a JSON object, as text. No such key, null or no JSON: an empty text.',
  inputs: { json_string: text, key: string({ multiline: false }) },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs }) => ({ STRING: valueAt(inputs.json_string, inputs.key) }),
})

function valueAt(json: string, key: string): string {
  let data: unknown
  try {
    data = JSON.parse(json, exactNumbers as (key: string, value: unknown) => unknown)
  } catch {
    return ''
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data) || !Object.hasOwn(data, key)) return ''
  const value = (data as Record<string, unknown>)[key]
  return value === null ? '' : pythonText(value, 'FLOAT')
}

/** Whole numbers with every digit, as Python has them; all others are floats. */
function exactNumbers(_key: string, value: unknown, context: { source?: string }): unknown {
  return typeof value === 'number' && /^-?\d+$/.test(context.source ?? '')
    ? BigInt(context.source ?? '')
    : value
}

export const stringNodes = [
  concatenate,
  substring,
  length,
  convertCase,
  trim,
  replace,
  contains,
  compare,
  jsonExtract,
]
