/** Looks at JSON text without parsing it, character by character: no regular expression survives a text of 50 MB. */

/** Whether a bracket or a text is still open where the file ends. */
export function openAtEnd(text: string): boolean {
  let depth = 0
  let inText = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (inText) {
      if (char === 0x5c) at++
      else if (char === 0x22) inText = false
    } else if (char === 0x22) inText = true
    else if (char === 0x7b || char === 0x5b) depth++
    else if (char === 0x7d || char === 0x5d) depth--
  }
  return inText || depth > 0
}

/** Bare NaN and Infinity, which Python writes and JSON does not know, replaced by null; how many there were. */
export function withoutNonFinite(text: string): { text: string; count: number } {
  if (!text.includes('NaN') && !text.includes('Infinity')) return { text, count: 0 }
  const parts: string[] = []
  let copied = 0
  let inText = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (inText) {
      if (char === 0x5c) at++
      else if (char === 0x22) inText = false
    } else if (char === 0x22) inText = true
    else if (char === 0x4e || char === 0x49) {
      const word = ['NaN', 'Infinity'].find(candidate => text.startsWith(candidate, at))
      if (word === undefined) continue
      const start = text[at - 1] === '-' ? at - 1 : at
      parts.push(text.slice(copied, start), 'null')
      copied = at + word.length
      at = copied - 1
    }
  }
  const count = parts.length / 2
  return { text: count === 0 ? text : parts.join('') + text.slice(copied), count }
}
