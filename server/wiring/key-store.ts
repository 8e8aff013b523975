export type StoredKey = {
  readonly name: string
  readonly key: string
  /** The site it belongs to; undefined: the one the graph names. */
  readonly baseUrl?: string | undefined
  /** Came in a file; used only where a graph names it. */
  readonly imported?: boolean | undefined
}

/** RunningHub keys by name. */
export type KeyStore = {
  all(): Promise<readonly StoredKey[]>
  get(name: string): Promise<StoredKey | undefined>
  /** The key used when nothing else names one. */
  default(): Promise<StoredKey | undefined>
  /** Adds or replaces; the first key becomes the default. */
  put(key: StoredKey, options: { makeDefault: boolean }): Promise<void>
  /** Keeps a key that came in a file or a prompt, under the name it has already or a new one. Answers the name. */
  keep(key: string): Promise<string>
  /** Answers whether there was one. */
  remove(name: string): Promise<boolean>
}
