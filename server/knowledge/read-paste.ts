import { type JsonValue, parseJson } from '../shared/lossless-json.ts'

/** What a pasted text points at. `site` is the site of a link, undefined for a bare id. */
export type Pasted =
  | {
      readonly what: 'workflow' | 'app' | 'post'
      readonly id: string
      readonly site?: string
      readonly items: readonly PastedItem[]
    }
  /** An id that says not of what: to be asked for. */
  | {
      readonly what: 'id'
      readonly id: string
      readonly site?: string
      readonly items: readonly PastedItem[]
    }
  | { readonly what: 'items'; readonly items: readonly PastedItem[] }
  | {
      readonly what: 'model'
      readonly endpoint: string
      readonly site?: string
      readonly body: { readonly [key: string]: JsonValue }
    }
  /** A graph or a whole workflow file: to be opened like a file. */
  | { readonly what: 'file'; readonly text: string }
  | { readonly what: 'nothing'; readonly why: 'empty' | 'other-site' | 'no-id' }

/** One value of a pasted nodeInfoList. */
export type PastedItem = {
  readonly nodeId: string
  readonly fieldName: string
  readonly fieldValue: JsonValue
}

const sites = /(?:^|[/.])((?:www\.)?runninghub\.(?:cn|ai))(?=[/:?#]|$)/i

/**
 * Finds out what a pasted text is: a RunningHub page (workflow, AI app, post; .cn and .ai), an id, a curl command, a request body,
 * a nodeInfoList or a graph. A key in it is never part of the answer.
 */
export function readPaste(pasted: string): Pasted {
  const text = pasted.trim()
  if (text === '') return { what: 'nothing', why: 'empty' }
  if (/^\d{10,}$/.test(text)) return { what: 'id', id: text, items: [] }
  if (/^[[{]/.test(text)) return fromJson(text) ?? { what: 'nothing', why: 'no-id' }
  if (/\bcurl\b/i.test(text)) return fromCurl(text)
  return fromUrl(text)
}

function fromUrl(text: string): Pasted {
  const written = /https?:\/\/[^\s'"<>]+/i.exec(text)?.[0] ?? text
  const site = siteOf(written)
  if (/^https?:/i.test(written) && !site && !isLoopback(written))
    return { what: 'nothing', why: 'other-site' }
  const call = /\/openapi\/v2\/run\/(ai-app|workflow)\/(\d+)/.exec(written)
  const page = call ?? /\/(workflow|ai-detail|ai-app|webapp|post)\/(?:[a-z-]+\/)*(\d{10,})/i.exec(written)
  const kind = page?.[1]?.toLowerCase()
  const id =
    page?.[2] ??
    /(?:workflowId|webappId|id)=(\d{10,})/i.exec(written)?.[1] ??
    /\b\d{16,20}\b/.exec(written)?.[0]
  if (id === undefined) return { what: 'nothing', why: 'no-id' }
  const where = site ? { site } : {}
  if (kind === undefined) {
    const named = /webappId=/i.test(written) ? 'app' : /workflowId=/i.test(written) ? 'workflow' : 'id'
    return { what: named, id, items: [], ...where }
  }
  return {
    what: kind === 'workflow' ? 'workflow' : kind === 'post' ? 'post' : 'app',
    id,
    items: [],
    ...where,
  }
}

/** A curl command of the site's API page: the address tells the call, the body the id and the values. */
function fromCurl(text: string): Pasted {
  const url = /https?:\/\/[^\s'"\\]+/i.exec(text)?.[0] ?? ''
  const start = text.indexOf('{')
  const end = text.lastIndexOf('}')
  const body = start >= 0 && end > start ? parsed(unquoted(text.slice(start, end + 1))) : undefined
  const site = siteOf(url)
  if (!site && !isLoopback(url)) return { what: 'nothing', why: 'other-site' }
  const inPath = fromUrl(url)
  const items = isObject(body) ? itemsOf(body.nodeInfoList) : []
  if ('id' in inPath && (inPath.what === 'app' || inPath.what === 'workflow')) return { ...inPath, items }
  const where = site ? { site } : {}
  const model = /\/openapi\/v2\/(?!run\/|query|media\/|price-preview|queue)([\w./-]+)/.exec(url)?.[1]
  if (model && isObject(body)) return { what: 'model', endpoint: model, body: withoutKeys(body), ...where }
  const target = isObject(body) ? targetOf(body) : undefined
  // The demo of an AI app writes "webappId": "null": the id is to be asked for (RunningHub: apiCallDemo).
  if (!target) return items.length > 0 ? { what: 'items', items } : { what: 'nothing', why: 'no-id' }
  return { ...target, items, ...where }
}

function fromJson(text: string): Pasted | undefined {
  const json = parsed(text)
  if (json === undefined) return undefined
  if (Array.isArray(json)) {
    const items = itemsOf(json)
    return items.length > 0 ? { what: 'items', items } : undefined
  }
  if (!isObject(json)) return undefined
  const target = targetOf(json)
  if (target) return { ...target, items: itemsOf(json.nodeInfoList) }
  if (Array.isArray(json.nodeInfoList)) return { what: 'items', items: itemsOf(json.nodeInfoList) }
  return { what: 'file', text }
}

function targetOf(body: { [key: string]: JsonValue }): { what: 'workflow' | 'app'; id: string } | undefined {
  for (const [name, what] of [
    ['webappId', 'app'],
    ['workflowId', 'workflow'],
  ] as const) {
    const id = body[name]
    const digits =
      typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? String(id).trim() : ''
    if (/^\d{6,}$/.test(digits)) return { what, id: digits }
  }
  return undefined
}

function itemsOf(list: JsonValue | undefined): readonly PastedItem[] {
  if (!Array.isArray(list)) return []
  return list.flatMap(item => {
    if (!isObject(item)) return []
    const { nodeId, fieldName, fieldValue } = item
    if (nodeId === undefined || nodeId === null || typeof nodeId === 'object') return []
    if (typeof fieldName !== 'string' || fieldName === '') return []
    return [{ nodeId: String(nodeId), fieldName, fieldValue: fieldValue ?? '' }]
  })
}

function withoutKeys(body: { [key: string]: JsonValue }): { [key: string]: JsonValue } {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !/^api_?key$/i.test(name)))
}

function siteOf(url: string): string | undefined {
  const host = sites.exec(url)?.[1]?.toLowerCase()
  return host && `https://${host.startsWith('www.') ? host : `www.${host}`}`
}

function isLoopback(url: string): boolean {
  return /^https?:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(?=[:/]|$)/i.test(url)
}

/** Shells write a quote inside quotes as '\'' and a line's end as a backslash. */
function unquoted(body: string): string {
  return body.replaceAll("'\\''", "'").replace(/\\\r?\n/g, '\n')
}

function parsed(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
