import { pythonNumber, pythonText } from './python-text.ts'

/** Any value as text: Python's spelling for plain ones, names for pictures, JSON four spaces deep for all else. */
export function describeValue(value: unknown, type: string | undefined): string {
  if (typeof value !== 'object' || value === null) return pythonText(value, type)
  if (type === 'IMAGE' && Array.isArray(value)) {
    return value.map(image => (image as { asset: { name: string } }).asset.name).join('\n')
  }
  return asciiJson(value)
}

/** json.dumps(value, indent=4): non-ASCII characters escaped. */
function asciiJson(value: object): string {
  const text = JSON.stringify(
    value,
    (_key, item: unknown) => (typeof item === 'bigint' ? JSON.rawJSON(pythonNumber(item)) : item),
    4,
  )
  return text.replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
