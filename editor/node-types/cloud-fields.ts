import { isObject, type Json, parseJson } from '../api/index.ts'
import type { NodeType, WidgetSpec } from './types.ts'
import { parseNumber } from './widget-values.ts'

/** A field of a cloud workflow or AI app, as the server tells it and as `fields` of its node keeps it. */
export type CloudField = {
  readonly nodeId: string
  readonly fieldName: string
  readonly title: string
  readonly classType?: string
  readonly label: { readonly en: string; readonly zh: string }
  readonly kind: string
  readonly multiline: boolean
  /** As saved on the site; an AI app's is always text. */
  readonly value: string | number | bigint | boolean
  readonly options: readonly {
    readonly value: string
    readonly label: { readonly en: string; readonly zh: string }
  }[]
  readonly min?: number | bigint | undefined
  readonly max?: number | bigint | undefined
  readonly step?: number | undefined
}

export const cloudNodeTypes = { workflow: 'RHB_CloudWorkflow', app: 'RHB_CloudApp' } as const

/** The name of a field in one word, which is its input's name: `57:8.text`. */
export const fieldKey = ({ nodeId, fieldName }: Pick<CloudField, 'nodeId' | 'fieldName'>): string =>
  `${nodeId}.${fieldName}`

const media = { image: 'IMAGE', audio: 'AUDIO', video: 'VIDEO', file: '*' } as const

/** What people come for: their pictures, sounds and words. */
export function isUsual(field: CloudField): boolean {
  if (Object.hasOwn(media, field.kind)) return true
  return field.kind === 'text' && (field.multiline || /prompt|text/i.test(field.fieldName))
}

/** A field's name for people, in a language. */
export function fieldTitle(field: CloudField, language: 'en' | 'zh'): string {
  const own = field.label[language] || field.label[language === 'zh' ? 'en' : 'zh']
  return own || `${field.title} · ${field.fieldName}`
}

/**
 * What a node that sets one field may be given for `nodeId`, `fieldName` or `fieldValue`: each value with what is read for it. Nothing
 * where any text will do.
 */
export function fieldOffers(
  input: string,
  fields: readonly CloudField[],
  so: { readonly nodeId: string; readonly fieldName: string; readonly language: 'en' | 'zh' },
): ReadonlyMap<string, string> {
  if (input === 'nodeId') {
    const titles = fields.map(({ nodeId, title, classType = '' }): [string, string] => {
      const name = classType === '' || classType === title ? title : `${title} (${classType})`
      return [nodeId, `${nodeId} · ${name}`]
    })
    return new Map(titles)
  }
  const ofNode = fields.filter(({ nodeId }) => nodeId === so.nodeId)
  if (input === 'fieldName') {
    return new Map(
      ofNode.map(field => {
        const { fieldName, label, value } = field
        const named = label.en + label.zh === '' ? '' : ` (${fieldTitle(field, so.language)})`
        return [fieldName, `${fieldName}${named} · ${String(value).slice(0, 60)}`]
      }),
    )
  }
  const field = ofNode.find(({ fieldName }) => fieldName === so.fieldName)
  if (input !== 'fieldValue' || !field) return new Map()
  if (field.kind === 'toggle') return new Map(['true', 'false'].map(value => [value, value]))
  return new Map(field.options.map(({ value, label }) => [value, label[so.language] || value]))
}

/** The type of a cloud workflow or app as one node of it looks: a widget for each field that the node names, before its own. */
export function withCloudFields(type: NodeType, values: Json | undefined): NodeType {
  const fields = readFields(isObject(values) ? values.fields : undefined)
  const own = type.widgets
    .filter(({ name }) => ownNames.has(name))
    .map((spec): WidgetSpec => (spec.name === 'fields' ? hiddenFields : spec))
  return {
    ...type,
    storesByName: true,
    widgets: [...fields.flatMap(widgetsOf), ...own],
    words: { en: { labels: labels(fields, 'en') }, zh: { labels: labels(fields, 'zh') } },
  }
}

const ownNames = new Set(['target', 'fields', 'run_timeout', 'concurrency_limit', 'use_rtx4090_48g'])
const hiddenFields = { kind: 'constant', name: 'fields', default: '[]', isOptional: true } as const

