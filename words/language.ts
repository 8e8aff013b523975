export type Language = 'en' | 'zh'

/** The first of the wanted languages (BCP 47 or locale names) that there are words in; English when none is. */
export function preferredLanguage(wanted: readonly string[]): Language {
  const first = wanted.find(tag => /^(zh|en)\b|^(zh|en)_/i.test(tag))
  return first?.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}
