import type { Prompt } from '../shared/prompt.ts'
import { scrub } from '../shared/secrets.ts'
import { type DefinitionOf, type MainInput, mainInputs } from './main-inputs.ts'
import { pythonSnippet } from './python.ts'
import type { Place } from './run-command.ts'
import { cliSnippet, curlSnippet } from './shell.ts'
import { typescriptSnippet } from './typescript.ts'

export const languages = ['cli', 'curl', 'python', 'typescript'] as const
export type SnippetLanguage = (typeof languages)[number]

/** What every snippet is made of. */
export type SnippetFacts = {
  readonly prompt: Prompt
  readonly inputs: readonly MainInput[]
  /** The server's address, without a slash at its end. */
  readonly server: string
  readonly needsToken: boolean
  readonly place: Place
}

export type SnippetWish = Omit<SnippetFacts, 'inputs'> & {
  readonly definitionOf: DefinitionOf
  /** The workflow's file on this machine: what a command names. Without one there is no command. */
  readonly file?: string
  /** Every key that is known here. None is in what comes back. */
  readonly secrets: Iterable<string>
  readonly isWindows?: boolean
}

/**
 * A graph as something to run from elsewhere: a command, a call of this server, a program. Complete as it stands; what people change is
 * named on top. Keys are spoken of by name, and found where they are kept.
 */
export function makeSnippets(wish: SnippetWish): Record<Exclude<SnippetLanguage, 'cli'>, string> & {
  cli: string | null
} {
  const { definitionOf, file, isWindows = process.platform === 'win32', ...rest } = wish
  const facts: SnippetFacts = { ...rest, inputs: mainInputs(wish.prompt, definitionOf) }
  const secrets = [...wish.secrets]
  const clean = (text: string) => scrub(text, secrets)
  return {
    cli: file === undefined ? null : clean(cliSnippet(facts, file, isWindows)),
    curl: clean(curlSnippet(facts)),
    python: clean(pythonSnippet(facts)),
    typescript: clean(typescriptSnippet(facts)),
  }
}
