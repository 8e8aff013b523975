import { nearestNames } from './nearest.ts'
import { type CloudDescription, type CloudField, fieldKey } from './types.ts'

/** A value that is going to be sent: a literal, or `undefined` for one that comes along a link and is not known yet. */
export type SentItem = { readonly nodeId: string; readonly fieldName: string; readonly value: unknown }

/** What the cloud would refuse or silently get wrong, foretold. `index` counts the items. */
export type ItemProblem = {
  readonly index: number
  readonly code:
    | 'cloud-node-unknown'
    | 'cloud-field-unknown'
    | 'cloud-field-linked'
    | 'cloud-field-twice'
    | 'cloud-value-not-listed'
    | 'cloud-value-type'
    | 'cloud-value-bounds'
    | 'cloud-value-empty'
  readonly message: string
  readonly hint: string
  /** What to write instead, when there is one answer. */
  readonly fix?: { readonly nodeId?: string; readonly fieldName?: string; readonly value?: string }
}

/**
 * Compares values about to be sent with what is known of the cloud workflow or app (RunningHub: 803 and 1101 for unknown nodes
 * and fields, 433 for values that are not listed). A description without fields proves nothing and gives no problem.
 */
export function checkItems(
  description: Pick<CloudDescription, 'fields' | 'links' | 'nodes' | 'kind' | 'isOpen'>,
  items: readonly SentItem[],
): readonly ItemProblem[] {
  if (description.fields.length === 0) return []
  const fields = new Map(description.fields.map(field => [fieldKey(field), field]))
  const first = new Map<string, number>()
  return items.flatMap((item, index) => {
    const key = fieldKey(item)
    const earlier = first.get(key)
    first.set(key, earlier ?? index)
    if (earlier !== undefined) return [twice(index, item)]
    const field = fields.get(key)
    if (description.isOpen) return []
    if (field) return checkValue(index, item, field)
    const source = description.links[key]
    const problem =
      source === undefined ? unknownField(index, item, description) : linked(index, item, source)
    return problem ? [problem] : []
  })
}

function twice(index: number, item: SentItem): ItemProblem {
  return {
    index,
    code: 'cloud-field-twice',
    message: `Node ${item.nodeId} gets "${item.fieldName}" twice`,
    hint: 'Keep one of the two: which one counts is not documented.',
  }
}

function linked(index: number, item: SentItem, source: string): ItemProblem {
  return {
    index,
    code: 'cloud-field-linked',
    message: `"${item.fieldName}" of cloud node ${item.nodeId} is fed by node ${source} and takes no value`,
    hint: `Set the value at node ${source} instead.`,
  }
}

function unknownField(
  index: number,
  item: SentItem,
  description: Pick<CloudDescription, 'fields' | 'nodes' | 'kind'>,
): ItemProblem | undefined {
  const ofNode = description.fields.filter(field => field.nodeId === item.nodeId)
  if (ofNode.length > 0) {
    const names = ofNode.map(field => field.fieldName)
    const near = nearestNames(item.fieldName, names)
    // An app tells only the fields its author shows; others of its graph may be set all the same.
    if (description.kind === 'app' && near.length === 0) return undefined
    const [only] = near.length === 1 ? near : names.length === 1 ? names : []
    return {
      index,
      code: 'cloud-field-unknown',
      message: `Cloud node ${item.nodeId} has no field "${item.fieldName}"`,
      hint: `It has: ${names.join(', ')}.${near[0] ? ` Did you mean "${near[0]}"?` : ''}`,
      ...(only !== undefined && { fix: { fieldName: only } }),
    }
  }
  if (description.kind === 'app') return undefined
  const sameField = description.fields.filter(field => field.fieldName === item.fieldName)
  const known = [...new Set(description.fields.map(field => field.nodeId))]
  const near = sameField.length > 0 ? sameField.map(field => field.nodeId) : nearestNames(item.nodeId, known)
  const shown = (near.length > 0 ? near : known).slice(0, 5).map(nodeId => titled(nodeId, description))
  return {
    index,
    code: 'cloud-node-unknown',
    message: `The cloud workflow has no node ${item.nodeId}`,
    hint: `Nodes that could be meant: ${shown.join(', ')}.`,
    ...(sameField.length === 1 && sameField[0] && { fix: { nodeId: sameField[0].nodeId } }),
  }
}

function titled(nodeId: string, description: Pick<CloudDescription, 'nodes' | 'fields'>): string {
  const title =
    description.nodes[nodeId]?.title ?? description.fields.find(field => field.nodeId === nodeId)?.title ?? ''
  return title === '' ? nodeId : `${nodeId} (${title})`
}

function checkValue(index: number, item: SentItem, field: CloudField): ItemProblem[] {
  if (item.value === undefined) return []
  const text = String(item.value)
  const name = `"${field.fieldName}" of cloud node ${field.nodeId}`
  switch (field.kind) {
    case 'options': {
      if (field.options.some(option => option.value === text)) return []
      // What people read was typed instead of what is sent.
      const meant = field.options.find(
        ({ value, label }) =>
          value.toLowerCase() === text.trim().toLowerCase() || label.zh === text || label.en === text,
      )
      const near = meant
        ? [meant.value]
        : nearestNames(
            text,
            field.options.map(option => option.value),
          )
      const shown = field.options.slice(0, 8).map(option => option.value)
      const rest = field.options.length > 8 ? `, and ${field.options.length - 8} more` : ''
      return [
        {
          index,
          code: 'cloud-value-not-listed',
          message: `${name} does not offer "${text.slice(0, 80)}"`,
          hint: `It offers: ${shown.join(', ')}${rest}.${near[0] ? ` Did you mean "${near[0]}"?` : ''}`,
          ...(near[0] !== undefined && near.length === 1 && { fix: { value: near[0] } }),
        },
      ]
    }
    case 'toggle': {
      if (/^(true|false)$/i.test(text) || typeof item.value === 'boolean' || /^[01]$/.test(text)) return []
      return [wrongType(index, name, text, 'true or false')]
    }
    case 'int':
    case 'seed': {
      if (!/^\s*[+-]?\d+\s*$/.test(text)) return [wrongType(index, name, text, 'a whole number')]
      return outOfBounds(index, name, field, BigInt(text.trim()))
    }
    case 'float': {
      const number = Number(text)
      if (text.trim() === '' || !Number.isFinite(number)) return [wrongType(index, name, text, 'a number')]
      return outOfBounds(index, name, field, number)
    }
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
    case 'lora': {
      if (text.trim() !== '') return []
      return [
        {
          index,
          code: 'cloud-value-empty',
          message: `${name} needs ${field.kind === 'image' ? 'a picture' : `a file (${field.kind})`}`,
          hint: 'Choose a file, or link an uploader to it.',
        },
      ]
    }
    case 'text':
      return []
  }
}

function wrongType(index: number, name: string, text: string, wanted: string): ItemProblem {
  return {
    index,
    code: 'cloud-value-type',
    message: `${name} takes ${wanted}, not "${text.slice(0, 80)}"`,
    hint: `Write ${wanted}.`,
  }
}

function outOfBounds(index: number, name: string, field: CloudField, value: number | bigint): ItemProblem[] {
  const { min, max } = field
  const low = min !== undefined && value < min
  const high = max !== undefined && value > max
  if (!low && !high) return []
  const bound = String(low ? min : max)
  return [
    {
      index,
      code: 'cloud-value-bounds',
      message: `${name} is ${value}; it goes from ${min ?? 'any'} to ${max ?? 'any'}`,
      hint: `Use ${bound}.`,
      fix: { value: bound },
    },
  ]
}
