import { signal } from '@preact/signals'
import { en, type Words } from './en.ts'
import { categoriesZh, nodeNamesZh, slotNamesZh } from './nodes-zh.ts'
import { zh } from './zh.ts'

export type Language = 'en' | 'zh'
export type WordKey = keyof Words

/** The chosen language. One for the page, as its `lang` attribute is. */
export const language = signal<Language>('en')

export function preferredLanguage(languages: readonly string[]): Language {
  const first = languages.find(tag => /^(zh|en)\b/i.test(tag))
  return first?.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

/** A text in the chosen language, `{name}` replaced. Reads the signal: what renders with it follows a change. */
export function t(key: WordKey, values: Readonly<Record<string, string | number>> = {}): string {
  const text = (language.value === 'zh' ? zh : en)[key]
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** A node type's name in the chosen language. */
export function nodeTitle(type: { type: string; title: string }): string {
  return (language.value === 'zh' ? nodeNamesZh[type.type] : undefined) ?? type.title
}

/** A category path in the chosen language. */
export function categoryTitle(category: string): string {
  if (language.value !== 'zh') return category
  return category
    .split('/')
    .map(part => categoriesZh[part] ?? part)
    .join('/')
}

export function chineseTitle(type: string): string | undefined {
  return nodeNamesZh[type]
}

/** What frontends call differently from the file. */
const slotNamesEn: Readonly<Record<string, string>> = {
  control_after_generate: 'after queueing',
  Constant: 'name',
}

/** A widget's or slot's name in the chosen language. */
export function slotLabel(type: string, name: string): string {
  if (language.value !== 'zh') return slotNamesEn[name] ?? name
  return slotNamesZh[`${type}.${name}`] ?? slotNamesZh[name] ?? name
}
