import type { JsonValue } from '../shared/lossless-json.ts'
import { isSeed, looksLong } from './app-fields.ts'
import type { CloudDescription, CloudField, FieldKind } from './types.ts'

type GraphFacts = Pick<CloudDescription, 'fields' | 'links' | 'nodes'>

/** Where a file is uploaded for, by class and field (RunningHub: media fields). */
const mediaFields: readonly (readonly [classType: RegExp, fieldName: string, kind: FieldKind])[] = [
  [/^LoadImages\(zip\)$/i, 'upload', 'file'],
  [/^RHLoraLoader/i, 'lora_name', 'lora'],
  [/LoadImage(Mask|Output)?$|^LoadImage/i, 'image', 'image'],
  [/LoadAudio/i, 'audio', 'audio'],
  [/LoadAudio/i, 'audio_file', 'audio'],
  [/LoadVideo/i, 'video', 'video'],
  [/LoadVideo/i, 'file', 'video'],
]

/**
 * The fields of a cloud workflow, derived from its graph (RunningHub: deriving the fields of a workflow). A graph that is no
 * map of nodes gives none. Nodes come in the order of their numbers.
 */
export function readWorkflowFields(graph: JsonValue): GraphFacts {
  const nodes: Record<string, { classType: string; title: string }> = {}
  const links: Record<string, string> = {}
  const fields: CloudField[] = []
  for (const [nodeId, node] of entriesOf(unwrapped(graph)).toSorted(byNumber)) {
    const classType = textOf(at(node, 'class_type'))
    if (classType === '') continue
    const title = textOf(at(at(node, '_meta'), 'title')) || classType
    nodes[nodeId] = { classType, title }
    for (const [fieldName, value] of entriesOf(at(node, 'inputs'))) {
      if (isLink(value)) links[`${nodeId}.${fieldName}`] = String((value as JsonValue[])[0])
      else if (isFieldValue(value)) fields.push(fieldOf(nodeId, fieldName, value, classType, title))
    }
  }
  return { fields, links, nodes }
}

/** Files people saved hold the bare map or `{ "prompt": … }`. */
function unwrapped(graph: JsonValue): JsonValue {
  const inner = at(graph, 'prompt')
  return inner !== undefined && at(inner, 'class_type') === undefined && typeof inner === 'object'
    ? inner
    : graph
}

function fieldOf(
  nodeId: string,
  fieldName: string,
  value: string | number | bigint | boolean,
  classType: string,
  title: string,
): CloudField {
  const kind = kindOf(classType, fieldName, value)
  return {
    nodeId,
    fieldName,
    classType,
    title,
    label: { en: '', zh: '' },
    kind,
    multiline: kind === 'text' && looksLong(fieldName, String(value)),
    value,
    options: [],
  }
}

function kindOf(classType: string, fieldName: string, value: CloudField['value']): FieldKind {
  if (typeof value === 'string') {
    const medium = mediaFields.find(([type, name]) => name === fieldName && type.test(classType))
    if (medium) return medium[2]
    return 'text'
  }
  if (typeof value === 'boolean') return 'toggle'
  if (typeof value === 'bigint' || Number.isInteger(value))
    return isSeed(fieldName) ? 'seed' : wholeOrNot(fieldName)
  return 'float'
}

/** A whole number under a name that is a factor is saved as 1 for 1.0: it takes fractions. */
function wholeOrNot(fieldName: string): FieldKind {
  return /^(cfg|denoise|strength(_\w+)?|scale(_by)?|weight|guidance|fps|frame_rate)$/i.test(fieldName)
    ? 'float'
    : 'int'
}

function isLink(value: JsonValue | undefined): boolean {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Number.isInteger(value[1])
  )
}

function isFieldValue(value: JsonValue | undefined): value is string | number | bigint | boolean {
  return value !== undefined && value !== null && typeof value !== 'object'
}

function byNumber([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

function entriesOf(value: JsonValue | undefined): [string, JsonValue][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
}

function at(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value[key] : undefined
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
