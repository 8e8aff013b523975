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

/** What a key store is encrypted with. */
export type KeySecret =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'key-file'; readonly bytes: Buffer }

/** How the keys lie on disk, and whether they can be used now. */
export type KeyProtection =
  | { readonly kind: 'none'; readonly isLocked: false }
  | { readonly kind: KeySecret['kind']; readonly isLocked: boolean }

/** RunningHub keys by name. While the store is locked, what needs a key of it throws `keys-locked`. */
export type KeyStore = {
  all(): Promise<readonly StoredKey[]>
  /** By its name, or one it had before. */
  get(name: string): Promise<StoredKey | undefined>
  /** The key used when nothing else names one. */
  default(): Promise<StoredKey | undefined>
  /** Adds or replaces; the first key becomes the default. */
  put(key: StoredKey, options: { makeDefault: boolean }): Promise<void>
  /** Keeps a key that came in a file or a prompt, under the name it has already, the wanted or a new one, with the site it came for. Answers the name. */
  keep(key: string, wanted?: string, baseUrl?: string): Promise<string>
  /** Renames a key, or makes it the default. Answers whether there is one of that name. Throws `bad-key-name` for a name that is taken. */
  change(name: string, to: { readonly name?: string; readonly makeDefault?: boolean }): Promise<boolean>
  /** Answers whether there was one. */
  remove(name: string): Promise<boolean>

  protection(): Promise<KeyProtection>
  /** Throws `wrong-passphrase` or `wrong-key-file`; nothing is changed then. */
  unlock(secret: KeySecret): Promise<void>
  /** Forgets what opened it; what the environment says no longer opens it by itself. */
  lock(): Promise<void>
  /** Encrypts what lies on disk, or encrypts it anew with another secret and another data key. */
  encrypt(secret: KeySecret): Promise<void>
  /** Writes the keys as they were before they were encrypted: mode 0600, in the clear. */
  decrypt(): Promise<void>
}
