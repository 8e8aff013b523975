/**
 * How API keys are spoken of. A key itself stays with the server; a graph, an event, a log line or a saved file holds at
 * most a reference `<key:NAME>` or the last four characters.
 */
const referenceForm = /^<key:([^<>]+)>$/

/** `<key:NAME>`: what stands in a prompt or a workflow where a key was. */
export function keyReference(name: string): string {
  return `<key:${name}>`
}

/** The NAME of a reference, or undefined when the text is none. */
export function referencedKey(text: string): string | undefined {
  return referenceForm.exec(text.trim())?.[1]
}

/**
 * Whether an apiKey says nothing: empty, or one of the fillers people leave in shared files
 * (`YOUR_...`, `<...>`, `your-api-key`, `xxxx`, `****`).
 */
export function isPlaceholderKey(text: string): boolean {
  const value = text.trim()
  return (
    value === '' ||
    /^<.*>$/.test(value) ||
    /^\$?\{.*\}$/.test(value) ||
    /^(your|my|put|enter|insert|paste|replace)[\W_]/i.test(value) ||
    /^(api[-_ ]?key|key|none|null|undefined|todo)$/i.test(value) ||
    /^([x*._-])\1*$/i.test(value)
  )
}

/** Whether a text anywhere in a file has the form of a RunningHub key: 32 characters, hexadecimal or mixed letters and digits. */
export function looksLikeKey(text: string): boolean {
  const value = text.trim()
  if (/^[0-9a-f]{32}$/i.test(value)) return true
  return /^[0-9a-zA-Z]{32}$/.test(value) && /[0-9]/.test(value) && /[a-zA-Z]/.test(value)
}

/** `…ab12`, the most of a key that may be shown; shorter keys show nothing. */
export function lastFour(key: string): string {
  return key.length >= 12 ? `…${key.slice(-4)}` : '…'
}

/** Text with every one of `secrets` replaced by its last four characters. Secrets under 6 characters are left: they would match words. */
export function scrub(text: string, secrets: Iterable<string>): string {
  let clean = text
  for (const secret of secrets) {
    if (secret.length < 6) continue
    clean = clean.replaceAll(secret, lastFour(secret))
    const encoded = encodeURIComponent(secret)
    if (encoded !== secret) clean = clean.replaceAll(encoded, lastFour(secret))
  }
  return clean
}

/** The key the built-in sandbox is called with: known to all, worth nothing. */
export const sandboxKey = 'rhSandboxKeyForLocalTestingOnly0'
