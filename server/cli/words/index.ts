import { type Language, preferredLanguage, say } from '../../../words/index.ts'
import { en } from './en.ts'
import { zh } from './zh.ts'

export type WordKey = keyof typeof en
type Values = Readonly<Record<string, string | number>>

/** What can be counted -> its measure word in Chinese. */
const nouns = {
  node: '个节点',
  task: '个任务',
  output: '个输出',
  file: '个文件',
  row: '行',
  time: '次',
  model: '个模型',
  type: '个类型',
  entry: '条',
  run: '个运行',
  key: '个密钥',
} as const

let language: Language = 'en'

/**
 * Finds the language of this process: `--lang` (taken out of the arguments), RH_BRIDGE_LANG, then the locale (POSIX: LC_ALL before
 * LC_MESSAGES before LANG). Gives the arguments that are left.
 */
export function chooseLanguage(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const at = args.findIndex(argument => /^--lang(=|$)/.test(argument))
  const isApart = at >= 0 && args[at] === '--lang'
  const said = isApart ? args[at + 1] : args[at]?.slice('--lang='.length)
  const { RH_BRIDGE_LANG, LC_ALL, LC_MESSAGES, LANG } = environment
  language = preferredLanguage([said || RH_BRIDGE_LANG || LC_ALL || LC_MESSAGES || LANG || ''])
  return at < 0 ? args : args.toSpliced(at, isApart ? 2 : 1)
}

export function currentLanguage(): Language {
  return language
}

/** A text of the commands in the language of this process, `{name}` replaced. */
export function word(key: WordKey, values: Values = {}): string {
  const text: string = (language === 'zh' ? zh : en)[key]
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** A sentence of an error or a notice in that language. */
export function told(text: string): string {
  return say(text, language)
}

/** `3 nodes`, `1 entry`, `3 个节点`. */
export function counted(count: number, noun: keyof typeof nouns): string {
  if (language === 'zh') return `${count} ${nouns[noun]}`
  return `${count} ${count === 1 ? noun : `${noun}s`.replace(/ys$/, 'ies')}`
}

/** Parts of a sentence in a row; empty ones are left out. */
export function joined(parts: readonly string[]): string {
  return parts.filter(Boolean).join(language === 'zh' ? '，' : ', ')
}
