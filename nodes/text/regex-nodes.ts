import { boolean, defineNode, int, oneOf, string } from '../define-node.ts'
import type { RegexFlags } from './python-regex.ts'
import { runRegex } from './run-regex.ts'

/** ComfyUI's regex nodes (comfy_extras.nodes_string). Patterns are Python's, see python-regex.ts. */
const common = { category: 'text', module: 'comfy_extras.nodes_string' } as const
const text = string({ multiline: true })

type Switches = {
  readonly case_insensitive?: boolean | undefined
  readonly multiline?: boolean | undefined
  readonly dotall?: boolean | undefined
}

function flagsOf({ case_insensitive = true, multiline = false, dotall = false }: Switches): RegexFlags {
  return { ignoreCase: case_insensitive, multiline, dotAll: dotall }
}

const regexMatch = defineNode({
  ...common,
  type: 'RegexMatch',
  displayName: 'Match Text',
  description: 'Whether a pattern is found in the text. A pattern that cannot be read is never found.',
  inputs: {
    string: text,
    regex_pattern: text,
    case_insensitive: boolean({ default: true }),
    multiline: boolean(),
    dotall: boolean(),
  },
  outputs: { matches: 'BOOLEAN' },
  execute: async ({ inputs, signal }) => {
    const { string: text, regex_pattern: pattern } = inputs
    const found = await runRegex(
      { kind: 'search', text, pattern, flags: flagsOf(inputs) },
      { signal, mustCompile: false },
    )
    return { matches: found === true }
  },
})

const regexExtract = defineNode({
  ...common,
  type: 'RegexExtract',
  displayName: 'Extract Text',
  description:
    'What a pattern finds, one a line. Nothing found, or a pattern that cannot be read: an empty text.',
  inputs: {
    string: text,
    regex_pattern: text,
    mode: oneOf(['First Match', 'All Matches', 'First Group', 'All Groups']),
    case_insensitive: boolean({ default: true }),
    multiline: boolean(),
    dotall: boolean(),
    group_index: int({ default: 1, min: 0, max: 100 }),
  },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs, signal }) => {
    const { string: text, regex_pattern: pattern, mode, group_index } = inputs
    const found = await runRegex(
      { kind: 'find', text, pattern, flags: flagsOf(inputs), mode, group: Number(group_index) },
      { signal, mustCompile: false },
    )
    return { STRING: typeof found === 'string' ? found : '' }
  },
})

const regexReplace = defineNode({
  ...common,
  type: 'RegexReplace',
  displayName: 'Replace Text (Regex)',
  description: 'Find and replace text using regex patterns.',
  inputs: {
    string: text,
    regex_pattern: text,
    replace: text,
    case_insensitive: boolean({ default: true, optional: true }),
    multiline: boolean({ optional: true }),
    dotall: boolean({
      optional: true,
      tooltip:
        "When enabled, the dot (.) character will match any character including newline characters. When disabled, dots won't match newlines.",
    }),
    count: int({
      min: 0,
      max: 100,
      optional: true,
      tooltip:
        'Maximum number of replacements to make. Set to 0 to replace all occurrences (default). Set to 1 to replace only the first match, 2 for the first two matches, etc.',
    }),
  },
  outputs: { STRING: 'STRING' },
  execute: async ({ inputs, signal }) => {
    const { string: text, regex_pattern: pattern, replace: replacement, count = 0 } = inputs
    const replaced = await runRegex(
      { kind: 'replace', text, pattern, flags: flagsOf(inputs), replacement, count: Number(count) },
      { signal, mustCompile: true },
    )
    return { STRING: String(replaced) }
  },
})

export const regexNodes = [regexMatch, regexExtract, regexReplace]
