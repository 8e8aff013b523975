import { type JsonValue, parseJson } from '../shared/lossless-json.ts'
import type { CloudField, FieldKind, Label } from './types.ts'

type JsonObject = { readonly [key: string]: JsonValue | undefined }

/**
 * The fields of an AI app (RunningHub: apiCallDemo, nodeInfoList; fieldType and fieldData). Items without node and field name
 * are left out; anything else not understood becomes a text field.
 */
export function readAppFields(items: readonly JsonValue[]): readonly CloudField[] {
  return items.flatMap(item => {
    if (!isObject(item)) return []
    const nodeId = textOf(item.nodeId)
    const fieldName = textOf(item.fieldName)
    return nodeId === '' || fieldName === '' ? [] : [readField(nodeId, fieldName, item)]
  })
}

function readField(nodeId: string, fieldName: string, item: JsonObject): CloudField {
  const data = readData(item.fieldData)
  const value = textOf(item.fieldValue)
  const classType = textOf(item.nodeName)
  const kind = kindOf(textOf(item.fieldType).toUpperCase(), fieldName, data, value)
  return {
    nodeId,
    fieldName,
    classType,
    title: classType,
    label: { en: textOf(item.descriptionEn).trim(), zh: textOf(item.description).trim() },
    kind,
    multiline: kind === 'text' && (data.multiline || looksLong(fieldName, value)),
    value,
    options: kind === 'options' ? data.options : [],
    ...(isNumber(kind) && {
      ...(data.min !== undefined && { min: data.min }),
      ...(data.max !== undefined && { max: data.max }),
      ...(data.step !== undefined && { step: data.step }),
    }),
  }
}

type FieldData = {
  readonly type: string
  readonly options: readonly { value: string; label: Label }[]
  readonly multiline: boolean
  readonly upload?: 'image' | 'audio' | 'video'
  readonly min?: number | bigint
  readonly max?: number | bigint
  readonly step?: number
}

const nothing: FieldData = { type: '', options: [], multiline: false }

/** fieldData: JSON in a text, in one of four forms (RunningHub: fieldType and fieldData); anything else says nothing. */
function readData(written: JsonValue | undefined): FieldData {
  const data = parsed(written)
  if (!Array.isArray(data)) return isObject(data) ? { ...nothing, ...bounds(data) } : nothing
  const [first, second] = data
  const settings = isObject(second) ? second : {}
  if (Array.isArray(first)) {
    const upload = uploadOf(settings)
    const options = plainOptions(first.filter(option => option !== 'keep_this_dic'))
    return { ...nothing, options, ...(upload && { upload }) }
  }
  if (typeof first === 'string' && /^[A-Z*]+$/.test(first) && (second === undefined || isObject(second))) {
    const upload = uploadOf(settings)
    const listed = Array.isArray(settings.options) ? plainOptions(settings.options) : []
    return { ...bounds(settings), type: first, options: listed, ...(upload && { upload }) }
  }
  return { ...nothing, options: isObject(first) ? namedOptions(data) : plainOptions(data) }
}

function parsed(written: JsonValue | undefined): JsonValue | undefined {
  if (typeof written !== 'string') return written
  try {
    return parseJson(written)
  } catch {
    // Empty, cut off, or words: the form is free on the site, and a text field serves.
    return undefined
  }
}

function bounds(settings: JsonObject): FieldData {
  const number = (value: JsonValue | undefined) =>
    typeof value === 'number' || typeof value === 'bigint' ? value : undefined
  const [min, max, step] = [number(settings.min), number(settings.max), number(settings.step)]
  return {
    type: '',
    options: [],
    multiline: settings.multiline === true,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(step !== undefined && { step: Number(step) }),
  }
}

function uploadOf(settings: JsonObject): FieldData['upload'] {
  if (settings.image_upload === true) return 'image'
  if (settings.audio_upload === true) return 'audio'
  return settings.video_upload === true ? 'video' : undefined
}

function plainOptions(list: readonly JsonValue[]): FieldData['options'] {
  const values = list
    .filter(option => typeof option !== 'object' && option !== null)
    .map(option => String(option))
  return [...new Set(values)].map(value => ({ value, label: { en: value, zh: value } }))
}

/** `[{ name, index, description, descriptionEn }, …]`: people read the description, the index is sent. No index: no option. */
function namedOptions(list: readonly JsonValue[]): FieldData['options'] {
  const seen = new Set<string>()
  return list.flatMap(option => {
    if (!isObject(option)) return []
    const value = textOf(option.index)
    if (value === '' || seen.has(value)) return []
    seen.add(value)
    const name = textOf(option.name) || value
    return [
      {
        value,
        label: { en: textOf(option.descriptionEn) || name, zh: textOf(option.description) || name },
      },
    ]
  })
}

const media: Readonly<Record<string, FieldKind>> = {
  IMAGE: 'image',
  AUDIO: 'audio',
  VIDEO: 'video',
  FILE: 'file',
  ZIP: 'file',
  LORA: 'lora',
}

function kindOf(type: string, fieldName: string, data: FieldData, value: string): FieldKind {
  const medium = media[type] ?? data.upload
  if (medium) return medium
  if (type === 'BOOLEAN' || data.type === 'BOOLEAN') return 'toggle'
  if (type === 'SWITCH') return isOnOff(value) && data.options.length === 0 ? 'toggle' : switchKind(data)
  if (type === 'LIST' || type === 'COMBO' || (type === '' && data.options.length > 0)) {
    return data.options.length > 0 ? 'options' : 'text'
  }
  // A type that says STRING with a list of options behind it is a list all the same.
  if (type === 'STRING' && data.options.length > 1) return 'options'
  const number = type === 'INT' || type === 'FLOAT' ? type : data.type
  if (number === 'INT') return isSeed(fieldName) ? 'seed' : isWhole(value) ? 'int' : 'text'
  if (number === 'FLOAT') return Number.isNaN(Number(value)) ? 'text' : 'float'
  return 'text'
}

function switchKind(data: FieldData): FieldKind {
  const values = data.options.map(option => option.value)
  if (values.length > 0 && values.length <= 2 && values.every(isOnOff)) return 'toggle'
  return data.options.length > 0 ? 'options' : 'int'
}

/** RunningHub re-draws seeds that nobody sends; a seed field is one people want to fix or vary. */
export function isSeed(fieldName: string): boolean {
  return /(^|_)seed$/i.test(fieldName)
}

/** A prompt is written in a box, a name on a line. */
export function looksLong(fieldName: string, value: string): boolean {
  return value.length > 60 || value.includes('\n') || /prompt|text|negative|positive/i.test(fieldName)
}

const isOnOff = (value: string) => /^(true|false)$/i.test(value)
const isWhole = (value: string) => value.trim() === '' || /^[+-]?\d+$/.test(value.trim())
const isNumber = (kind: FieldKind) => kind === 'int' || kind === 'float' || kind === 'seed'

function textOf(value: JsonValue | undefined): string {
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value)
}

function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