export function isCloudNode(type: string): boolean {
  return type === cloudNodeTypes.workflow || type === cloudNodeTypes.app
}

/** The chosen fields of a node; what was written by hand and is no list names none. */
export function readFields(text: Json | undefined): readonly CloudField[] {
  try {
    const list = parseJson(String(text ?? '[]'))
    return Array.isArray(list) ? list.flatMap(readField) : []
  } catch {
    return []
  }
}

function readField(entry: Json): CloudField[] {
  if (!isObject(entry)) return []
  const { nodeId, fieldName, value } = entry
  if (nodeId === undefined || nodeId === null || typeof fieldName !== 'string') return []
  const words = (given: Json | undefined) => {
    const label = isObject(given) ? given : {}
    return { en: text(label.en), zh: text(label.zh) }
  }
  const options = Array.isArray(entry.options) ? entry.options.filter(isObject) : []
  return [
    {
      nodeId: String(nodeId),
      fieldName,
      title: text(entry.title) || text(entry.classType),
      label: words(entry.label),
      kind: text(entry.kind) || 'text',
      multiline: entry.multiline === true,
      value: typeof value === 'object' || value === undefined ? '' : value,
      options: options.map(option => ({ value: String(option.value ?? ''), label: words(option.label) })),
      min: numeric(entry.min),
      max: numeric(entry.max),
      step: typeof entry.step === 'number' ? entry.step : undefined,
    },
  ]
}

/** What is filled in for a field: one widget, a seed with its control. Whatever is not understood is a text. */
function widgetsOf(field: CloudField): WidgetSpec[] {
  const { kind, options, min, max } = field
  const name = fieldKey(field)
  const start = String(field.value)
  const base = { name, isOptional: true, tooltip: `${field.title} · ${name}` }
  if (isMedium(kind)) {
    const socketType = media[kind]
    const medium = kind === 'file' ? 'any' : kind
    return [
      { ...base, kind: 'file', media: medium, socketType, hasButton: false, default: start, options: [] },
    ]
  }
  if (kind === 'int' || kind === 'seed' || kind === 'float') {
    const isWhole = kind !== 'float'
    const number = parseNumber(start, { isWhole })
    if (number === undefined) return [textWidget(base, start)]
    const bounds = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) }
    const step = field.step ?? (isWhole ? 1 : 0.1)
    const socketType = isWhole ? 'INT' : 'FLOAT'
    const spec: WidgetSpec = {
      ...base,
      ...bounds,
      kind: 'number',
      isWhole,
      step,
      socketType,
      default: number,
    }
    if (kind !== 'seed') return [spec]
    // No field is called like this: the server passes it by.
    const control = `control_after_generate:${name}`
    return [spec, { kind: 'control', name: control, controls: name, default: 'randomize', isOptional: true }]
  }
  if (kind === 'toggle') {
    return [{ ...base, kind: 'toggle', socketType: 'BOOLEAN', default: /^(true|1)$/i.test(start) }]
  }
  if (options.length > 0) {
    const values = options.map(({ value }) => value)
    const shown = (language: 'en' | 'zh') =>
      Object.fromEntries(
        options.map(({ value, label }) => [
          value,
          label[language] || label[language === 'zh' ? 'en' : 'zh'] || value,
        ]),
      )
    const words = { en: shown('en'), zh: shown('zh') }
    return [{ ...base, kind: 'combo', socketType: 'STRING', default: start, options: values, words }]
  }
  return [field.multiline ? { ...textWidget(base, start), kind: 'textarea' } : textWidget(base, start)]
}

function textWidget(base: { name: string; isOptional: boolean; tooltip: string }, start: string) {
  return { ...base, kind: 'text', socketType: 'STRING', default: start } as const
}

function labels(fields: readonly CloudField[], language: 'en' | 'zh'): Record<string, string> {
  return Object.fromEntries(fields.map(field => [fieldKey(field), fieldTitle(field, language)]))
}

function isMedium(kind: string): kind is keyof typeof media {
  return Object.hasOwn(media, kind)
}
function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
function numeric(value: Json | undefined): number | bigint | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined
}
