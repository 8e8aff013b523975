/** Words in other languages than the definition's own, for editors; used for nodes that come from data. */
export type NodeWords = { readonly [language in 'en' | 'zh']?: LocalWords }
type LocalWords = {
  readonly title?: string
  /** Of inputs, by name. */
  readonly labels?: Readonly<Record<string, string>>
}
