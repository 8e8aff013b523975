export type StoredKey = {
  readonly name: string
  readonly key: string
  /** The site it belongs to; undefined: the one the graph names. */
  readonly baseUrl?: string | undefined
  /** Came in a file; used only where a graph names it. */
  readonly imported?: boolean | undefined
  /** What it was called before: graphs that say so still mean it. */
  readonly formerNames?: readonly string[] | undefined
}

/** RunningHub keys by name. */
export type KeyStore = {
  all(): Promise<readonly StoredKey[]>
  /** By its name, or one it had before. */
  get(name: string): Promise<StoredKey | undefined>
  /** The key used when nothing else names one. */
  default(): Promise<StoredKey | undefined>
  /** Adds or replaces; the first key becomes the default. */
  put(key: StoredKey, options: { makeDefault: boolean }): Promise<void>
  /** Keeps a key that came in a file or a prompt, under the name it has already, the wanted or a new one. Answers the name. */
  keep(key: string, wanted?: string): Promise<string>
  /** Renames a key, or makes it the default. Answers whether there is one of that name. Throws `bad-key-name` for a name that is taken. */
  change(name: string, to: { readonly name?: string; readonly makeDefault?: boolean }): Promise<boolean>
  /** Answers whether there was one. */
  remove(name: string): Promise<boolean>
}
