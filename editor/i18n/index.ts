import { signal } from '@preact/signals'
import { type Language, linkOf, preferredLanguage, say } from '../../words/index.ts'
import type { NodeType } from '../node-types/index.ts'
import { en, type Words } from './en.ts'
import { categoriesZh, nodeNamesZh, slotNamesZh } from './nodes-zh.ts'
import { zh } from './zh.ts'

export { type Language, linkOf, preferredLanguage }

export type WordKey = keyof Words

/** The chosen language. One for the page, as its `lang` attribute is. */
export const language = signal<Language>('en')

/** A text in the chosen language, `{name}` replaced. Reads the signal: what renders with it follows a change. */
export function t(key: WordKey, values: Readonly<Record<string, string | number>> = {}): string {
  const text = (language.value === 'zh' ? zh : en)[key]
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** A node type as far as its names go; `words` are those the server sent along. */
type NamedType = Pick<NodeType, 'type' | 'title' | 'words'>

/** What the server says, in the chosen language as far as it is known there. */
export function fromServer(text: string): string {
  return say(text, language.value)
}

/** A node type's name in the chosen language. */
export function nodeTitle(type: NamedType): string {
  return (language.value === 'zh' ? chineseTitle(type) : type.words?.en?.title) ?? type.title
}

/** A category path in the chosen language. */
export function categoryTitle(category: string): string {
  if (language.value !== 'zh') return category
  return category
    .split('/')
    .map(part => categoriesZh[part] ?? part)
    .join('/')
}

export function chineseTitle(type: Pick<NamedType, 'type' | 'words'>): string | undefined {
  return nodeNamesZh[type.type] ?? type.words?.zh?.title
}

/** What frontends call differently from the file. */
const slotNamesEn: Readonly<Record<string, string>> = {
  control_after_generate: 'after queueing',
  Constant: 'name',
}

/** A widget's or slot's name in the chosen language. */
export function slotLabel({ type, words }: Pick<NamedType, 'type' | 'words'>, written: string): string {
  // Of a field's own seed: `control_after_generate:6.seed`.
  const name = written.startsWith('control_after_generate:') ? 'control_after_generate' : written
  const short = name.slice(name.lastIndexOf('.') + 1)
  if (language.value !== 'zh') return words?.en?.labels[name] ?? slotNamesEn[name] ?? short
  return (
    slotNamesZh[`${type}.${name}`] ??
    words?.zh?.labels[name] ??
    slotNamesZh[name] ??
    slotNamesZh[short] ??
    numbered(short)
  )
}

/** `image3` -> `图像 3`: one of several of a kind, also of a row that grows (`images.image3`). */
function numbered(name: string): string {
  const [, stem = '', number] = /^(.*?[a-z])_?(\d{1,2})$/.exec(name) ?? []
  const known = slotNamesZh[stem]
  return known === undefined ? name : `${known} ${number}`
}
